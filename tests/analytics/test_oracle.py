"""Reports equal plain SQL over the rows, in any zone, over every change of the clocks, kept or counted at the look."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from tests.analytics.generated import Years

from feria_core import db
from feria_core.jobs import enqueue
from feria_core.testing.work import run_jobs

SINCE, UNTIL = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
ZONES = ("America/New_York", "Australia/Lord_Howe", "Europe/Madrid", "Asia/Kathmandu")
LABELS = {
    "hour": "to_char(t AT TIME ZONE $3, 'YYYY-MM-DD\"T\"HH24:00')"
    " || to_char((t AT TIME ZONE $3) - (t AT TIME ZONE 'UTC'), 'HH24:MI')",
    "day": "to_char(t AT TIME ZONE $3, 'YYYY-MM-DD')",
    "week": "to_char(t AT TIME ZONE $3, 'IYYY-\"W\"IW')",
    "month": "to_char(t AT TIME ZONE $3, 'YYYY-MM')",
}
ORDERS = """
SELECT {label} AS label, count(*) AS orders, sum(total)::bigint AS total FROM (
    SELECT placed_at AS t, grand_total AS total FROM orders_order
    WHERE state <> 'draft' AND currency = 'USD' AND placed_at >= $1 AND placed_at < $2) o GROUP BY 1
"""
REFUNDS = """
SELECT {label} AS label, count(*) AS refunds, sum(amount)::bigint AS refunded FROM (
    SELECT settled_at AS t, r.amount FROM orders_refund r JOIN orders_order o ON o.id = r.order_id
    WHERE r.state = 'succeeded' AND o.currency = 'USD' AND settled_at >= $1 AND settled_at < $2) r GROUP BY 1
"""
CANCELLED = """
SELECT {label} AS label, count(*) AS cancelled FROM (
    SELECT e.at AS t FROM orders_event e JOIN orders_order o ON o.id = e.order_id
    WHERE e.kind = 'cancelled' AND o.currency = 'USD' AND e.at >= $1 AND e.at < $2) c GROUP BY 1
"""
PRODUCTS = """
SELECT product_id::text AS key, sum(quantity) AS units, sum(l.total)::bigint AS revenue, count(DISTINCT o.id) AS orders
FROM orders_order o JOIN orders_line l ON l.order_id = o.id
WHERE state <> 'draft' AND currency = 'USD' AND placed_at >= $1 AND placed_at < $2
GROUP BY 1 ORDER BY 2 DESC, 1
"""
CUSTOMERS = """
WITH first AS (SELECT customer_id, min(placed_at) AS at, count(*) AS orders FROM orders_order
               WHERE customer_id IS NOT NULL AND state <> 'draft' GROUP BY 1)
SELECT (SELECT count(*) FROM orders_order WHERE customer_id IS NULL AND placed_at >= $1 AND placed_at < $2)
           AS guest_orders,
       (SELECT count(*) FROM orders_order WHERE customer_id IS NOT NULL AND placed_at >= $1 AND placed_at < $2)
           AS customer_orders,
       (SELECT count(*) FROM first WHERE at >= $1 AND at < $2) AS new_customers,
       (SELECT count(*) FROM first WHERE at >= $1 AND at < $2 AND orders > 1) AS came_back
