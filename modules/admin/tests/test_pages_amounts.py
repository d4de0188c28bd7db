"""Zones of tax and of shipping on the pages: rates as rows, prices in the shop's currency, nothing lost by a change."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest
from pydantic import BaseModel, Field

from feria_admin.pages.explaining import explain
from feria_admin.pages.fields import fields_of
from feria_admin.pages.forms import Form, body_of, filled_in
from feria_checkout.admin_schemas import ShippingZoneBody, TaxZoneBody

TAX, SHIPPING = "/api/admin/tax/zones", "/api/admin/shipping/zones"
RATES = {"standard": {"name": "IVA", "rate": "0.13"}, "food": {"name": "IVA reducido", "rate": "0.0125"}}


def form_of(model: type[BaseModel], thing: dict[str, Any] | None = None, currency: str = "USD") -> Form:
    return filled_in(fields_of(model), thing, currency=currency)


def sent_of(shown: str) -> dict[str, str]:
    """Return what a browser sends of a form that nobody has touched."""
    inputs = re.findall(r'<input type="(?:text|hidden)"[^>]*? name="([^"]*)"[^>]*? value="([^"]*)"', shown)
    areas = re.findall(r'<textarea [^>]*?name="([^"]*)"[^>]*>\n(.*?)</textarea>', shown, re.DOTALL)
    chosen = re.findall(r'<select [^>]*?name="([^"]*)".*?</select>', shown, re.DOTALL)
    options = {
        name: (re.findall(rf'name="{re.escape(name)}".*?<option value="([^"]*)" selected', shown, re.DOTALL) or [""])[0]
        for name in chosen
    }
    return {name: unescape(value) for name, value in [*inputs, *areas, *options.items()]}


def test_rates_are_rows_of_class_name_and_percent() -> None:
    form = form_of(TaxZoneBody, {"name": "CR", "countries": ["CR"], "rates": RATES})
    assert [form.values[f"rates.1.{part}"] for part in ("key", "name", "rate")] == ["food", "IVA reducido", "1.25"]
    typed = {**form.values, "rates.0.rate": "13,5 %", "rates.2.key": "books", "rates.2.name": "x", "rates.2.rate": "0"}
    rates = body_of(form, typed, is_change=False, locale="en")["rates"]
    assert rates == {
        "standard": {"name": "IVA", "rate": "0.135"},
        "food": RATES["food"],
        "books": {"name": "x", "rate": "0"},
    }
    assert form.errors == {}


@pytest.mark.parametrize(("key", "told"), [("standard", "another row"), ("", "Give a code")])
def test_a_row_without_a_class_or_with_one_that_stands_is_told_of(key: str, told: str) -> None:
    form = form_of(TaxZoneBody, {"name": "CR", "countries": ["CR"], "rates": RATES})
    body_of(form, {**form.values, "rates.1.key": key}, is_change=False, locale="en")
    assert told in form.errors["rates.1.key"]


def test_what_the_api_says_of_a_rate_stands_in_its_row() -> None:
    form = form_of(TaxZoneBody, {"name": "CR", "countries": ["CR"], "rates": RATES})
    body_of(form, {**form.values, "rates.1.key": "FOOD"}, is_change=False, locale="en")
    errors = [
        {"loc": ["body", "rates", "FOOD", "[key]"], "message": "small letters"},
        {"loc": ["body", "rates", "standard", "rate"], "message": "too high"},
    ]
    explain(form, {"title": "Invalid", "errors": errors})
    assert form.errors == {"rates.1.key": "small letters", "rates.0.rate": "too high"}


@pytest.mark.parametrize(
    ("currency", "typed", "amount"), [("USD", "5.9", 590), ("JPY", "590", 590), ("KWD", "0.590", 590)]
)
def test_prices_are_typed_in_the_shops_currency_and_sent_in_minor_units(
    currency: str, typed: str, amount: int
) -> None:  # fmt: skip
    method = {"code": "a", "label": "A", "kind": "total", "amount": 0, "free_over": 590, "min_days": 1, "max_days": 2,
              "tiers": [{"up_to": 590, "amount": 590}, {"up_to": None, "amount": 0}]}  # fmt: skip
    form = form_of(ShippingZoneBody, {"name": "x", "countries": ["CR"], "methods": [method]}, currency)
    shown = form.values["methods.0.free_over"]
    assert form.values["methods.0.tiers"].split("\n")[0] == f"{shown}: {shown}"
    sent = {**form.values, "methods.0.amount": typed, "methods.0.free_over": typed}
    made = body_of(form, sent, is_change=False, locale="en")["methods"][0]
    assert form.errors == {}
    assert (made["amount"], made["free_over"], made["tiers"]) == (amount, 590, method["tiers"])
    assert all(type(made[name]) is int for name in ("amount", "free_over"))
    wrong = {**sent, "methods.0.amount": "5.9999", "methods.0.tiers": "1000"}
    body_of(form, wrong, is_change=False, locale="es")
    assert list(form.errors) == ["methods.0.amount", "methods.0.tiers"]


def test_bounds_by_weight_are_grams() -> None:
    form = form_of(ShippingZoneBody)
    sent = {**form.values, "methods.0.kind": "weight", "methods.0.code": "a", "methods.0.tiers": "1000: 5.00\r\n: 12"}
    made = body_of(form, sent, is_change=False, locale="en")["methods"][0]
    assert made["tiers"] == [{"up_to": 1000, "amount": 500}, {"up_to": None, "amount": 1200}]


def test_what_nests_deeper_is_json_still() -> None:
    class Deep(BaseModel):
        names: list[dict[str, list[int]]] = []
        lists: dict[str, dict[str, dict[str, int]]] = Field(default_factory=dict)

    assert [each.kind for each in fields_of(Deep)] == ["json", "json"]


async def test_a_change_of_a_zone_loses_nothing(staff_browser: Any, client: Any) -> None:
    zone = {"name": "Costa Rica", "countries": ["CR"], "regions": ["SJ"], "postcodes": ["101*"], "rates": RATES,
            "is_included": True, "is_on_shipping": False, "rounding": "line"}  # fmt: skip
    staff = client.as_staff("tax.write")
    assert (await staff.put(f"{TAX}/cr-sj", zone)).status == 200
    browser = await staff_browser()
    page = await browser.get("/admin/s/tax-zones/i/cr-sj")
    assert "1.25 %" in page.text
    form = await browser.get("/admin/s/tax-zones/i/cr-sj/edit")
    assert "Tax class" in form.text
    assert "(%)" in form.text
    answer = await browser.send("/admin/s/tax-zones/i/cr-sj/edit", {**sent_of(form.text), "name": "San José"})
    assert answer.status == 303, answer.text
    assert (await staff.get(TAX)).json["items"] == [{**zone, "name": "San José", "code": "cr-sj"}]


async def test_a_shipping_zone_is_made_with_prices_and_shown_with_them(staff_browser: Any, client: Any) -> None:
    browser = await staff_browser()
    values = {
        "code": "cr", "name": "Costa Rica", "countries": "CR", "methods.0.code": "post", "methods.0.label": "Post",
        "methods.0.kind": "flat", "methods.0.amount": "5.90", "methods.0.free_over": "100", "methods.0.min_days": "1",
        "methods.0.max_days": "3",
    }  # fmt: skip
    made = await browser.submit("/admin/s/shipping-zones/new", **values)
    assert made.status == 303, made.text
    method = (await client.as_staff("shipping.write").get(SHIPPING)).json["items"][0]["methods"][0]
    assert (method["amount"], method["free_over"]) == (590, 10_000)
    page = (await browser.get("/admin/s/shipping-zones/i/cr")).text
    assert "$5.90" in page
    assert "$100.00" in page
    assert "Post" in (await browser.get("/admin/s/shipping-zones")).text
