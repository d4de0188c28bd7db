"""Changes are told until they are acknowledged; then the cart is what it can be."""

from __future__ import annotations

from feria_core.contracts.money import Money
from feria_core.contracts.pricing import Adjustment


def usd(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "USD"}


async def test_everything_that_was_told_is_accepted_at_once(with_token, catalog):
    guest = await with_token()
    dearer, short, out, gone = (catalog.put(price=1000, available=9) for _ in range(4))
    for variant in (dearer, short, out, gone):
        await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 3})
    catalog.change(dearer, price=1500)
    catalog.change(short, available=2, price=900)
    catalog.change(out, available=0)
    catalog.change(gone, is_sold=False)
    told = (await guest.get("/api/cart")).json["changes"]
    assert [one["kind"] for one in told] == ["price_up", "price_down", "quantity_cut", "quantity_cut", "removed"]
    reply = await guest.post("/api/cart/acknowledge")
    assert (reply.status, reply.json["acknowledged"], reply.json["changes"]) == (200, told, [])
    left = {item["variant_id"]: (item["quantity"], item["unit_price"]) for item in reply.json["items"]}
    assert left == {dearer: (3, usd(1500)), short: (2, usd(900))}
    saved = (await guest.get("/api/cart/saved")).json["items"]
    assert [(item["variant_id"], item["quantity"], item["in_stock"]) for item in saved] == [(out, 3, False)]
    again = await guest.post("/api/cart/acknowledge")
    assert (again.json["acknowledged"], again.json["items"]) == ([], reply.json["items"])
    assert "acknowledged" not in (await guest.get("/api/cart")).json


async def test_a_discount_that_is_gone_is_forgotten(with_token, catalog, discounts):
    guest = await with_token()
    discounts.adjustments = [
        lambda basket: Adjustment("p", "Autumn", {line.item_id: Money(100, "USD") for line in basket.lines})
    ]
    await guest.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 1})
    discounts.adjustments = []
    assert [one["kind"] for one in (await guest.get("/api/cart")).json["changes"]] == ["promotion_gone"]
    assert [one["label"] for one in (await guest.post("/api/cart/acknowledge")).json["acknowledged"]] == ["Autumn"]
    assert (await guest.get("/api/cart")).json["changes"] == []


async def test_without_a_cart_there_is_nothing_to_acknowledge(guest):
    reply = await guest.post("/api/cart/acknowledge")
    assert (reply.status, reply.json["id"], reply.json["acknowledged"]) == (200, None, [])
