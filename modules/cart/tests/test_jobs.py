"""Carts that nobody touches go away."""

from __future__ import annotations

from feria_cart.service import changing
from feria_core import db, jobs
from feria_core.runtime import current
from feria_core.testing.work import run_jobs


async def test_old_carts_are_deleted_in_batches_and_younger_ones_stay(clock, with_token, catalog, monkeypatch):
    monkeypatch.setattr(changing, "_EXPIRE_BATCH", 2)
    variant = catalog.put()
    for _ in range(5):
        await (await with_token()).post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    clock.move(days=89)
    young = await with_token()
    await young.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    assert await changing.delete_expired() == 0
    clock.move(days=1, seconds=1)
    async with db.transaction():
        await jobs.enqueue("cart.expire")
    assert set(await run_jobs()) == {"done"}  # what others heard of the items is among them
    assert await db.fetch_value("SELECT count(*) FROM cart_cart") == 1
    assert await db.fetch_value("SELECT count(*) FROM cart_item") == 1
    assert len((await young.get("/api/cart")).json["items"]) == 1


async def test_a_change_keeps_a_cart_alive_and_an_expired_token_begins_a_new_cart(clock, with_token, catalog):
    guest, variant = await with_token(), catalog.put()
    await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    clock.move(days=80)
    await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    clock.move(days=80)
    assert await changing.delete_expired() == 0
    clock.move(days=11)
    assert await changing.delete_expired() == 1
    reply = await guest.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    assert reply.headers["cart-token"] == guest.headers["Cart-Token"]


async def test_a_cart_that_is_being_changed_is_left_for_the_next_run(clock, with_token, catalog):
    import asyncio

    guest = await with_token()
    await guest.post("/api/cart/items", {"variant_id": catalog.put(), "quantity": 1})
    clock.move(days=91)
    async with db.transaction():
        await db.execute("SELECT id FROM cart_cart FOR UPDATE")
        assert await asyncio.create_task(changing.delete_expired()) == 0
    assert await changing.delete_expired() == 1


async def test_the_daily_run_is_scheduled(database):
    (schedule,) = [s for s in current().schedules if s.job == "cart.expire"]
    assert schedule.every_s == 86_400