"""


@pytest_asyncio.fixture(loop_scope="session")
async def staff(client, clock, database_url):
    clock.at = UNTIL + timedelta(days=1)
    years = Years(SINCE, UNTIL, seed=7)
    for number in range(3000):
        years.tell(number, years.moment())
    await years.write(database_url)
    return client.as_staff("analytics.read")


async def keep():
    async with db.transaction():
        await enqueue("admin.keep_figures")
    assert set(await run_jobs()) == {"done"}


def shown(moment):
    return moment.isoformat().replace("+00:00", "Z")


async def asked(staff, report, since, until, **query):
    parts = "&".join(f"{name}={value}" for name, value in query.items())
    reply = await staff.get(f"/api/admin/analytics/{report}?from={shown(since)}&to={shown(until)}&{parts}")
    assert reply.status == 200, reply.body
    return reply.json


async def oracle(since, until, zone, interval):
    """Return what plain SQL says, by label; hours with their offset."""
    found = {}
    for sql in (ORDERS, REFUNDS, CANCELLED):
        for row in await db.fetch_all(sql.format(label=LABELS[interval]), since, until, zone):
            label = row["label"]
            if interval == "hour":
                clock_time, offset = label[:16], label[16:]
                label = clock_time + (offset if offset.startswith("-") else f"+{offset}")
            found.setdefault(label, {}).update({name: value for name, value in row.items() if name != "label"})
    return found


def plain(item):
    counted = {name: item[name] for name in ("orders", "refunds", "cancelled")}
    counted |= {name: item[name]["amount"] for name in ("total", "refunded")}
    return {name: value for name, value in counted.items() if value}


async def assert_equal_to_sql(staff, since, until, zone, interval):
    report = await asked(staff, "sales", since, until, tz=zone, interval=interval, currency="USD")
    starts = [item["start"] for item in report["items"]]
    assert starts == sorted(starts)
    assert [item["end"] for item in report["items"]][:-1] == starts[1:]
    assert (starts[0], report["items"][-1]["end"]) == (report["from"], report["to"])
    items = {}
    for item in report["items"]:
        # Where the clocks are set within an hour its two parts bear the same name (Lord Howe Island: half an hour).
        before = items.setdefault(item["label"], {})
        items[item["label"]] = {
            name: before.get(name, 0) + plain(item).get(name, 0) for name in before.keys() | plain(item).keys()
        }
    assert {label: counted for label, counted in items.items() if counted} == await oracle(since, until, zone, interval)
    return report


@pytest.mark.parametrize("zone", ZONES)
async def test_two_years_equal_plain_sql_in_every_interval(staff, zone):
    await keep()
    for interval in ("day", "week", "month"):
        await assert_equal_to_sql(staff, SINCE, UNTIL, zone, interval)
    for spring in (datetime(2024, 3, 1, tzinfo=UTC), datetime(2025, 10, 1, tzinfo=UTC)):
        await assert_equal_to_sql(staff, spring, spring + timedelta(days=50), zone, "hour")


async def test_any_range_equals_plain_sql_whether_it_is_kept_or_not(staff, clock):
    dice = random.Random(3)
    clock.at = datetime(2025, 4, 1, 10, 7, tzinfo=UTC)
    await keep()  # half of the years; the rest is counted at the look
    for _ in range(25):
        since = SINCE + timedelta(seconds=dice.randint(0, 600 * 86_400))
        until = since + timedelta(seconds=dice.randint(1, 130 * 86_400), microseconds=dice.randint(0, 999_999))
        interval = dice.choice(("day", "week", "month", "hour"))
        await assert_equal_to_sql(staff, since, until, dice.choice(ZONES), interval)
        products = await asked(staff, "products", since, until, currency="USD", limit=1000)
        assert [
            {"key": i["key"], "units": i["units"], "revenue": i["revenue"]["amount"], "orders": i["orders"]}
            for i in products["items"]
            if i["units"]
        ] == [dict(row) for row in await db.fetch_all(PRODUCTS, since, until)]
        customers = await asked(staff, "customers", since, until)
        counted = dict(await db.fetch_one(CUSTOMERS, since, until))
        assert {name: customers["totals"][name] for name in counted} == counted


async def test_a_rebuild_mends_what_was_changed_behind_its_back(staff):
    await keep()
    await db.execute("UPDATE orders_order SET grand_total = grand_total + 1, subtotal = subtotal + 1")
    await db.execute("UPDATE admin_figure SET counts[1] = counts[1] + 5 WHERE grain = 'day'")
    async with db.transaction():
        await enqueue("admin.rebuild_figures", source="orders.sales")
        await enqueue("admin.rebuild_figures", source="orders.products")
    assert set(await run_jobs()) == {"done"}
    await assert_equal_to_sql(staff, SINCE, UNTIL, "Europe/Madrid", "month")
    products = await asked(staff, "products", SINCE, UNTIL, currency="USD", limit=1000)
    assert [i["units"] for i in products["items"]] == [r["units"] for r in await db.fetch_all(PRODUCTS, SINCE, UNTIL)]
