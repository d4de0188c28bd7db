"""What a cart tells of prices and stock that moved under it."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import pytest

from feria_core.contracts.money import Money
from feria_core.money import MAX_AMOUNT


def usd(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "USD"}


@pytest.fixture
async def shopper(with_token):
    return await with_token()


async def put_in(shopper, variant: str, quantity: int = 1) -> dict:
    return (await shopper.post("/api/cart/items", {"variant_id": variant, "quantity": quantity})).json


@pytest.mark.parametrize(("now", "kind"), [(1500, "price_up"), (700, "price_down")])
async def test_a_changed_price_is_told_until_the_item_is_changed(shopper, catalog, now, kind):
    variant = catalog.put(price=1000)
    item = (await put_in(shopper, variant, 2))["items"][0]
    catalog.change(variant, price=now)
    for _ in range(2):
        cart = (await shopper.get("/api/cart")).json
        assert cart["changes"] == [
            {"kind": kind, "item_id": item["id"], "variant_id": variant, "was": usd(1000), "now": usd(now)}
        ]
        assert cart["total"] == usd(2 * now)
    accepted = await shopper.patch(f"/api/cart/items/{item['id']}", {"quantity": 2})
    assert accepted.json["changes"] == []


async def test_adding_more_of_it_accepts_the_new_price(shopper, catalog):
    variant = catalog.put(price=1000)
    await put_in(shopper, variant)
    catalog.change(variant, price=1500)
    assert (await put_in(shopper, variant))["changes"] == []


async def test_short_stock_is_told_and_the_quantity_stays(shopper, catalog):
    variant = catalog.put(available=5)
    item = (await put_in(shopper, variant, 5))["items"][0]
    for left in (2, 0):
        catalog.change(variant, available=left)
        cart = (await shopper.get("/api/cart")).json
        assert cart["changes"] == [
            {"kind": "quantity_cut", "item_id": item["id"], "variant_id": variant, "was": 5, "now": left}
        ]
        assert cart["items"][0]["quantity"] == 5
    catalog.change(variant, available=5)
    assert (await shopper.get("/api/cart")).json["changes"] == []


async def test_what_is_no_longer_sold_is_told_and_costs_nothing(shopper, catalog):
    kept, archived, deleted = catalog.put(price=1), catalog.put(), catalog.put()
    for variant in (kept, archived, deleted):
        cart = await put_in(shopper, variant, 3)
    catalog.change(archived, is_sold=False)
    del catalog.shelf[UUID(deleted)]
    after = (await shopper.get("/api/cart")).json
    assert [item["variant_id"] for item in after["items"]] == [kept]
    assert after["total"] == usd(3)
    assert after["changes"] == [
        {"kind": "removed", "item_id": cart["items"][1]["id"], "variant_id": archived, "was": 3, "now": 0},
        {"kind": "removed", "item_id": cart["items"][2]["id"], "variant_id": deleted, "was": 3, "now": 0},
    ]
    for change in after["changes"]:
        assert (await shopper.delete(f"/api/cart/items/{change['item_id']}")).status == 200
    assert (await shopper.get("/api/cart")).json["changes"] == []


async def test_a_price_that_leaves_the_range_of_money_takes_the_line_out_instead_of_failing(shopper, catalog):
    variant = catalog.put(price=1000, available=10_000)
    await put_in(shopper, variant, 9_999)
    catalog.change(variant, price=MAX_AMOUNT)
    cart = (await shopper.get("/api/cart")).json
    assert (cart["items"], cart["total"], cart["changes"][0]["kind"]) == ([], usd(0), "removed")


async def test_an_offer_in_another_currency_is_not_sold_here(shopper, catalog):
    variant = catalog.put()
    await put_in(shopper, variant)
    catalog.shelf[UUID(variant)] = replace(catalog.shelf[UUID(variant)], price=Money(1, "JPY"))
    assert (await shopper.get("/api/cart")).json["changes"][0]["kind"] == "removed"
    assert (await shopper.post("/api/cart/items", {"variant_id": variant, "quantity": 1})).status == 404
