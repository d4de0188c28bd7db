"""What checkout asks of the cart."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from feria_core import db
from feria_core.contracts.cart import CARTS, CartOwner
from feria_core.contracts.money import Money
from feria_core.errors import Conflict
from feria_core.ids import new_id
from feria_core.runtime import registry


@pytest.fixture
def carts(catalog):
    return registry().get(CARTS)


@pytest.fixture
async def filled(with_token, catalog):
    """A guest with two of one variant and something that is not sold any more."""
    guest = await with_token()
    sold, unsold = catalog.put(price=1000), catalog.put()
    for variant in (sold, unsold):
        reply = await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 2})
    catalog.change(unsold, is_sold=False)
    return guest, UUID(reply.json["id"]), UUID(sold)


async def test_a_snapshot_is_priced_now_and_leaves_out_what_is_not_sold(carts, filled, catalog):
    guest, cart_id, sold = filled
    catalog.change(str(sold), price=1500)
    snapshot = await carts.snapshot(CartOwner(cart_token=guest.headers["Cart-Token"]))
    assert (snapshot.id, snapshot.version, snapshot.currency) == (cart_id, 2, "USD")
    (line,) = snapshot.lines
    assert (line.variant_id, line.quantity, line.unit_price, line.total) == (
        sold,
        2,
        Money(1500, "USD"),
        Money(3000, "USD"),
    )
    assert (line.sku, line.name, line.options, line.weight_g) == ("OAK-160", "Oak table", {"size": "160"}, 21_000)
    assert snapshot.total == snapshot.subtotal == Money(3000, "USD")
    assert await carts.snapshot_by_id(cart_id) == snapshot


async def test_whoever_has_no_cart_has_no_snapshot(carts, customer):
    assert await carts.snapshot(CartOwner(customer_id=new_id())) is None
    assert await carts.snapshot(CartOwner(cart_token="made up")) is None
    assert await carts.snapshot(CartOwner()) is None
    assert await carts.snapshot_by_id(new_id()) is None


async def test_a_locked_cart_cannot_be_changed_until_the_transaction_ends(carts, filled):
    guest, cart_id, sold = filled
    async with db.transaction():
        before = await carts.snapshot_by_id(cart_id, lock=True)
        adding = asyncio.create_task(guest.post("/api/cart/items", {"variant_id": str(sold), "quantity": 1}))
        await asyncio.sleep(0.2)
        assert not adding.done()
        assert await carts.snapshot_by_id(cart_id) == before
    assert (await adding).status == 201
    assert (await carts.snapshot_by_id(cart_id)).lines[0].quantity == 3


async def test_a_lock_shows_what_was_added_while_it_was_waited_for(carts, filled):
    _, cart_id, _ = filled

    async def locked():
        async with db.transaction():
            return await carts.snapshot_by_id(cart_id, lock=True)

    async with db.transaction():
        await db.execute("SELECT id FROM cart_cart WHERE id = $1 FOR UPDATE", cart_id)
        waiting = asyncio.create_task(locked())
        await asyncio.sleep(0.2)
        await db.execute("UPDATE cart_item SET quantity = 9 WHERE cart_id = $1", cart_id)
    assert (await waiting).lines[0].quantity == 9


async def test_locking_needs_a_transaction(carts, filled):
    with pytest.raises(RuntimeError, match="transaction"):
        await carts.snapshot_by_id(filled[1], lock=True)
    with pytest.raises(RuntimeError, match="transaction"):
        await carts.consume(filled[1], order_number="F-7K3M-9QXP")


async def test_a_cart_becomes_one_order_and_its_owner_starts_with_an_empty_one(carts, filled):
    guest, cart_id, sold = filled

    async def consume(number: int):
        async with db.transaction():
            await carts.consume(cart_id, order_number=f"F-{number}")

    outcomes = await asyncio.gather(*(consume(n) for n in range(6)), return_exceptions=True)
    assert outcomes.count(None) == 1
    assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 5
    assert await carts.snapshot_by_id(cart_id) is None
    assert (await guest.get("/api/cart")).json["id"] is None
    reply = await guest.post("/api/cart/items", {"variant_id": str(sold), "quantity": 1})
    assert reply.json["id"] != str(cart_id)
    assert reply.headers["cart-token"] == guest.headers["Cart-Token"]


async def test_a_rolled_back_order_leaves_the_cart_open(carts, filled):
    guest, cart_id, _ = filled
    with pytest.raises(ZeroDivisionError):
        async with db.transaction():
            await carts.consume(cart_id, order_number="F-1")
            1 / 0  # noqa: B018
    assert (await guest.get("/api/cart")).json["id"] == str(cart_id)


async def test_something_added_while_the_order_is_made_goes_into_the_next_cart(carts, filled):
    guest, cart_id, sold = filled
    async with db.transaction():
        await carts.consume(cart_id, order_number="F-1")
        adding = asyncio.create_task(guest.post("/api/cart/items", {"variant_id": str(sold), "quantity": 1}))
        await asyncio.sleep(0.2)
    reply = await adding
    assert reply.status == 201
    assert reply.json["id"] != str(cart_id)
    assert [item["quantity"] for item in reply.json["items"]] == [1]
