"""Holding, selling and giving back stock, by many buyers at once."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

import pytest

from feria_catalog import checks
from feria_catalog.errors import HoldMissing
from feria_catalog.stock.sweep import release_expired
from feria_core import clock as time
from feria_core import db
from feria_core.contracts.catalog import OutOfStock, StockLine
from feria_core.ids import new_id
from feria_core.testing.work import run_jobs


def later(**duration):
    return time.now() + timedelta(**(duration or {"minutes": 15}))


async def hold(catalog, holder, *lines, until=None):
    async with db.transaction():
        await catalog.hold(holder, [StockLine(*line) for line in lines], until=until or later())


async def available(catalog, variant_id):
    return (await catalog.offers([variant_id]))[variant_id].available


async def assert_books_agree():
    assert await checks.stock_ledger() == []
    assert await checks.stock_holds() == []
    assert await checks.documents() == []


async def test_two_hundred_buyers_get_exactly_the_fifty_units(catalog, stocked):
    (variant,) = await stocked(50)

    async def buy(holder):
        try:
            await db.in_new_transaction(lambda: catalog.hold(holder, [StockLine(variant, 1)], until=later()))
        except OutOfStock:
            return False
        async with db.transaction():
            await catalog.sell_held(holder, reference="F-TEST")
        return True

    bought = await asyncio.gather(*(buy(new_id()) for _ in range(200)))
    assert sum(bought) == 50
    assert await db.fetch_value("SELECT on_hand FROM catalog_stock WHERE variant_id = $1", variant) == 0
    assert await db.fetch_value("SELECT count(*) FROM catalog_stock_movement WHERE reason = 'sale'") == 50
    await assert_books_agree()


async def test_carts_of_five_lines_over_eight_skus_never_deadlock(catalog, stocked):
    variants = await stocked(*([100_000] * 8))
    chance = random.Random(7)

    async def buy():
        lines = [(variant, chance.randint(1, 3)) for variant in chance.sample(variants, 5)]
        holder = new_id()
        await hold(catalog, holder, *lines)
        async with db.transaction():
            if chance.random() < 0.5:
                await catalog.sell_held(holder, reference="F-TEST")
            else:
                await catalog.release_hold(holder)

    await asyncio.gather(*(buy() for _ in range(500)))
    await assert_books_agree()


async def test_carts_that_sell_products_out_never_deadlock(catalog, stocked):
    variants = await stocked(*([40] * 8))
    chance = random.Random(11)

    async def buy():
        holder = new_id()
        try:
            await hold(catalog, holder, *((variant, 3) for variant in chance.sample(variants, 5)))
        except OutOfStock:
            return
        async with db.transaction():
            if chance.random() < 0.5:
                await catalog.release_hold(holder)
            else:
                await catalog.sell_held(holder, reference="F-TEST")

    await asyncio.gather(*(buy() for _ in range(200)))
    await assert_books_agree()


async def test_a_short_line_holds_nothing_and_every_short_line_is_named(catalog, stocked):
    plenty, few, none = await stocked(10, 2, 0)
    with pytest.raises(OutOfStock) as refused:
        await hold(catalog, new_id(), (plenty, 1), (few, 3), (none, 1))
    assert {(s.variant_id, s.available) for s in refused.value.shortages} == {(few, 2), (none, 0)}
    assert await available(catalog, plenty) == 10


async def test_a_refusal_that_the_caller_survives_changed_nothing(catalog, stocked):
    plenty, few = await stocked(10, 2)
    holder = new_id()
    await hold(catalog, holder, (plenty, 4))
    async with db.transaction():
        with pytest.raises(OutOfStock):
            await catalog.hold(holder, [StockLine(plenty, 1), StockLine(few, 3)], until=later())
    assert await available(catalog, plenty) == 6
    await assert_books_agree()


async def test_lines_of_the_same_variant_are_summed(catalog, stocked):
    (variant,) = await stocked(5)
    with pytest.raises(OutOfStock):
        await hold(catalog, new_id(), (variant, 3), (variant, 3))
    await hold(catalog, new_id(), (variant, 3), (variant, 2))
    assert await available(catalog, variant) == 0


async def test_holding_again_replaces_the_earlier_hold(catalog, stocked):
    first, second = await stocked(5, 5)
    holder = new_id()
    await hold(catalog, holder, (first, 5))
    await hold(catalog, holder, (first, 4), (second, 1))
    assert (await available(catalog, first), await available(catalog, second)) == (1, 4)
    await hold(catalog, holder, (second, 5))
    assert (await available(catalog, first), await available(catalog, second)) == (5, 0)
    await assert_books_agree()


async def test_an_expired_hold_does_not_stand_in_the_way_and_goes_as_a_whole(catalog, stocked, clock):
    wanted, other = await stocked(1, 1)
    sleeper = new_id()
    await hold(catalog, sleeper, (wanted, 1), (other, 1), until=later(minutes=15))
    clock.move(minutes=16)
    assert await available(catalog, wanted) == 1
    await hold(catalog, new_id(), (wanted, 1))
    async with db.transaction():
        assert await catalog.extend_hold(sleeper, until=later()) is False
    assert await available(catalog, other) == 1
    await assert_books_agree()


async def test_only_whole_expired_holds_are_freed_where_they_overlap(catalog, stocked, clock):
    a, b, c = await stocked(1, 2, 1)
    await hold(catalog, new_id(), (a, 1), (b, 1))
    overlapping = new_id()
    await hold(catalog, overlapping, (b, 1), (c, 1))
    clock.move(minutes=16)
    await hold(catalog, new_id(), (a, 1))
    held = await db.fetch_all("SELECT quantity FROM catalog_stock_hold WHERE holder = $1", overlapping)
    assert len(held) == 2
    async with db.transaction():
        assert await catalog.extend_hold(overlapping, until=later())
        await catalog.sell_held(overlapping, reference="F-TEST")
    await assert_books_agree()


async def test_the_scheduled_job_gives_expired_holds_back(catalog, stocked, clock):
    (variant,) = await stocked(3)
    await hold(catalog, new_id(), (variant, 3))
    clock.move(minutes=16)
    from feria_core.jobs import enqueue

    async with db.transaction():
        await enqueue("catalog.release_expired_holds")
    assert "done" in await run_jobs()
    assert await db.fetch_value("SELECT reserved FROM catalog_stock WHERE variant_id = $1", variant) == 0
    await assert_books_agree()


async def test_the_sweep_leaves_rows_that_a_buyer_has_locked(catalog, stocked, clock):
    (variant,) = await stocked(3)
    await hold(catalog, new_id(), (variant, 3))
    clock.move(minutes=16)
    locked, go_on = asyncio.Event(), asyncio.Event()

    async def buyer():
        async with db.transaction():
            await db.fetch_all("SELECT * FROM catalog_stock WHERE variant_id = $1 FOR UPDATE", variant)
            locked.set()
            await go_on.wait()

    task = asyncio.create_task(buyer())
    await locked.wait()
    assert await asyncio.wait_for(release_expired(), 3) == 0
    go_on.set()
    await task
    assert await release_expired() == 1


async def test_selling_without_a_hold_is_refused(catalog, stocked):
    (variant,) = await stocked(3)
    holder = new_id()
    await hold(catalog, holder, (variant, 2))
    async with db.transaction():
        await catalog.sell_held(holder, reference="F-TEST")
    with pytest.raises(HoldMissing):
        async with db.transaction():
            await catalog.sell_held(holder, reference="F-TEST")
    assert await available(catalog, variant) == 1


async def test_a_cancelled_order_comes_back_with_a_movement(catalog, stocked):
    (variant,) = await stocked(1)
    holder = new_id()
    await hold(catalog, holder, (variant, 1))
    async with db.transaction():
        await catalog.sell_held(holder, reference="F-1")
    async with db.transaction():
        await catalog.return_stock([StockLine(variant, 1)], reason="cancelled", reference="F-1")
    assert await available(catalog, variant) == 1
    row = await db.fetch_one("SELECT change, reference FROM catalog_stock_movement WHERE reason = 'cancelled'")
    assert (row["change"], row["reference"]) == (1, "F-1")
    await assert_books_agree()


async def test_releasing_twice_gives_back_once(catalog, stocked):
    (variant,) = await stocked(4)
    holder = new_id()
    await hold(catalog, holder, (variant, 4))
    for _ in range(2):
        async with db.transaction():
            await catalog.release_hold(holder)
    assert await available(catalog, variant) == 4


async def test_offers_tell_drafts_apart(catalog, make_product):
    product = await make_product("Draft", status="draft", stock=2)
    variant_id = await db.fetch_value("SELECT id FROM catalog_variant WHERE sku = $1", product["sku"])
    offer = (await catalog.offers([variant_id, new_id()]))[variant_id]
    assert (offer.is_sold, offer.available, offer.price.amount) == (False, 2, 1000)
    assert '"sku":"SKU-1"' in offer.card


async def test_what_was_sold_lately_orders_lists_by_popularity(catalog, client, stocked, clock):
    from feria_core.jobs import enqueue

    first, second = await stocked(9, 9)

    async def sell(variant, quantity):
        holder = new_id()
        await hold(catalog, holder, (variant, quantity))
        async with db.transaction():
            await catalog.sell_held(holder, reference="F-TEST")

    async def count():
        async with db.transaction():
            await enqueue("catalog.count_sales")
        assert "done" in await run_jobs()
        items = (await client.get("/api/products?sort=-popularity")).json["items"]
        return [item["name"] for item in items]

    await sell(first, 5)
    assert await count() == ["Thing 0", "Thing 1"]
    clock.move(days=91)
    await sell(second, 1)
    assert await count() == ["Thing 1", "Thing 0"]


async def test_a_holder_sees_its_own_pieces_as_available_and_nobody_else_does(catalog, stocked, clock):
    one, other = await stocked(5, 3)
    holder, stranger = new_id(), new_id()
    await hold(catalog, holder, (one, 4), (other, 3))
    await hold(catalog, stranger, (one, 1))

    async def seen(by):
        offers = await catalog.offers([one, other], holder=by)
        return offers[one].available, offers[other].available

    assert [await seen(by) for by in (holder, stranger, new_id(), None)] == [(4, 3), (1, 0), (0, 0), (0, 0)]
    clock.move(minutes=16)  # expired and not swept: free for everybody, and counted once for the holder
    assert [await seen(by) for by in (holder, stranger, None)] == [(5, 3)] * 3
    await release_expired()
    assert [await seen(by) for by in (holder, stranger, None)] == [(5, 3)] * 3
    await assert_books_agree()
