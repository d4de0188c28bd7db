"""Many requests at the same instant, on real transactions."""

from __future__ import annotations

import asyncio

from feria_core import db


async def test_twenty_parallel_additions_give_twenty_on_one_line_of_one_cart(with_token, customer, catalog):
    for shopper in (await with_token(), customer):
        variant = catalog.put()
        body = {"variant_id": variant, "quantity": 1}
        replies = await asyncio.gather(*(shopper.post("/api/cart/items", body) for _ in range(20)))
        assert {reply.status for reply in replies} == {201}
        cart = (await shopper.get("/api/cart")).json
        assert [(item["variant_id"], item["quantity"]) for item in cart["items"]] == [(variant, 20)]
        assert cart["version"] == 20
    assert await db.fetch_value("SELECT count(*) FROM cart_cart") == 2


async def test_parallel_additions_never_pass_the_stock_that_was_shown(with_token, catalog):
    guest, variant = await with_token(), catalog.put(available=7)
    body = {"variant_id": variant, "quantity": 1}
    replies = await asyncio.gather(*(guest.post("/api/cart/items", body) for _ in range(20)))
    assert sorted(reply.status for reply in replies) == [201] * 7 + [409] * 13
    assert (await guest.get("/api/cart")).json["items"][0]["quantity"] == 7


async def test_different_items_changed_at_once_are_all_there(with_token, catalog):
    guest = await with_token()
    variants = [catalog.put() for _ in range(10)]
    calls = [guest.post("/api/cart/items", {"variant_id": variant, "quantity": 1}) for variant in variants]
    await asyncio.gather(*calls)
    items = (await guest.get("/api/cart")).json["items"]
    assert sorted(item["variant_id"] for item in items) == sorted(variants)
    kept, gone = items[:5], items[5:]
    replies = await asyncio.gather(
        *(guest.patch(f"/api/cart/items/{item['id']}", {"quantity": 3}) for item in kept),
        *(guest.delete(f"/api/cart/items/{item['id']}") for item in gone),
    )
    assert {reply.status for reply in replies} == {200}
    after = (await guest.get("/api/cart")).json
    assert [(item["id"], item["quantity"]) for item in after["items"]] == [(item["id"], 3) for item in kept]
    assert after["version"] == 20


async def test_an_item_is_removed_by_one_of_many(with_token, catalog):
    guest = await with_token()
    cart = (await guest.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 1})).json
    path = f"/api/cart/items/{cart['items'][0]['id']}"
    replies = await asyncio.gather(*(guest.delete(path) for _ in range(8)))
    assert sorted(reply.status for reply in replies) == [200] + [404] * 7
