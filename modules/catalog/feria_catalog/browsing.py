"""Categories, brands and suggestions: what leads to products."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson

from feria_catalog.custom_fields import definitions as custom_fields
from feria_catalog.documents import languages
from feria_catalog.facets.counting import Counter
from feria_catalog.facets.current import current
from feria_catalog.facets.values import brand_token, category_token
from feria_catalog.schemas import AttributeOut, BrandOut, CategoryDetail, CategoryOut, CategoryRef
from feria_core import clock, db
from feria_core.errors import NotFound
from feria_core.http.request import locale

_CATEGORIES = """
SELECT id, parent_id, slug, coalesce(names ->> $1, name) AS name, names ? $1 AS is_translated,
    custom_fields::text AS custom_fields
FROM catalog_category ORDER BY position, lower(coalesce(names ->> $1, name)), slug
"""
_BRANDS = """
SELECT slug, coalesce(names ->> $1, name) AS name, names ? $1 AS is_translated
FROM catalog_brand ORDER BY lower(coalesce(names ->> $1, name)), slug
"""
_ATTRIBUTES = """
SELECT code, coalesce(names ->> $2, name) AS name, type, unit FROM catalog_attribute
WHERE is_filterable AND code = ANY($1::text[]) ORDER BY lower(coalesce(names ->> $2, name)), code
"""


async def category_tree() -> list[CategoryOut]:
    """Return the roots with their subtrees, each with the number of shown products in it."""
    rows = await _named(_CATEGORIES)
    counts = await _counts([category_token(row["slug"]) for row in rows])
    return _subtrees(None, _by_parent(rows), counts)


async def category(slug: str) -> CategoryDetail:
    """Return one category with breadcrumb, children and attributes to filter by. Raises NotFound."""
    rows = await _named(_CATEGORIES)
    by_id = {row["id"]: row for row in rows}
    found = next((row for row in rows if row["slug"] == slug), None)
    if found is None:
        raise NotFound(f"There is no category '{slug}': GET /api/categories lists them.")
    breadcrumb: list[CategoryRef] = []
    step: Mapping[str, Any] | None = found
    while step is not None:
        breadcrumb.insert(0, CategoryRef(slug=step["slug"], name=step["name"]))
        step = by_id.get(step["parent_id"])
    counts = await _counts([category_token(row["slug"]) for row in rows])
    attributes = await db.fetch_all(_ATTRIBUTES, await _attributes_in(slug), locale())
    return CategoryDetail(
        slug=slug,
        name=found["name"],
        product_count=counts[category_token(slug)],
        children=_subtrees(found["id"], _by_parent(rows), counts),
        breadcrumb=breadcrumb,
        attributes=[AttributeOut(**row) for row in attributes],
        custom_fields=await _public_fields(found["custom_fields"]),
    )


async def _public_fields(text: str) -> dict[str, Any]:
    values = orjson.loads(text)
    return custom_fields.public(await custom_fields.load(), custom_fields.CATEGORY, values) if values else {}


async def brands() -> list[BrandOut]:
    """Return the brands of shown products, by name."""
    rows = await _named(_BRANDS)
    counts = await _counts([brand_token(row["slug"]) for row in rows])
    found = [
        BrandOut(slug=row["slug"], name=row["name"], product_count=counts[brand_token(row["slug"])]) for row in rows
    ]
    return [brand for brand in found if brand.product_count]


async def _named(statement: str) -> Sequence[Mapping[str, Any]]:
    """Return the rows with their names in the request's language, where they have one."""
    rows = await db.fetch_all(statement, locale())
    if any(row["is_translated"] for row in rows):
        languages.note(locale())
    return rows


def _by_parent(rows: Sequence[Mapping[str, Any]]) -> dict[UUID | None, list[Mapping[str, Any]]]:
    children: dict[UUID | None, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        children[row["parent_id"]].append(row)
    return children


def _subtrees(
    parent_id: UUID | None,
    children: Mapping[UUID | None, Sequence[Mapping[str, Any]]],
    counts: Mapping[str, int],
) -> list[CategoryOut]:
    return [
        CategoryOut(
            slug=row["slug"],
            name=row["name"],
            product_count=counts[category_token(row["slug"])],
            children=_subtrees(row["id"], children, counts),
        )
        for row in children.get(parent_id, ())
    ]


async def _counts(tokens: Sequence[str]) -> dict[str, int]:
    """Return how many shown products have each value."""
    index = await current()
    shown = index.schedule.shown(clock.now())
    return {token: shown.intersection_cardinality(index.members(token)) for token in tokens}


async def _attributes_in(slug: str) -> list[str]:
    """Return the codes of what the shown products of a category can be filtered by."""
    index = await current()
    products = index.schedule.shown(clock.now()) & index.members(category_token(slug))
    return Counter(index, products).names()
