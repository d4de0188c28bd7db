"""Checks of `feria doctor`: does stock add up, is every product's document there?"""

from __future__ import annotations

from feria_core import db

LIMIT = 20

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
_DOCUMENTS = f"""
SELECT p.slug, d.product_id IS NULL AS is_missing, d.in_stock, d.slug AS shown_slug
FROM catalog_product p LEFT JOIN catalog_product_document d ON d.product_id = p.id
WHERE d.product_id IS NULL OR d.slug <> p.slug OR d.in_stock <> EXISTS (
    SELECT FROM catalog_variant v JOIN catalog_stock s ON s.variant_id = v.id
    WHERE v.product_id = p.id AND v.is_active AND s.on_hand > s.reserved)
ORDER BY p.slug LIMIT {LIMIT}
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
    """Products whose document is missing or shows another slug or stock state."""
    return [
        f"{row['slug']}: its document is missing"
        if row["is_missing"]
        else f"{row['slug']}: its document shows slug '{row['shown_slug']}', in stock {row['in_stock']}"
        for row in await db.fetch_all(_DOCUMENTS)
    ]
