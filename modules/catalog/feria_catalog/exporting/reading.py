"""All products in the order in which they were made, a batch of whole products at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from feria_core import db

BATCH = 200

# One statement for a batch, so that a product is told as it was at one moment, with its variants and levels.
_BATCH = """
SELECT p.id, p.slug, p.name, p.description, b.name AS brand, p.product_type, p.status, p.publish_at, p.seo_title,
    p.seo_description, p.attributes::text AS attributes,
    ARRAY(
        SELECT step.name FROM unnest(c.path) WITH ORDINALITY AS part (slug, depth)
        JOIN catalog_category step ON step.slug = part.slug ORDER BY part.depth) AS category,
    (
        SELECT json_agg(json_build_object('key', m.key, 'alt', m.alt) ORDER BY m.position, m.id)::text
        FROM catalog_media m WHERE m.product_id = p.id) AS media,
    (
        SELECT json_agg(json_build_object(
            'sku', v.sku, 'amount', v.price_amount, 'currency', v.currency, 'compare_at', v.compare_at_amount,
            'stock', s.on_hand, 'options', v.options, 'weight_g', v.weight_g, 'barcode', v.barcode,
            'attributes', v.attributes, 'tax_class', v.tax_class, 'is_active', v.is_active)
            ORDER BY v.position, v.id)::text
        FROM catalog_variant v JOIN catalog_stock s ON s.variant_id = v.id WHERE v.product_id = p.id) AS variants
FROM catalog_product p
LEFT JOIN catalog_brand b ON b.id = p.brand_id LEFT JOIN catalog_category c ON c.id = p.category_id
WHERE p.id > $1 ORDER BY p.id LIMIT $2
"""
_FIRST = UUID(int=0)


@dataclass(frozen=True)
class ExportedVariant:
    """A variant as it is stored; amounts in minor units."""

    sku: str
    amount: int
    currency: str
    compare_at: int | None
    stock: int
    options: Mapping[str, str]
    weight_g: int | None
    barcode: str | None
    attributes: Mapping[str, Any]
    tax_class: str
    is_active: bool


@dataclass(frozen=True)
class Exported:
    """A product as it is stored, with everything that an import can set."""

    slug: str
    name: str
    description: str
    brand: str | None
    category: tuple[str, ...]
    product_type: str | None
    status: str
    publish_at: datetime | None
    seo_title: str | None
    seo_description: str | None
    attributes: Mapping[str, Any]
    media: tuple[Mapping[str, str], ...]
    variants: tuple[ExportedVariant, ...]


async def count() -> int:
    """Return how many products there are."""
    return int(await db.fetch_value("SELECT count(*) FROM catalog_product"))


async def batches() -> AsyncIterator[list[Exported]]:
    """Give all products, drafts and archived ones too.

    Each is whole and as it was at one moment; what is created while the export runs may be missing in it. No
    transaction is held open meanwhile, since a slow reader would keep PostgreSQL from clearing up.
    """
    last = _FIRST
    while rows := await db.fetch_all(_BATCH, last, BATCH):
        last = rows[-1]["id"]
        yield [_exported(row) for row in rows if row["variants"]]


def _exported(row: Mapping[str, Any]) -> Exported:
    columns = {name: row[name] for name in Exported.__dataclass_fields__}
    columns["category"] = tuple(row["category"])
    columns["attributes"] = orjson.loads(row["attributes"])
    columns["media"] = tuple(orjson.loads(row["media"] or "[]"))
    columns["variants"] = tuple(ExportedVariant(**variant) for variant in orjson.loads(row["variants"]))
    return Exported(**columns)
