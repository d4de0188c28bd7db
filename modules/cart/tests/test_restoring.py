"""Links that open a cart on another device."""

from __future__ import annotations

import asyncio

from feria_core import db
from feria_core.ids import new_id
from feria_core.runtime import core_settings


async def put_in(shopper, variant: str, quantity: int = 1) -> None:
    await shopper.post("/api/cart/items", {"variant_id": variant, "quantity": quantity})


async def link(shopper) -> str:
    return (await shopper.post("/api/cart/restore-link")).json["token"]


async def restore(shopper, token: str):
    return await shopper.post("/api/cart/restore", {"token": token})


def quantities(reply) -> dict[str, int]:
    return {item["variant_id"]: item["quantity"] for item in reply.json["items"]}


async def test_a_link_opens_the_cart_on_another_device_and_again_adds_nothing(with_token, catalog, discounts):
    guest, elsewhere = await with_token(), await with_token()
    discounts.codes = {"A": "A"}
    one, both = catalog.put(), catalog.put()
    await put_in(guest, one, 2)
    await put_in(guest, both, 1)
    await guest.post("/api/cart/codes", {"code": "A"})
    await put_in(elsewhere, both, 5)
    made = await guest.post("/api/cart/restore-link")
    assert (made.status, made.json["url"]) == (
        201, f"{core_settings().public_url}/cart/restore?token={made.json['token']}",
    )  # fmt: skip
    for _ in range(3):
        reply = await restore(elsewhere, made.json["token"])
        assert (reply.status, quantities(reply), reply.json["codes"]) == (200, {one: 2, both: 5}, ["A"])
    assert quantities(await guest.get("/api/cart")) == {one: 2, both: 1}
    assert quantities(await restore(guest, made.json["token"])) == {one: 2, both: 1}


async def test_a_copy_that_comes_home_at_sign_in_is_not_counted_twice(with_token, customer, catalog):
    variant, elsewhere = catalog.put(), await with_token()
    await put_in(customer, variant, 2)
    await restore(elsewhere, await link(customer))
    await customer.post("/api/cart/merge", headers={"Cart-Token": elsewhere.headers["Cart-Token"]})
    assert quantities(await customer.get("/api/cart")) == {variant: 2}


async def test_twins_of_a_link_make_one_copy(with_token, catalog):
    guest, elsewhere, variant = await with_token(), await with_token(), catalog.put()
    await put_in(guest, variant, 2)
    token = await link(guest)
    replies = await asyncio.gather(*(restore(elsewhere, token) for _ in range(10)))
    assert {reply.status for reply in replies} == {200}
    assert quantities(await elsewhere.get("/api/cart")) == {variant: 2}


async def test_a_link_ends_and_a_made_up_one_opens_nothing(with_token, catalog, clock):
    guest, elsewhere = await with_token(), await with_token()
    await put_in(guest, catalog.put())
    token = await link(guest)
    cart, until, signature = token.split(".")
    others = (f"{new_id()}.{until}.{signature}", f"{cart}.{int(until) + 1}.{signature}")
    for wrong in (*others, token[:-1], "x", "..", "é.1.x", f"{cart}.{until}.é"):
        assert (await restore(elsewhere, wrong)).code == "not_found", wrong
    clock.move(days=14, seconds=-1)
    assert (await restore(elsewhere, token)).status == 200
    clock.move(seconds=2)
    reply = await restore(elsewhere, token)
    assert (reply.status, reply.code) == (410, "restore_link_expired")


async def test_an_empty_cart_has_no_link_and_one_that_is_gone_opens_nothing(with_token, catalog):
    guest, elsewhere = await with_token(), await with_token()
    assert (await guest.post("/api/cart/restore-link")).code == "cart_empty"
    await put_in(guest, catalog.put())
    token = await link(guest)
    await db.execute("DELETE FROM cart_cart")
    assert (await restore(elsewhere, token)).status == 404
