"""What runs by itself, and what `feria doctor` finds."""

import pytest

from feria_core import db
from feria_core.jobs import enqueue
from feria_core.runtime import current
from feria_core.testing.work import run_jobs
from feria_orders import checks, service


async def everything():
    return [*await checks.totals_add_up(), *await checks.orders_have_lines(), *await checks.no_stale_drafts()]


async def discard():
    async with db.transaction():
        await enqueue("orders.discard_stale_drafts")
    assert set(await run_jobs()) == {"done"}


async def test_drafts_untouched_for_a_week_are_deleted_and_orders_stay(clock, orders, draft, place, monkeypatch):
    monkeypatch.setattr(service, "BATCH", 2)
    await place()
    stale = [draft() for _ in range(5)]
    for made in stale:
        await orders.create(made)
    clock.move(days=6)
    await orders.create(stale[0])
    young = await orders.create(draft())
    clock.move(days=2)
    await discard()
    left = {
        row["state"]: row["n"] for row in await db.fetch_all("SELECT state, count(*) AS n FROM orders_order GROUP BY 1")
    }
    assert left == {"open": 1, "draft": 2}
    assert await orders.place(young.id, payment_status="paid", provider="manual")


async def test_expired_tokens_are_deleted(clock, place):
    await place()
    clock.move(days=181)
    await place()
    await discard()
    assert await db.fetch_value("SELECT count(*) FROM orders_guest_token") == 1


async def test_the_job_is_scheduled_hourly(app):
    schedule = next(s for s in current().schedules if s.job == "orders.discard_stale_drafts")
    assert schedule.every_s == 3600
    assert schedule.job in current().jobs


async def test_the_doctor_finds_nothing_in_a_sound_shop(orders, draft, order_line, place):
    await place(draft([order_line(1999, 3, discount=7)], shipping=500, tax=130))
    await place(draft([order_line(1999, 3)], tax=130, tax_included=True), status="paid")
    await orders.create(draft())
    assert await everything() == []


@pytest.mark.parametrize(
    "corruption",
    [
        "UPDATE orders_line SET quantity = quantity + 1, total = total + unit_price",
        "UPDATE orders_line SET discount = 5, total = total - 5",
        "UPDATE orders_line SET tax = 131",
        "UPDATE orders_order SET tax_total = tax_total + 1, grand_total = grand_total + 1",
        "UPDATE orders_order SET subtotal = subtotal - 1, grand_total = grand_total - 1",
        "DELETE FROM orders_line",
    ],
)
async def test_the_doctor_finds_each_corruption(place, corruption):
    order = await place(tax=130)
    await db.execute(corruption)
    found = await everything()
    assert len(found) == 1
    assert order.number in found[0]


async def test_the_doctor_finds_drafts_that_nobody_deletes(clock, orders, draft):
    await orders.create(draft())
    clock.move(days=7, hours=2)
    assert await everything() == []
    clock.move(days=1)
    assert await everything() == ["1 drafts are older than 7 days: start `feria worker`, its schedule deletes them"]
