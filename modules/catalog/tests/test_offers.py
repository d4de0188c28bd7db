"""What a cart asks again and again: offers of many variants."""

from __future__ import annotations

import pytest

from feria_core import db
from feria_core.ids import new_id

PLANS = """
SELECT generic_plans, custom_plans FROM pg_prepared_statements
WHERE statement LIKE '%AS is_sold%' AND statement LIKE $1
"""


@pytest.mark.parametrize(("count", "places"), [(1, 1), (3, 4), (17, 32), (20, 32), (32, 32)])
async def test_offers_are_planned_once_and_not_at_every_call(catalog, stocked, count, places):
    variants = await stocked(*range(1, 151))
    await db.execute("ANALYZE catalog_variant, catalog_product, catalog_product_document, catalog_stock")
    async with db.transaction():  # of one connection
        for turn in range(12):
            some = variants[turn : turn + count]
            offers = await catalog.offers(some)
            assert [offers[one].available for one in some] == list(range(turn + 1, turn + 1 + count))
        [plans] = await db.fetch_all(PLANS, f"%${2 + places}]%")
    assert plans["custom_plans"] == 5  # what PostgreSQL tries before it decides
    assert plans["generic_plans"] >= 7


async def test_what_nobody_sells_is_left_out_and_nothing_is_asked_of_nothing(catalog, stocked):
    one, other = await stocked(1, 2)
    assert set(await catalog.offers([one, new_id(), other])) == {one, other}
    assert set(await catalog.offers([new_id()])) == set()
    assert dict(await catalog.offers([])) == {}
