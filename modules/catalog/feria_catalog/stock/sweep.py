"""Giving back what expired holds keep from other buyers."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from uuid import UUID

from feria_catalog.stock.rows import StockRow, apply
from feria_core import clock, db

BATCH = 200

_EXPIRED = """
SELECT holder FROM catalog_stock_hold WHERE expires_at <= $1 GROUP BY holder ORDER BY min(expires_at), holder LIMIT $2
"""
# Rows that a checkout has locked are left to it, and to the next run: the sweep never makes a buyer wait.
_LOCK_FREE = """
SELECT s.variant_id, v.product_id, v.sku, s.on_hand, s.reserved
FROM catalog_stock s JOIN catalog_variant v ON v.id = s.variant_id
WHERE s.variant_id IN (SELECT variant_id FROM catalog_stock_hold WHERE holder = ANY($1::uuid[]))
ORDER BY s.variant_id FOR UPDATE OF s SKIP LOCKED
"""
_GIVE_BACK = """
DELETE FROM catalog_stock_hold h
WHERE h.holder = ANY($1::uuid[]) AND h.expires_at <= $2 AND NOT EXISTS (
    SELECT FROM catalog_stock_hold other WHERE other.holder = h.holder AND other.variant_id <> ALL($3::uuid[]))
RETURNING h.variant_id, h.quantity
"""


async def release_expired(*, batches: int = 50) -> int:
    """Give expired holds back, a transaction for each batch; return how many lines were freed."""
    freed = 0
    for _ in range(batches):
        async with db.transaction():
            lines = await _release_batch(clock.now())
        freed += lines
        if not lines:
            break
    return freed


async def _release_batch(now: datetime) -> int:
    holders: list[UUID] = [row["holder"] for row in await db.fetch_all(_EXPIRED, now, BATCH)]
    if not holders:
        return 0
    rows = {row["variant_id"]: StockRow(**row) for row in await db.fetch_all(_LOCK_FREE, holders)}
    gone = await db.fetch_all(_GIVE_BACK, holders, now, list(rows))
    if gone:
        freed: Counter[UUID] = Counter()
        for row in gone:
            freed[row["variant_id"]] -= row["quantity"]
        await apply(rows, on_hand={}, reserved=freed)
    return len(gone)
