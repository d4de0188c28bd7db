"""Items that are put aside for later."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from feria_cart.saved import service as saved_service
from feria_core import db
from feria_core.contracts.cart import CARTS, CartOwner
from feria_core.runtime import registry


def usd(amount: int) -> dict[str, object]:
    return {"amount": amount, "currency": "USD"}


async def put_in(shopper, variant: str, quantity: int = 1) -> str:
    cart = (await shopper.post("/api/cart/items", {"variant_id": variant, "quantity": quantity})).json
    return next(item["id"] for item in cart["items"] if item["variant_id"] == variant)


async def saved(shopper) -> list[dict]:
    return (await shopper.get("/api/cart/saved")).json["items"]


async def save(shopper, item: str):
    return await shopper.post(f"/api/cart/items/{item}/save-for-later")


async def back(shopper, item: str):
    return await shopper.post(f"/api/cart/saved/{item}/move-to-cart")


@pytest.fixture(params=["guest", "customer"])
async def shopper(request, with_token, customer):
    return customer if request.param == "customer" else await with_token()


async def test_an_item_moves_out_of_the_cart_and_back_at_its_present_price(shopper, catalog):
    variant, other = catalog.put(price=1000), catalog.put()
    item = await put_in(shopper, variant, 3)
    await put_in(shopper, other)
    moved = await save(shopper, item)
    assert (moved.status, [one["variant_id"] for one in moved.json["items"]]) == (200, [other])
    catalog.change(variant, price=1200)
    (one,) = await saved(shopper)
    assert (one["quantity"], one["unit_price"], one["price_when_saved"], one["in_stock"]) == (
        3, usd(1200), usd(1000), True,
    )  # fmt: skip
    returned = await back(shopper, one["id"])
    assert (returned.status, await saved(shopper)) == (200, [])
    assert {i["variant_id"]: i["quantity"] for i in returned.json["items"]} == {variant: 3, other: 1}
    assert returned.json["changes"] == []


async def test_what_cannot_go_into_the_cart_stays_saved(shopper, catalog):
    variant = catalog.put(available=3)
    await save(shopper, await put_in(shopper, variant, 3))
    catalog.change(variant, available=2)
    (one,) = await saved(shopper)
    assert (await back(shopper, one["id"])).code == "out_of_stock"
    catalog.change(variant, is_sold=False)
    assert (await back(shopper, one["id"])).code == "variant_unknown"
    (one,) = await saved(shopper)
    assert (one["product"], one["unit_price"], one["in_stock"]) == (None, None, False)
    assert (await shopper.delete(f"/api/cart/saved/{one['id']}")).status == 204
    assert (await shopper.delete(f"/api/cart/saved/{one['id']}")).status == 404


async def test_twins_move_an_item_once(shopper, catalog):
    item = await put_in(shopper, catalog.put(), 2)
    replies = await asyncio.gather(*(save(shopper, item) for _ in range(8)))
    assert sorted(reply.status for reply in replies) == [200] + [404] * 7
    (one,) = await saved(shopper)
    assert one["quantity"] == 2
    replies = await asyncio.gather(*(back(shopper, one["id"]) for _ in range(8)))
    assert sorted(reply.status for reply in replies) == [200] + [404] * 7
    assert [i["quantity"] for i in (await shopper.get("/api/cart")).json["items"]] == [2]


async def test_saved_items_survive_an_order_and_are_nobody_elses(shopper, other_customer, catalog):
    variant = catalog.put()
    await save(shopper, await put_in(shopper, variant))
    await put_in(shopper, variant)
    cart_id = UUID((await shopper.get("/api/cart")).json["id"])
    async with db.transaction():
        await registry().get(CARTS).consume(cart_id, order_number="F-1")
    (one,) = await saved(shopper)
    assert await saved(other_customer) == []
    assert (await back(other_customer, one["id"])).status == 404
    assert (await other_customer.delete(f"/api/cart/saved/{one['id']}")).status == 404
    assert (await back(shopper, "nonsense")).status == 404


async def test_what_a_guest_saved_is_the_customers_after_signing_in(with_token, customer, catalog):
    guest = await with_token()
    both, new = catalog.put(), catalog.put()
    await save(customer, await put_in(customer, both, 2))
    for variant in (both, new):
        await save(guest, await put_in(guest, variant, 3))
    for _ in range(2):
        await customer.post("/api/cart/merge", headers={"Cart-Token": guest.headers["Cart-Token"]})
    assert {one["variant_id"]: one["quantity"] for one in await saved(customer)} == {both: 2, new: 3}
    assert await saved(guest) == []


async def test_there_is_a_bound_and_a_refused_item_stays_in_the_cart(shopper, catalog, bounds):
    bounds(max_saved=1)
    await save(shopper, await put_in(shopper, catalog.put()))
    variant = catalog.put()
    reply = await save(shopper, await put_in(shopper, variant))
    assert (reply.status, reply.code) == (409, "too_many_saved")
    assert [i["variant_id"] for i in (await shopper.get("/api/cart")).json["items"]] == [variant]


async def test_what_guests_forgot_expires_and_what_customers_saved_stays(with_token, customer, catalog, clock):
    guest = await with_token()
    for person in (guest, customer):
        await save(person, await put_in(person, catalog.put()))
    clock.at += timedelta(days=91)
    assert await saved_service.delete_expired() == 1
    assert (len(await saved(guest)), len(await saved(customer))) == (0, 1)


async def test_a_long_list_comes_in_pages(with_token, catalog):
    guest = await with_token()
    variants = [catalog.put() for _ in range(5)]
    for variant in variants:
        await save(guest, await put_in(guest, variant))
    found, path = [], "/api/cart/saved?limit=2"
    while path:
        page = (await guest.get(path)).json
        found += [one["variant_id"] for one in page["items"]]
        path = page["next_cursor"] and f"/api/cart/saved?limit=2&cursor={page['next_cursor']}"
    assert found == variants[::-1]
    assert (await guest.get("/api/cart/saved?cursor=nonsense")).status == 400


async def test_the_port_knows_nothing_of_saved_items(shopper, catalog):
    await save(shopper, await put_in(shopper, catalog.put()))
    found = await registry().get(CARTS).snapshot(CartOwner(cart_token=shopper.headers.get("Cart-Token", "x")))
    assert found is None or found.lines == ()
