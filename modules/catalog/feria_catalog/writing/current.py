"""What is stored of the products of a batch, locked for its transaction."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from feria_catalog.domain import MediaInput, ProductInput
from feria_catalog.errors import SkuTaken
from feria_catalog.stock.rows import lock
from feria_catalog.writing.rows import ProductRow, VariantRow, variant_row
from feria_core import db

_PRODUCTS = """
SELECT id, name, slug, description, brand_id, category_id, product_type, attributes::text AS attributes, status,
    publish_at, seo_title, seo_description
FROM catalog_product WHERE id = ANY($1::uuid[]) ORDER BY id FOR NO KEY UPDATE
"""
_VARIANTS = """
SELECT id, product_id, sku, options::text AS options, price_amount, currency, compare_at_amount, weight_g, barcode,
    attributes::text AS attributes, tax_class, is_active
FROM catalog_variant WHERE id = ANY($1::uuid[])
"""
_BY_SKU = """
SELECT v.sku, v.id, v.product_id, s.on_hand, s.reserved
FROM catalog_variant v JOIN catalog_stock s ON s.variant_id = v.id WHERE v.sku = ANY($1::text[])
"""
_MEDIA = """
SELECT product_id, key, alt, width, height FROM catalog_media
WHERE product_id = ANY($1::uuid[]) ORDER BY product_id, position, id
"""


@dataclass(frozen=True)
class Stored:
    """The stored half of a batch: which product each input is, and how it looks now."""

    targets: tuple[UUID | None, ...]
    products: Mapping[UUID, ProductRow]
    variants: Mapping[str, VariantRow]
    media: Mapping[UUID, tuple[MediaInput, ...]]
    # Levels by SKU, of those that have to be set; their stock rows are locked.
    to_level: Mapping[str, int]


async def find(products: Sequence[ProductInput]) -> Stored:
    """Return what is stored of `products`; stock rows are locked first, then products, as everywhere.

    Raises SkuTaken where the variants of one input belong to different products.
    """
    skus = [variant.sku for product in products for variant in product.variants]
    known = {row["sku"]: row for row in await _by_sku(skus)}
    targets = tuple(_target(product, known) for product in products)
    wished = {v.sku: v.stock for product in products for v in product.variants if v.stock is not None}
    # A level that is right already needs no lock: a sale meanwhile comes after this import. Only others hold up buyers.
    to_level = {sku: row["on_hand"] for sku, row in known.items() if sku in wished and _differs(row, wished[sku])}
    if to_level:
        await lock([known[sku]["id"] for sku in to_level])
    ids = [target for target in targets if target is not None]
    rows = await db.fetch_all(_PRODUCTS, ids) if ids else []
    variants = await db.fetch_all(_VARIANTS, [row["id"] for row in known.values()]) if known else []
    return Stored(
        targets,
        {row["id"]: ProductRow(**{**row, "attributes": orjson.loads(row["attributes"])}) for row in rows},
        {row["sku"]: variant_row(row) for row in variants},
        await _media(ids) if any(product.media for product in products) else {},
        to_level,
    )


async def _by_sku(skus: Sequence[str]) -> Sequence[Mapping[str, Any]]:
    return await db.fetch_all(_BY_SKU, list(skus))


def _differs(row: Mapping[str, Any], level: int) -> bool:
    return bool(max(level, row["reserved"]) != row["on_hand"])


async def _media(product_ids: Sequence[UUID]) -> dict[UUID, tuple[MediaInput, ...]]:
    found: dict[UUID, list[MediaInput]] = defaultdict(list)
    for row in await db.fetch_all(_MEDIA, list(product_ids)):
        found[row["product_id"]].append(MediaInput(row["key"], row["alt"], row["width"], row["height"]))
    return {product_id: tuple(pictures) for product_id, pictures in found.items()}


def _target(product: ProductInput, known: Mapping[str, Mapping[str, Any]]) -> UUID | None:
    """Return which stored product this is: the one that has a variant of it."""
    target: UUID | None = None
    for variant in product.variants:
        row = known.get(variant.sku)
        if row is None:
            continue
        if target is not None and row["product_id"] != target:
            raise SkuTaken(variant.sku)
        target = row["product_id"]
    return target
