"""A cart that is looked at again: the same answer while nothing has changed, the new one as soon as anything has."""

from __future__ import annotations

from uuid import UUID

import orjson
import pytest

from feria_cart import caller
from feria_cart.service import looking
from feria_core.contracts.money import Money
from feria_core.contracts.pricing import Adjustment


def off(amount: int):
    return lambda basket: Adjustment("spring", "Spring", {basket.lines[0].item_id: Money(amount, "USD")})


@pytest.fixture
async def shopper(with_token, catalog):
    found = await with_token()
    found.variant = catalog.put(price=1000, available=10)
    await found.post("/api/cart/items", {"variant_id": found.variant, "quantity": 2})
    return found


async def test_nothing_is_worked_out_again_while_nothing_has_changed(shopper, discounts, monkeypatch):
    discounts.adjustments = [off(100)]
    await shopper.get("/api/cart")  # notes the discount as seen
    first = await shopper.get("/api/cart")
    monkeypatch.setattr(looking, "priced", None)
    monkeypatch.setattr(caller, "cart_json", None)
    again = await shopper.get("/api/cart")
    assert (again.status, again.body) == (200, first.body)


async def test_whatever_a_cart_is_priced_from_is_looked_at_every_time(shopper, catalog, discounts, bounds):
    variant, seen = shopper.variant, []

    async def look():
        cart = (await shopper.get("/api/cart")).json
        seen.append(cart)
        return cart

    await look()
    catalog.change(variant, price=900)
    assert (await look())["subtotal"]["amount"] == 1800
    catalog.change(variant, available=1)
    assert (await look())["changes"][-1]["kind"] == "quantity_cut"
    catalog.change(variant, available=10, card=orjson.dumps({"name": "Ash table"}).decode())
    assert (await look())["items"][0]["product"]["name"] == "Ash table"
    discounts.adjustments = [off(100)]
    assert (await look())["total"]["amount"] == 1700
    discounts.adjustments = [off(250)]
    assert (await look())["total"]["amount"] == 1550
    bounds(minimum_order=5000)
    assert (await look())["minimum"]["missing"]["amount"] == 3200
    await shopper.delete(f"/api/cart/items/{seen[0]['items'][0]['id']}")
    assert (await look())["items"] == []
    catalog.shelf.pop(UUID(variant))
    assert (await look())["items"] == []


async def test_two_owners_of_the_same_things_see_their_own_carts(shopper, with_token, catalog):
    other = await with_token()
    await other.post("/api/cart/items", {"variant_id": shopper.variant, "quantity": 2})
    carts = [(await one.get("/api/cart")).json for one in (shopper, other, shopper, other)]
    assert carts[0] == carts[2] != carts[1] == carts[3]


async def test_a_token_far_longer_than_any_of_ours_is_answered_with_a_fresh_one(client, catalog):
    sent = "a" * 5000
    reply = await client.with_headers(cart_token=sent).get("/api/cart")
    assert reply.status == 200
    assert reply.headers["cart-token"] != sent
