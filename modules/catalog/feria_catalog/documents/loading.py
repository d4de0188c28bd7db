"""What documents show, read for many products in a few statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

import orjson

from feria_catalog.documents.rendering import AttributeLabel, ProductFacts, VariantFacts
from feria_core import db

_PRODUCTS = """
SELECT p.id, p.name, p.slug, p.description, b.name AS brand, b.slug AS brand_slug, p.category_id,
    p.attributes::text AS attributes, p.seo_title, p.seo_description, p.rating, p.review_count, p.status,
    p.publish_at, p.popularity, p.created_at
FROM catalog_product p LEFT JOIN catalog_brand b ON b.id = p.brand_id
WHERE p.id = ANY($1::uuid[])
"""
_VARIANTS = """
SELECT v.product_id, v.id, v.sku, v.options::text AS options, v.price_amount, v.currency, v.compare_at_amount,
    v.weight_g, v.barcode, s.on_hand - s.reserved AS available
FROM catalog_variant v JOIN catalog_stock s ON s.variant_id = v.id
WHERE v.product_id = ANY($1::uuid[]) AND v.is_active ORDER BY v.product_id, v.position, v.id
"""
_MEDIA = """
SELECT product_id, key, alt, width, height FROM catalog_media
WHERE product_id = ANY($1::uuid[]) ORDER BY product_id, position, id
"""
_CATEGORIES = """
SELECT leaf.id, step.slug, step.name
FROM catalog_category leaf
CROSS JOIN unnest(leaf.path) WITH ORDINALITY AS part (slug, depth)
JOIN catalog_category step ON step.slug = part.slug
WHERE leaf.id = ANY($1::uuid[]) ORDER BY leaf.id, part.depth
"""
_ATTRIBUTES = "SELECT code, name, unit, group_name, is_filterable FROM catalog_attribute"


async def load(product_ids: Collection[UUID]) -> list[ProductFacts]:
    """Return what the documents of these products show; unknown ids are left out. Five statements for any number."""
    ids = list(product_ids)
    products = await db.fetch_all(_PRODUCTS, ids)
    variants: dict[UUID, list[VariantFacts]] = defaultdict(list)
    for row in await db.fetch_all(_VARIANTS, ids):
        variants[row["product_id"]].append(_variant(row))
    media: dict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    for row in await db.fetch_all(_MEDIA, ids):
        media[row["product_id"]].append(row)
    paths = await _category_paths({row["category_id"] for row in products if row["category_id"]})
    labels = await _labels()
    return [
        _product(row, variants[row["id"]], media[row["id"]], paths.get(row["category_id"], []), labels)
        for row in products
    ]


async def _category_paths(category_ids: set[UUID]) -> dict[UUID, list[Mapping[str, str]]]:
    paths: dict[UUID, list[Mapping[str, str]]] = defaultdict(list)
    for row in await db.fetch_all(_CATEGORIES, list(category_ids)):
        paths[row["id"]].append({"slug": row["slug"], "name": row["name"]})
    return paths


async def _labels() -> dict[str, AttributeLabel]:
    return {
        row["code"]: AttributeLabel(row["name"], row["unit"], row["group_name"], row["is_filterable"])
        for row in await db.fetch_all(_ATTRIBUTES)
    }


def _variant(row: Mapping[str, Any]) -> VariantFacts:
    return VariantFacts(
        id=row["id"],
        sku=row["sku"],
        options=orjson.loads(row["options"]),
        price_amount=row["price_amount"],
        currency=row["currency"],
        compare_at_amount=row["compare_at_amount"],
        weight_g=row["weight_g"],
        barcode=row["barcode"],
        available=row["available"],
    )


def _product(
    row: Mapping[str, Any],
    variants: list[VariantFacts],
    media: list[Mapping[str, Any]],
    path: list[Mapping[str, str]],
    labels: Mapping[str, AttributeLabel],
) -> ProductFacts:
    return ProductFacts(
        id=row["id"],
        name=row["name"],
        slug=row["slug"],
        description=row["description"],
        brand=row["brand"],
        brand_slug=row["brand_slug"],
        category_path=path,
        attributes=orjson.loads(row["attributes"]),
        labels=labels,
        seo_title=row["seo_title"],
        seo_description=row["seo_description"],
        rating=row["rating"],
        review_count=row["review_count"],
        status=row["status"],
        publish_at=row["publish_at"],
        popularity=row["popularity"],
        created_at=row["created_at"],
        variants=variants,
        media=media,
    )
