"""Checks of `feria doctor`: does stock add up, is every product's document there?"""

from __future__ import annotations

from feria_catalog.documents import rebuilding
from feria_core import db

LIMIT = 20
# Products that are rendered and compared at a time: some megabytes.
BATCH = 500

_LEDGER = f"""
SELECT v.sku, s.on_hand, coalesce(m.total, 0) AS moved
FROM catalog_stock s JOIN catalog_variant v ON v.id = s.variant_id
LEFT JOIN (SELECT variant_id, sum(change) AS total FROM catalog_stock_movement GROUP BY variant_id) m
    ON m.variant_id = s.variant_id
WHERE s.on_hand <> coalesce(m.total, 0) ORDER BY v.sku LIMIT {LIMIT}
"""
_HOLDS = f"""
SELECT v.sku, s.reserved, coalesce(h.total, 0) AS held
FROM catalog_stock s JOIN catalog_variant v ON v.id = s.variant_id
LEFT JOIN (SELECT variant_id, sum(quantity) AS total FROM catalog_stock_hold GROUP BY variant_id) h
    ON h.variant_id = s.variant_id
WHERE s.reserved <> coalesce(h.total, 0) ORDER BY v.sku LIMIT {LIMIT}
"""


async def stock_ledger() -> list[str]:
    """Levels that differ from the sum of their movements."""
    rows = await db.fetch_all(_LEDGER)
    return [f"{row['sku']}: {row['on_hand']} on hand, but its movements add up to {row['moved']}" for row in rows]


async def stock_holds() -> list[str]:
    """Reserved numbers that differ from the sum of the holds."""
    rows = await db.fetch_all(_HOLDS)
    return [f"{row['sku']}: {row['reserved']} reserved, but its holds add up to {row['held']}" for row in rows]


async def documents() -> list[str]:
    """Products whose document or facets are not what the tables say now; all are compared, a batch at a time."""
    found: list[str] = []
    async for batch in rebuilding.batches(BATCH):
        found += await rebuilding.differences(batch)
        if len(found) >= LIMIT:
            return [*found[:LIMIT], "and perhaps more: `feria catalog rebuild` writes all of them anew"]
    return found
