"""What the catalog tells of what hardly sells."""

from __future__ import annotations

from datetime import timedelta

from feria_catalog.figures import slow_products
from feria_core import clock, db
from feria_core.contracts.catalog import StockLine
from feria_core.ids import new_id


async def sell(catalog, variant, quantity):
    holder = new_id()
    async with db.transaction():
        await catalog.hold(holder, [StockLine(variant, quantity)], until=clock.now() + timedelta(minutes=15))
        await catalog.sell_held(holder, reference="F-TEST")


async def test_what_hardly_sells_comes_with_its_last_sale_whenever_that_was(catalog, stocked):
    much, little, never = await stocked(500, 90, 40)
    await sell(catalog, much, 20)
    await sell(catalog, little, 1)
    await sell(catalog, little, 2)
    sku = {row["id"]: row["sku"] for row in await db.fetch_all("SELECT id, sku FROM catalog_variant")}
    last = await db.fetch_value("SELECT max(at) FROM catalog_stock_movement WHERE variant_id = $1", little)

    now = clock.now()
    rows = await slow_products(now - timedelta(days=1), now + timedelta(minutes=1), 10)
    assert [(row[0], row[2], row[3]) for row in rows] == [
        (sku[never], 40, 0),
        (sku[little], 87, 3),
        (sku[much], 480, 20),
    ]
    assert [row[4] for row in rows[:2]] == [None, last]

    later = await slow_products(now + timedelta(days=1), now + timedelta(days=2), 1)
    assert (later[0][0], later[0][3]) == (sku[much], 0)
    assert later[0][4] is not None
