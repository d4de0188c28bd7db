"""How often a product was sold lately."""

from __future__ import annotations

from datetime import timedelta

from feria_catalog.documents.writing import LISTS
from feria_core import cache, clock, db

WINDOW = timedelta(days=90)

# Locked in ascending order like every change of products; only those whose number changed are written.
_CHANGED = """
SELECT p.id, coalesce(sold.units, 0) AS units
FROM catalog_product p
LEFT JOIN (
    SELECT v.product_id, greatest(-sum(m.change), 0) AS units
    FROM catalog_stock_movement m JOIN catalog_variant v ON v.id = m.variant_id
    WHERE m.reason = 'sale' AND m.at > $1 GROUP BY v.product_id) sold ON sold.product_id = p.id
WHERE p.popularity <> coalesce(sold.units, 0)
ORDER BY p.id FOR NO KEY UPDATE OF p
"""

_FACETS = """
UPDATE catalog_facet f SET popularity = c.units, changed_xid = pg_current_xact_id()
FROM unnest($1::uuid[], $2::bigint[]) AS c (id, units) JOIN catalog_product p ON p.id = c.id
WHERE f.product_no = p.no
"""


async def recount() -> int:
    """Write each product's units sold in the last 90 days, in the open transaction; return how many changed."""
    rows = await db.fetch_all(_CHANGED, clock.now() - WINDOW)
    if not rows:
        return 0
    ids, units = [row["id"] for row in rows], [int(row["units"]) for row in rows]
    for table, key in (("catalog_product", "id"), ("catalog_product_document", "product_id")):
        await db.execute(
            f"UPDATE {table} t SET popularity = c.units FROM unnest($1::uuid[], $2::bigint[]) AS c (id, units)"
            f" WHERE t.{key} = c.id",
            ids, units,
        )  # fmt: skip
    await db.execute(_FACETS, ids, units)
    cache.touch(LISTS)
    return len(rows)
