"""What documents show, read for many products in a few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson

from feria_catalog.custom_fields import definitions as custom_fields
from feria_catalog.custom_fields.definitions import Fields
from feria_catalog.documents.rendering import AttributeLabel, ProductFacts, Translation, VariantFacts
from feria_catalog.pricing import loading as pricing
from feria_catalog.pricing.loading import Asked, Price
from feria_catalog.pricing.prices import Shown
from feria_core import clock, db

_PRODUCTS = """
SELECT p.id, p.no, p.name, p.slug, p.description, b.name AS brand, b.slug AS brand_slug, b.names::text AS brand_names,
    p.category_id,
    p.attributes::text AS attributes, p.seo_title, p.seo_description, p.rating, p.rating_rank, p.review_count,
    p.status,
    p.publish_at, p.unpublish_at, p.popularity, p.created_at, d.price_until,
    p.custom_fields::text AS custom_fields
FROM catalog_product p LEFT JOIN catalog_brand b ON b.id = p.brand_id
LEFT JOIN catalog_product_document d ON d.product_id = p.id
WHERE p.id = ANY($1::uuid[])
"""
_VARIANTS = """
SELECT v.product_id, v.id, v.sku, v.options::text AS options, v.price_amount, v.currency, v.compare_at_amount,
    v.weight_g, v.barcode, v.attributes::text AS attributes, s.on_hand - s.reserved AS available,
    v.custom_fields::text AS custom_fields
FROM catalog_variant v JOIN catalog_stock s ON s.variant_id = v.id
WHERE v.product_id = ANY($1::uuid[]) AND v.is_active ORDER BY v.product_id, v.position, v.id
"""
_MEDIA = """
SELECT product_id, key, alt, width, height, focal_x, focal_y FROM catalog_media
WHERE product_id = ANY($1::uuid[]) ORDER BY product_id, position, id
"""
_CATEGORIES = """
SELECT leaf.id, step.slug, step.name, step.names::text AS names
FROM catalog_category leaf
CROSS JOIN unnest(leaf.path) WITH ORDINALITY AS part (slug, depth)
JOIN catalog_category step ON step.slug = part.slug
WHERE leaf.id = ANY($1::uuid[]) ORDER BY leaf.id, part.depth
"""
_ATTRIBUTES = (
    "SELECT code, name, unit, group_name, is_filterable, type, position, names::text AS names FROM catalog_attribute"
)
_TRANSLATIONS = """
SELECT product_id, locale, name, slug, description, seo_title, seo_description
FROM catalog_product_translation WHERE product_id = ANY($1::uuid[])
"""
_VARIANT_MEDIA = """
SELECT vm.variant_id, m.key, m.alt, m.width, m.height, m.focal_x, m.focal_y
FROM catalog_variant_media vm JOIN catalog_media m ON m.id = vm.media_id
WHERE m.product_id = ANY($1::uuid[]) ORDER BY vm.variant_id, vm.position, m.id
"""


async def load(product_ids: Collection[UUID]) -> list[ProductFacts]:
    """Return what the documents of these products show; unknown ids are left out. A few statements for any number."""
    ids = list(product_ids)
    products = await db.fetch_all(_PRODUCTS, ids)
    media: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for row in await db.fetch_all(_MEDIA, ids):
        media[row["product_id"]].append(row)
    pictured: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for row in await db.fetch_all(_VARIANT_MEDIA, ids) if media else ():
        pictured[row["variant_id"]].append(row)
    variants: dict[UUID, list[VariantFacts]] = defaultdict(list)
    rows = await db.fetch_all(_VARIANTS, ids)
    prices = await _prices(products, rows)
    fields = await custom_fields.load()
    for row in rows:
        variant = _variant(row, prices[row["id"]], fields, pictured.get(row["id"], ()))
        variants[row["product_id"]].append(variant)
    paths = await _category_paths({row["category_id"] for row in products if row["category_id"]})
    labels = await _labels()
    texts: dict[UUID, dict[str, Translation]] = defaultdict(dict)
    for row in await db.fetch_all(_TRANSLATIONS, ids):
        texts[row["product_id"]][row["locale"]] = Translation(
            row["name"], row["slug"], row["description"], row["seo_title"], row["seo_description"]
        )
    return [
        _product(
            row,
            variants[row["id"]],
            media[row["id"]],
            paths.get(row["category_id"]) or _Path(),
            labels,
            texts.get(row["id"], {}),
            fields,
        )
        for row in products
    ]


async def _prices(products: Sequence[db.Row], variants: Sequence[db.Row]) -> dict[UUID, Price]:
    now = clock.now()
    due = {row["id"]: row["price_until"] for row in products if row["price_until"] and row["price_until"] <= now}
    asked = [
        Asked(row["id"], Shown(row["price_amount"], row["compare_at_amount"]), due.get(row["product_id"]))
        for row in variants
    ]
    return await pricing.load(asked, now)


@dataclass
class _Path:
    """A category's path from the root down, and the names of its steps in other languages."""

    steps: list[Mapping[str, str]] = field(default_factory=list)
    names: list[Mapping[str, str]] = field(default_factory=list)


