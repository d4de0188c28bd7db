"""Statements that write products, variants and pictures, each for any number of rows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any
from uuid import UUID

import asyncpg
import orjson

from feria_catalog.domain import VariantInput
from feria_catalog.errors import BarcodeTaken, OptionsTaken
from feria_core import db


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
    publish_at: datetime | None
    seo_title: str | None
    seo_description: str | None

    def values(self) -> tuple[Any, ...]:
        """Return the columns as they travel."""
        return (
            self.id, self.name, self.slug, self.description, self.brand_id, self.category_id, self.product_type,
            as_json(self.attributes), self.status, self.publish_at, self.seo_title, self.seo_description,
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
    attributes: Mapping[str, Any]
    tax_class: str
    is_active: bool

    @classmethod
    def of(
        cls,
        variant: VariantInput,
        *,
        variant_id: UUID,
        product_id: UUID,
        attributes: Mapping[str, Any],
        before: VariantRow | None = None,
    ) -> VariantRow:
        """Return the row of `variant`; `attributes` as they are stored, `before` what the variant is now."""
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
            attributes=dict(attributes),
            tax_class=variant.tax_class or (before.tax_class if before else "standard"),
            is_active=variant.is_active if variant.is_active is not None else before is None or before.is_active,
        )

    def values(self) -> tuple[Any, ...]:
        """Return the columns as they travel."""
        return (
            self.id, self.product_id, self.sku, as_json(self.options), self.price_amount, self.currency,
            self.compare_at_amount, self.weight_g, self.barcode, as_json(self.attributes), self.tax_class,
            self.is_active,
        )  # fmt: skip


def variant_row(row: Mapping[str, Any]) -> VariantRow:
    """Return the row that was read, its JSON columns as text."""
    parsed = {name: orjson.loads(row[name]) for name in ("options", "attributes")}
    return VariantRow(**{**row, **parsed})


_PRODUCT_COLUMNS = (
    "id, name, slug, description, brand_id, category_id, product_type, attributes, status, publish_at, seo_title,"
    " seo_description"
)
_PRODUCT_ARRAYS = (
    "$1::uuid[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::uuid[], $7::text[], $8::text[], $9::text[],"
    " $10::timestamptz[], $11::text[], $12::text[]"
)
_VARIANT_COLUMNS = (
    "id, product_id, sku, options, price_amount, currency, compare_at_amount, weight_g, barcode, attributes, tax_class,"
    " is_active"
)
_VARIANT_ARRAYS = (
    "$1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::bigint[], $6::text[], $7::bigint[], $8::int[], $9::text[],"
    " $10::text[], $11::text[], $12::boolean[]"
)
# What may not stand twice, as it is compared: options within a product, barcodes in the whole shop.
_OPTIONS_KEY = "CASE WHEN r.options::jsonb <> '{}' THEN md5(lower(r.options::jsonb::text)) END"
_BARCODE_KEY = "upper(replace(r.barcode, ' ', ''))"
_INSERT_PRODUCTS = f"""
INSERT INTO catalog_product ({_PRODUCT_COLUMNS}, created_at, updated_at)
SELECT id, name, slug, description, brand_id, category_id, product_type, attributes::jsonb, status, publish_at,
    seo_title, seo_description, $13, $13
FROM unnest({_PRODUCT_ARRAYS}) AS r ({_PRODUCT_COLUMNS})
"""
_FREE_NUMBER = "least(0, (SELECT min(no) FROM catalog_product)) - row_number() OVER ()"
_REHEARSE_PRODUCTS = _INSERT_PRODUCTS.replace("(id,", "(no, id,", 1).replace(
    "SELECT id,", f"SELECT {_FREE_NUMBER}, id,", 1
)
_UPDATE_PRODUCTS = f"""
UPDATE catalog_product p SET name = r.name, slug = r.slug, description = r.description, brand_id = r.brand_id,
    category_id = r.category_id, product_type = r.product_type, attributes = r.attributes::jsonb, status = r.status,
    publish_at = r.publish_at, seo_title = r.seo_title, seo_description = r.seo_description,
    version = p.version + 1, updated_at = $13
