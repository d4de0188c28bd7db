"""Prices of customer groups, what is announced, and stock that the shopper's own checkout holds."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import orjson

from feria_core import db
from feria_core.contracts.cart import CARTS, CartItemAdded
from feria_core.ids import new_id, token_hash
from feria_core.module import Subscription
from feria_core.runtime import current, registry


async def put_in(shopper, variant: str, quantity: int = 1):
    return await shopper.post("/api/cart/items", {"variant_id": variant, "quantity": quantity})


async def test_a_customers_group_is_asked_for_at_every_price_and_a_guest_has_none(
    customer, with_token, catalog, people, discounts
):
    people.group = "trade"
    seen = []
    discounts.adjustments = [lambda basket: seen.append(basket.customer_group) or _nothing()]
    variant = catalog.put()
    item = (await put_in(customer, variant)).json["items"][0]["id"]
    await customer.patch(f"/api/cart/items/{item}", {"quantity": 2})
    cart = UUID((await customer.get("/api/cart")).json["id"])
    await registry().get(CARTS).snapshot_by_id(cart)
    assert set(catalog.groups) == {"trade"}
    assert set(seen) == {"trade"}
    catalog.groups.clear()
    seen.clear()
    await put_in(await with_token(), variant)
    assert (set(catalog.groups), set(seen)) == ({None}, {None})


def _nothing():
    from feria_core.contracts.pricing import Adjustment

    return Adjustment("p", "p", {})


async def test_pieces_that_are_added_are_announced_with_the_tokens_hash_alone(
    with_token, customer, catalog, monkeypatch
):
    heard = Subscription(CartItemAdded, "feria_cart.handlers:product_changed")
    monkeypatch.setitem(current().subscriptions, CartItemAdded.name, [("cart", heard)])
    guest, variant = await with_token(), catalog.put()
    cart = (await put_in(guest, variant, 2)).json
    path = f"/api/cart/items/{cart['items'][0]['id']}"
    await guest.patch(path, {"quantity": 5})
    await guest.patch(path, {"quantity": 1})
    await put_in(customer, variant)
    rows = await db.fetch_all(
        "SELECT payload::text AS payload FROM core_outbox WHERE name = 'cart.item_added' ORDER BY id"
    )
    told = [orjson.loads(row["payload"]) for row in rows]
    token = guest.headers["Cart-Token"]
    assert [(one["guest"], one["quantity"]) for one in told] == [
        (token_hash(token).hex(), 2), (token_hash(token).hex(), 3), (None, 1),
    ]  # fmt: skip
    assert (told[0]["variant_id"], told[0]["cart_id"]) == (variant, cart["id"])
    assert told[2]["customer_id"] == customer.headers["Authorization"].rpartition(".")[2]
    assert token not in rows[0]["payload"]


async def test_a_shopper_whose_own_checkout_holds_the_last_pieces_is_not_told_of_a_shortage(with_token, catalog):
    guest, variant, checkout = await with_token(), catalog.put(available=5), new_id()
    cart = (await put_in(guest, variant, 5)).json
    async with db.transaction():
        await registry().get(CARTS).snapshot_by_id(UUID(cart["id"]), lock=True, holder=checkout)
    known = UUID(variant)
    catalog.shelf[known] = replace(catalog.shelf[known], available=0)
    assert [one["kind"] for one in (await guest.get("/api/cart")).json["changes"]] == ["quantity_cut"]
    catalog.held[checkout, known] = 5
    assert (await guest.get("/api/cart")).json["changes"] == []
    path = f"/api/cart/items/{cart['items'][0]['id']}"
    assert (await guest.patch(path, {"quantity": 4})).status == 200
    assert (await put_in(guest, variant, 1)).status == 201
    assert (await put_in(guest, variant, 1)).code == "out_of_stock"
