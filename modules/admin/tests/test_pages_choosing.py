"""A variant among many is looked for and chosen, with what was typed kept, and no script."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest

from feria_core import db

NEW = "/admin/s/flash-sales/new"
FIELD = "items.0.variant_id"


@pytest.fixture
async def variants(client: Any) -> dict[str, str]:
    """A mug in two colours below more variants than a list shows; ids by SKU."""
    staff = client.as_staff("catalog.write")
    for name, skus in (
        ("Harbour mug", {"MUG-B": "blue", "MUG-R": "red"}),
        ("Print", {f"P-{n}": f"no {n}" for n in range(101)}),
    ):
        sold = [
            {"sku": sku, "price": {"amount": 900, "currency": "USD"}, "stock": 1, "options": {"kind": kind}}
            for sku, kind in skus.items()
        ]
        made = await staff.post("/api/admin/products", {"name": name, "status": "published", "variants": sold})
        assert made.status == 201, made.body
    return {row["sku"]: str(row["id"]) for row in await db.fetch_all("SELECT sku, id FROM catalog_variant")}


def options(page: str, name: str = FIELD) -> list[tuple[str, bool, str]]:
    select = re.search(rf'<select [^>]*name="{re.escape(name)}".*?</select>', page, re.DOTALL)
    assert select is not None
    found = re.findall(r'<option value="([^"]+)"( selected)?>([^<]*)<', select[0])
    return [(value, bool(chosen), label) for value, chosen, label in found]


async def test_any_variant_is_found_by_its_options_and_put_into_a_sale(
    staff_browser: Any, variants: dict[str, str]
) -> None:
    browser = await staff_browser()
    first = await browser.get(NEW)
    assert variants["MUG-B"] not in [value for value, _, _ in options(first.text)]
    kept = {"csrf": first.hidden("csrf"), "key": first.hidden("key"), "items.rows": "3", "name": "Market day"}
    found = await browser.send(NEW, {**kept, f"{FIELD}.find": "mug blu", "more": "find"})
    assert found.status == 200, found.text
    assert options(found.text)[0] == (variants["MUG-B"], False, "Harbour mug, blue (MUG-B)")
    assert f"{len(options(found.text))} found: choose one" in found.text
    assert 'value="Market day"' in found.text
    by_sku = await browser.send(NEW, {**kept, "items.1.variant_id.find": "P-77"})
    assert options(by_sku.text, "items.1.variant_id")[0][0] == variants["P-77"]
    more = {**kept, f"{FIELD}.find": "mug", FIELD: variants["MUG-R"], "more": "items"}
    assert (variants["MUG-R"], True, "Harbour mug, red (MUG-R)") in options((await browser.send(NEW, more)).text)
    nothing = await browser.send(NEW, {**kept, f"{FIELD}.find": uuid4().hex})
    assert "Nothing matches: try other words." in nothing.text
    sale = {
        **kept, f"{FIELD}.find": "mug", FIELD: variants["MUG-R"], "items.0.price": "1.00", "items.0.cap": "5",
        "starts_at": "2031-01-01T10:00", "ends_at": "2031-01-02T10:00", "active": "true",
    }  # fmt: skip
    made = await browser.send(NEW, sale)
    assert made.status == 303, made.text


async def test_a_form_is_not_sent_before_what_is_looked_for_is_chosen(
    staff_browser: Any, variants: dict[str, str]
) -> None:
    browser = await staff_browser()
    page = await browser.get("/admin/s/draft-orders/new")
    sent = {"csrf": page.hidden("csrf"), "key": page.hidden("key"), "lines.rows": "3", "email": "ana@example.org"}
    asked = await browser.send("/admin/s/draft-orders/new", {**sent, "lines.0.variant_id.find": "MUG-R"})
    assert asked.status == 200
    assert 'role="alert"' not in asked.text
    assert options(asked.text, "lines.0.variant_id")[0][0] == variants["MUG-R"]
    assert await db.fetch_value("SELECT count(*) FROM checkout_checkout") == 0
