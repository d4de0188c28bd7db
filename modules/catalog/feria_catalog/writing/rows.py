"""Statements that write products, variants and pictures, each for any number of rows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from feria_catalog.domain import MediaInput, VariantInput
from feria_core import db
from feria_core.ids import new_id


@dataclass(frozen=True)
class ProductRow:
    """The columns of a product that staff and imports write."""

    id: UUID
    name: str
    slug: str
    description: str
    brand_id: UUID | None
    category_id: UUID | None
    product_type: str | None
    attributes: Mapping[str, Any]
    status: str

    def values(self) -> tuple[Any, ...]:
        """Return the columns as they travel."""
        return (
            self.id, self.name, self.slug, self.description, self.brand_id, self.category_id, self.product_type,
            as_json(self.attributes), self.status,
        )  # fmt: skip


@dataclass(frozen=True)
class VariantRow:
    """The columns of a variant that staff and imports write."""

    id: UUID
    product_id: UUID
    sku: str
    options: Mapping[str, str]
    price_amount: int
    currency: str
    compare_at_amount: int | None
    weight_g: int | None
    barcode: str | None

    @classmethod
    def of(cls, variant: VariantInput, *, variant_id: UUID, product_id: UUID) -> VariantRow:
        """Return the row of `variant`."""
        return cls(
            id=variant_id,
            product_id=product_id,
            sku=variant.sku,
            options=dict(variant.options),
            price_amount=variant.price.amount,
            currency=variant.price.currency,
            compare_at_amount=variant.compare_at_price.amount if variant.compare_at_price else None,
            weight_g=variant.weight_g,
            barcode=variant.barcode,
        )

    def values(self) -> tuple[Any, ...]:
        """Return the columns as they travel."""
        return (
            self.id, self.product_id, self.sku, as_json(self.options), self.price_amount, self.currency,
            self.compare_at_amount, self.weight_g, self.barcode,
        )  # fmt: skip


_PRODUCT_COLUMNS = "id, name, slug, description, brand_id, category_id, product_type, attributes, status"
_PRODUCT_ARRAYS = (
    "$1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[]"
)
_VARIANT_COLUMNS = "id, product_id, sku, options, price_amount, currency, compare_at_amount, weight_g, barcode"
_VARIANT_ARRAYS = (
    "$1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::bigint[], $8::int[], $9::text[]"
)
_INSERT_PRODUCTS = f"""
INSERT INTO catalog_product ({_PRODUCT_COLUMNS}, created_at, updated_at)
SELECT id, name, slug, description, brand_id, category_id, product_type, attributes::jsonb, status, $10, $10
FROM unnest({_PRODUCT_ARRAYS}) AS r ({_PRODUCT_COLUMNS})
"""
_UPDATE_PRODUCTS = f"""
UPDATE catalog_product p SET name = r.name, slug = r.slug, description = r.description, brand_id = r.brand_id,
    category_id = r.category_id, product_type = r.product_type, attributes = r.attributes::jsonb, status = r.status,
    version = p.version + 1, updated_at = $10
FROM unnest({_PRODUCT_ARRAYS}) AS r ({_PRODUCT_COLUMNS}) WHERE p.id = r.id
"""
# New variants stand after those that the product has.
_INSERT_VARIANTS = f"""
INSERT INTO catalog_variant ({_VARIANT_COLUMNS}, position, created_at, updated_at)
SELECT r.id, r.product_id, r.sku, r.options::jsonb, r.price_amount, r.currency, r.compare_at_amount, r.weight_g,
    r.barcode, coalesce(last.position, -1) + row_number() OVER (PARTITION BY r.product_id ORDER BY r.nth), $10, $10
FROM unnest({_VARIANT_ARRAYS}) WITH ORDINALITY AS r ({_VARIANT_COLUMNS}, nth)
LEFT JOIN (
    SELECT product_id, max(position) AS position FROM catalog_variant
    WHERE product_id = ANY($2::uuid[]) GROUP BY product_id) last ON last.product_id = r.product_id
"""
_UPDATE_VARIANTS = f"""
UPDATE catalog_variant v SET options = r.options::jsonb, price_amount = r.price_amount, currency = r.currency,
    compare_at_amount = r.compare_at_amount, weight_g = r.weight_g, barcode = r.barcode, sku = r.sku,
    updated_at = $10
FROM unnest({_VARIANT_ARRAYS}) AS r ({_VARIANT_COLUMNS}) WHERE v.id = r.id AND v.product_id = r.product_id
"""
_INSERT_MEDIA = """
INSERT INTO catalog_media (id, product_id, key, alt, position, width, height)
SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::int[], $6::int[], $7::int[])
"""


def as_json(value: Mapping[str, Any]) -> str:
    """Return JSON text, as JSONB columns take it; mappings of every kind are objects."""
    return orjson.dumps(dict(value)).decode()


async def insert_products(rows: Sequence[ProductRow], *, now: datetime) -> None:
    """Insert the products."""
    if rows:
        await db.execute(_INSERT_PRODUCTS, *_columns(rows), now)


async def update_products(rows: Sequence[ProductRow], *, now: datetime) -> None:
    """Write the products' columns and raise their versions."""
    if rows:
        await db.execute(_UPDATE_PRODUCTS, *_columns(rows), now)


async def insert_variants(rows: Sequence[VariantRow], *, now: datetime) -> None:
    """Insert the variants, each with an empty stock row."""
    if rows:
        await db.execute(_INSERT_VARIANTS, *_columns(rows), now)
        await db.execute(
            "INSERT INTO catalog_stock (variant_id) SELECT * FROM unnest($1::uuid[])", [row.id for row in rows]
        )


async def update_variants(rows: Sequence[VariantRow], *, now: datetime) -> None:
    """Write the variants' columns."""
    if rows:
        await db.execute(_UPDATE_VARIANTS, *_columns(rows), now)


async def raise_versions(product_ids: Collection[UUID], *, now: datetime) -> None:
    """Raise the versions of products of which something else than a column was changed."""
    if product_ids:
        await db.execute(
            "UPDATE catalog_product SET version = version + 1, updated_at = $2 WHERE id = ANY($1::uuid[])",
            list(product_ids), now,
        )  # fmt: skip


async def replace_media(media: Mapping[UUID, Sequence[MediaInput]]) -> None:
    """Let each product have exactly these pictures."""
    if not media:
        return
    await db.execute("DELETE FROM catalog_media WHERE product_id = ANY($1::uuid[])", list(media))
    rows = [
        (new_id(), product_id, picture.key, picture.alt, position, picture.width, picture.height)
        for product_id, pictures in media.items()
        for position, picture in enumerate(pictures)
    ]
    if rows:
        await db.execute(_INSERT_MEDIA, *zip(*rows, strict=True))


def _columns(rows: Sequence[ProductRow] | Sequence[VariantRow]) -> list[tuple[Any, ...]]:
    return list(zip(*(row.values() for row in rows), strict=True))
