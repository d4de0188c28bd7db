"""Writing documents, in the transaction of the change that they show."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from feria_catalog.documents.columns import COLUMNS, row
from feria_catalog.documents.loading import load
from feria_core import cache, db
from feria_core.contracts.catalog import ProductChanged
from feria_core.events import publish
from feria_core.runtime import core_settings

# The tag of every answer that lists products.
LISTS = "catalog"

_SEARCH = """
    setweight(to_tsvector('english', named), 'A') || setweight(to_tsvector('english', filed), 'B')
    || setweight(to_tsvector('english', specified), 'C') || setweight(to_tsvector('english', described), 'D')
    || array_to_tsvector(codes::text[])"""
_STORED = (
    *(name for name, _ in COLUMNS if name not in ("named", "filed", "specified", "described", "codes")),
    "title",
    "search",
)
_CASTS = {
    "category_path": "category_path::text[]",
    "attribute_values": "attribute_values::text[]",
    "variant_ids": "variant_ids::uuid[]",
    "title": "to_tsvector('english', named)",
    "search": _SEARCH,
}
_WRITE = f"""
INSERT INTO catalog_product_document ({", ".join(_STORED)})
SELECT {", ".join(_CASTS.get(name, name) for name in _STORED)}
FROM unnest({", ".join(f"${n}::{kind}[]" for n, (_, kind) in enumerate(COLUMNS, 1))})
    AS d ({", ".join(name for name, _ in COLUMNS)})
ON CONFLICT (product_id) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in _STORED if name != "product_id")}
"""
# A writer waits here for the one before it and then reads what that one wrote: no change gets lost in a document.
_LOCK = "SELECT id FROM catalog_product WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE"
_TURNED = """
SELECT d.product_id FROM catalog_product_document d
WHERE d.product_id = ANY($1::uuid[]) AND d.in_stock <> EXISTS (
    SELECT FROM catalog_variant v JOIN catalog_stock s ON s.variant_id = v.id
    WHERE v.product_id = d.product_id AND v.is_active AND s.on_hand > s.reserved)
"""


async def rewrite(product_ids: Collection[UUID]) -> None:
    """Write the documents of these products as the open transaction sees them, and announce the change."""
    if not product_ids:
        return
    await db.fetch_all(_LOCK, list(product_ids))
    await _write(product_ids)


async def refresh_in_stock(product_ids: Collection[UUID]) -> None:
    """Write anew those documents whose product has sold out or is back since they were written."""
    await db.fetch_all(_LOCK, list(product_ids))
    turned = await db.fetch_all(_TURNED, list(product_ids))
    if turned:
        await _write([row["product_id"] for row in turned])


async def _write(product_ids: Collection[UUID]) -> None:
    products = await load(product_ids)
    if not products:
        return
    public_url = core_settings().public_url
    columns = list(zip(*(row(product, public_url) for product in products), strict=True))
    await db.execute(_WRITE, *columns)
    cache.touch(LISTS, *(f"product:{product.id}" for product in products))
    for product in products:
        await publish(ProductChanged(product.id, product.slug))
