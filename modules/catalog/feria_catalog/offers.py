"""Variants as they are sold now, in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

import orjson

from feria_core import clock, db
from feria_core.contracts.catalog import Offer
from feria_core.contracts.money import Money

# What nobody holds, counting an expired hold that was not swept yet as free; $1 is the present.
AVAILABLE = """s.on_hand - s.reserved + coalesce((
    SELECT sum(h.quantity) FROM catalog_stock_hold h WHERE h.variant_id = s.variant_id AND h.expires_at <= $1), 0)"""

_OFFERS = f"""
SELECT v.id, v.product_id, v.sku, p.name, p.slug, v.options::text AS options, v.price_amount, v.currency,
    ({AVAILABLE})::int AS available, v.is_active AND d.listed_from <= $1 AS is_sold,
    coalesce(v.weight_g, 0) AS weight_g, v.tax_class, d.image_key, d.card
FROM catalog_variant v
JOIN catalog_product p ON p.id = v.product_id
JOIN catalog_stock s ON s.variant_id = v.id
JOIN catalog_product_document d ON d.product_id = v.product_id
WHERE v.id = ANY($2::uuid[])
"""


async def find(variant_ids: Collection[UUID]) -> Mapping[UUID, Offer]:
    """Return the offers of the known variants among `variant_ids`."""
    rows = await db.fetch_all(_OFFERS, clock.now(), list(variant_ids))
    return {
        row["id"]: Offer(
            variant_id=row["id"],
            product_id=row["product_id"],
            sku=row["sku"],
            name=row["name"],
            slug=row["slug"],
            options=orjson.loads(row["options"]),
            price=Money(row["price_amount"], row["currency"]),
            available=row["available"],
            is_sold=row["is_sold"],
            weight_g=row["weight_g"],
            tax_class=row["tax_class"],
            image_url=f"/media/{row['image_key']}" if row["image_key"] else None,
            card=row["card"],
        )
        for row in rows
    }