FROM unnest({_PRODUCT_ARRAYS}) AS r ({_PRODUCT_COLUMNS}) WHERE p.id = r.id
"""
# New variants stand after those that the product has.
_INSERT_VARIANTS = f"""
INSERT INTO catalog_variant ({_VARIANT_COLUMNS}, options_key, barcode_key, position, created_at, updated_at)
SELECT r.id, r.product_id, r.sku, r.options::jsonb, r.price_amount, r.currency, r.compare_at_amount, r.weight_g,
    r.barcode, r.attributes::jsonb, r.tax_class, r.is_active, {_OPTIONS_KEY}, {_BARCODE_KEY},
    coalesce(last.position, -1) + row_number() OVER (PARTITION BY r.product_id ORDER BY r.nth), $13, $13
FROM unnest({_VARIANT_ARRAYS}) WITH ORDINALITY AS r ({_VARIANT_COLUMNS}, nth)
LEFT JOIN (
    SELECT product_id, max(position) AS position FROM catalog_variant
    WHERE product_id = ANY($2::uuid[]) GROUP BY product_id) last ON last.product_id = r.product_id
"""
_UPDATE_VARIANTS = f"""
UPDATE catalog_variant v SET options = r.options::jsonb, price_amount = r.price_amount, currency = r.currency,
    compare_at_amount = r.compare_at_amount, weight_g = r.weight_g, barcode = r.barcode, sku = r.sku,
    attributes = r.attributes::jsonb,
    options_key = CASE WHEN v.options = r.options::jsonb THEN v.options_key ELSE {_OPTIONS_KEY} END,
    barcode_key = CASE WHEN v.barcode = r.barcode THEN v.barcode_key ELSE {_BARCODE_KEY} END,
    tax_class = r.tax_class, is_active = r.is_active, updated_at = $13
FROM unnest({_VARIANT_ARRAYS}) AS r ({_VARIANT_COLUMNS}) WHERE v.id = r.id AND v.product_id = r.product_id
"""


def as_json(value: Mapping[str, Any]) -> str:
    """Return JSON text, as JSONB columns take it; mappings of every kind are objects."""
    return orjson.dumps(dict(value)).decode()


async def insert_products(rows: Sequence[ProductRow], *, now: datetime, is_rehearsal: bool = False) -> None:
    """Insert the products. A rehearsal, which is undone, takes no numbers from the sequence: that would remain."""
    if rows:
        await db.execute(_REHEARSE_PRODUCTS if is_rehearsal else _INSERT_PRODUCTS, *_columns(rows), now)


async def update_products(rows: Sequence[ProductRow], *, now: datetime) -> None:
    """Write the products' columns and raise their versions."""
    if rows:
        await db.execute(_UPDATE_PRODUCTS, *_columns(rows), now)


@asynccontextmanager
async def no_twins() -> AsyncIterator[None]:
    """Undo the block and raise OptionsTaken or BarcodeTaken where it would make a second of what is unique."""
    try:
        async with db.savepoint():
            yield
    except asyncpg.UniqueViolationError as error:
        refusal = {"catalog_variant_options": OptionsTaken, "catalog_variant_barcode": BarcodeTaken}.get(
            error.constraint_name or ""
        )
        if refusal is None:
            raise
        raise refusal from error


async def insert_variants(
    rows: Sequence[VariantRow], *, now: datetime, levels: Mapping[UUID, int] = MappingProxyType({})
) -> None:
    """Insert the variants, each with a stock row of its level, else an empty one; movements are the caller's."""
    if rows:
        async with no_twins():
            await db.execute(_INSERT_VARIANTS, *_columns(rows), now)
        await db.execute(
            "INSERT INTO catalog_stock (variant_id, on_hand) SELECT * FROM unnest($1::uuid[], $2::int[])",
            [row.id for row in rows], [levels.get(row.id, 0) for row in rows],
        )  # fmt: skip


async def update_variants(rows: Sequence[VariantRow], *, now: datetime) -> None:
    """Write the variants' columns."""
    if rows:
        async with no_twins():
            await db.execute(_UPDATE_VARIANTS, *_columns(rows), now)


async def raise_versions(product_ids: Collection[UUID], *, now: datetime) -> None:
    """Raise the versions of products of which something else than a column was changed."""
    if product_ids:
        await db.execute(
            "UPDATE catalog_product SET version = version + 1, updated_at = $2 WHERE id = ANY($1::uuid[])",
            list(product_ids), now,
        )  # fmt: skip


def _columns(rows: Sequence[ProductRow] | Sequence[VariantRow]) -> list[tuple[Any, ...]]:
    return list(zip(*(row.values() for row in rows), strict=True))
