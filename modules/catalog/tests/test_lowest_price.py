"""The lowest price of the 30 days before a reduction, as it is written down and shown."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from feria_catalog.pricing import sweep
from feria_catalog.pricing.lowest import Point, joined, lowest
from feria_core import db
from feria_core.testing.clock import MovableClock

DAY = timedelta(days=1)
START = datetime(2026, 6, 1, 12, tzinfo=UTC)


@pytest.fixture
def clock():
    with MovableClock(START) as movable:
        yield movable


def usd(amount):
    return {"amount": amount, "currency": "USD"}


def points(*rows):
    return [Point(START + day * DAY, amount, is_reduced) for day, amount, is_reduced in rows]


@pytest.mark.parametrize(
    ("history", "found"),
    [
        (points(), None),
        (points((0, 100, False)), None),
        (points((0, 80, True)), None),
        (points((0, 100, False), (40, 80, True)), 100),
        (points((0, 60, False), (5, 100, False), (40, 80, True)), 100),
        (points((0, 60, False), (11, 100, False), (40, 80, True)), 60),
        # A price that ended exactly 30 days before was not applied in them.
        (points((0, 60, False), (10, 100, False), (40, 80, True)), 100),
        (points((0, 100, False), (40, 80, True), (45, 70, True)), 80),
        (points((0, 100, False), (40, 70, True), (45, 80, True)), 70),
        # The price is announced as a reduction, and is none.
        (points((0, 50, False), (100, 50, True)), 50),
        (points((0, 100, False), (40, 80, True), (45, 100, False)), None),
    ],
)
def test_the_lowest_of_thirty_days(history, found):
    assert lowest(history) == found


def test_what_changes_nothing_is_not_written_and_a_twin_replaces():
    history = points((0, 100, False))
    assert joined(history, points((3, 100, False))) == history
    assert joined(history, points((3, 80, True))) == points((0, 100, False), (3, 80, True))
    assert joined(history, points((0, 80, False))) == points((0, 80, False))
    assert joined(history, points((-2, 80, False))) == points((0, 80, False))


async def page(client):
    found = (await client.get("/api/products/lamp")).json
    card = (await client.get("/api/products")).json["items"][0]
    assert card["lowest_price_30d"] == found["lowest_price_30d"] == found["variants"][0]["lowest_price_30d"]
    return found["price"]["amount"], (found["lowest_price_30d"] or {}).get("amount")


async def test_a_reduction_tells_the_lowest_price_before_it(client, staff, make_product, clock):
    made = await make_product("Lamp", price=10000, sku="L")
    path = f"/api/admin/products/{made['id']}/variants/L"
    assert await page(client) == (10000, None)
    clock.move(days=10)
    await staff.patch(path, {"price": usd(9000)})
    clock.move(days=10)
    await staff.patch(path, {"price": usd(12000)})
    clock.move(days=10)
    await staff.patch(path, {"price": usd(9500), "compare_at_price": usd(12000)})
    assert await page(client) == (9500, 9000)
    clock.move(days=50)
    assert await page(client) == (9500, 9000)
    await staff.patch(path, {"compare_at_price": None})
    assert await page(client) == (9500, None)


async def test_windows_that_nobody_looked_at_are_history_too(client, staff, make_product, clock):
    await make_product("Lamp", price=10000, sku="L")
    for code, begin, end, amount in (("flash", 5, 6, 6000), ("sale", 20, 25, 8000)):
        window = {"starts_at": (START + begin * DAY).isoformat(), "ends_at": (START + end * DAY).isoformat()}
        await staff.post("/api/admin/price-lists", {"code": code, "name": code, **window})
        await staff.put(f"/api/admin/price-lists/{code}/prices", {"prices": {"L": usd(amount)}})
    clock.at = START + 22 * DAY
    assert await page(client) == (8000, 6000)
    rows = await db.fetch_all("SELECT since, amount, is_reduced FROM catalog_price_history ORDER BY since")
    assert [((row["since"] - START).days, row["amount"], row["is_reduced"]) for row in rows] == [
        (0, 10000, False), (5, 6000, True), (6, 10000, False), (20, 8000, True),
    ]  # fmt: skip
    clock.at = START + 26 * DAY
    assert await page(client) == (10000, None)


async def test_the_sweep_keeps_what_a_reduction_is_compared_with(client, staff, make_product, clock):
    made = await make_product("Lamp", price=10000, sku="L")
    path = f"/api/admin/products/{made['id']}/variants/L"
    clock.move(days=10)
    await staff.patch(path, {"price": usd(9000)})
    clock.move(days=200)
    await staff.patch(path, {"price": usd(8000), "compare_at_price": usd(9000)})
    clock.move(days=300)
    await sweep.prune()
    assert await page(client) == (8000, 9000)
    amounts = "SELECT array_agg(amount ORDER BY since) FROM catalog_price_history"
    assert await db.fetch_value(amounts) == [9000, 8000]
    await staff.patch(path, {"compare_at_price": None})
    clock.move(days=91)
    await sweep.prune()
    assert await db.fetch_value(amounts) == [8000]