async def _category_paths(category_ids: set[UUID]) -> dict[UUID, _Path]:
    paths: dict[UUID, _Path] = defaultdict(_Path)
    for row in await db.fetch_all(_CATEGORIES, list(category_ids)):
        paths[row["id"]].steps.append({"slug": row["slug"], "name": row["name"]})
        paths[row["id"]].names.append(orjson.loads(row["names"]))
    return paths


async def _labels() -> dict[str, AttributeLabel]:
    return {
        row["code"]: AttributeLabel(
            row["name"],
            row["unit"],
            row["group_name"],
            row["is_filterable"],
            row["type"],
            row["position"],
            orjson.loads(row["names"]),
        )
        for row in await db.fetch_all(_ATTRIBUTES)
    }


def _variant(
    row: Mapping[str, Any], price: Price, fields: Fields, pictures: Sequence[Mapping[str, Any]]
) -> VariantFacts:
    return VariantFacts(
        id=row["id"],
        sku=row["sku"],
        options=orjson.loads(row["options"]),
        price_amount=price.shown.amount,
        currency=row["currency"],
        compare_at_amount=price.shown.compare_at,
        lowest_amount=price.lowest,
        price_until=price.until,
        price_news=price.news,
        custom_fields=custom_fields.public(fields, custom_fields.VARIANT, orjson.loads(row["custom_fields"])),
        weight_g=row["weight_g"],
        barcode=row["barcode"],
        available=row["available"],
        attributes=orjson.loads(row["attributes"]),
        media=pictures,
    )


def _product(
    row: Mapping[str, Any],
    variants: list[VariantFacts],
    media: list[Mapping[str, Any]],
    path: _Path,
    labels: Mapping[str, AttributeLabel],
    translations: Mapping[str, Translation],
    fields: Fields,
) -> ProductFacts:
    return ProductFacts(
        id=row["id"],
        no=row["no"],
        name=row["name"],
        slug=row["slug"],
        description=row["description"],
        brand=row["brand"],
        brand_slug=row["brand_slug"],
        category_path=path.steps,
        category_names=path.names,
        brand_names=orjson.loads(row["brand_names"]) if row["brand_names"] else {},
        translations=translations,
        attributes=orjson.loads(row["attributes"]),
        labels=labels,
        seo_title=row["seo_title"],
        seo_description=row["seo_description"],
        rating=row["rating"],
        rating_rank=row["rating_rank"],
        review_count=row["review_count"],
        status=row["status"],
        publish_at=row["publish_at"],
        unpublish_at=row["unpublish_at"],
        popularity=row["popularity"],
        created_at=row["created_at"],
        variants=variants,
        media=media,
        custom_fields=custom_fields.public(fields, custom_fields.PRODUCT, orjson.loads(row["custom_fields"])),
        filterable_fields={code: f.definition.type for code, f in fields.items() if f.definition.is_filterable},
    )
