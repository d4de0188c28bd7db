"""Categories, brands and suggestions: what leads to products."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from feria_catalog.folding import fold
from feria_catalog.listing.query import parse
from feria_catalog.schemas import AttributeOut, BrandOut, CategoryDetail, CategoryOut, CategoryRef, Suggestion
from feria_core import clock, db
from feria_core.errors import NotFound

SUGGESTIONS = 10
# Of the products that fit what was typed, so many are looked at for the most popular.
_LOOKED_AT = 200

_CATEGORIES = """
SELECT c.id, c.parent_id, c.slug, c.name, coalesce(n.products, 0) AS products
FROM catalog_category c
LEFT JOIN (
    SELECT step AS slug, count(*) AS products FROM catalog_product_document d, unnest(d.category_path) AS step
    WHERE d.listed_from <= $1 GROUP BY step) n ON n.slug = c.slug
ORDER BY c.position, lower(c.name), c.slug
"""
_BRANDS = """
SELECT b.slug, b.name, count(*) AS products
FROM catalog_brand b JOIN catalog_product_document d ON d.brand_slug = b.slug
WHERE d.listed_from <= $1 GROUP BY b.slug, b.name ORDER BY lower(b.name), b.slug
"""
_ATTRIBUTES = """
SELECT a.code, a.name, a.type, a.unit FROM catalog_attribute a
WHERE a.is_filterable AND a.code IN (
    SELECT split_part(token, '=', 1) FROM catalog_product_document d, unnest(d.attribute_values) AS token
    WHERE d.category_path @> ARRAY[$1::text] AND d.listed_from <= $2)
ORDER BY lower(a.name), a.code
"""
_SUGGESTED_PRODUCTS = f"""
SELECT p.name, p.slug FROM (
    SELECT d.product_id, d.popularity FROM catalog_product_document d
    WHERE d.search @@ to_tsquery('english', $1) AND d.title @@ to_tsquery('english', $1) AND d.listed_from <= $2
    LIMIT {_LOOKED_AT}) found
JOIN catalog_product p ON p.id = found.product_id
ORDER BY found.popularity DESC, length(p.name), p.id LIMIT {SUGGESTIONS}
"""


async def category_tree() -> list[CategoryOut]:
    """Return the roots with their subtrees, each with the number of shown products in it."""
    children = _by_parent(await db.fetch_all(_CATEGORIES, clock.now()))
    return _subtrees(None, children)


async def category(slug: str) -> CategoryDetail:
    """Return one category with breadcrumb, children and attributes to filter by. Raises NotFound."""
    rows = await db.fetch_all(_CATEGORIES, clock.now())
    by_id = {row["id"]: row for row in rows}
    found = next((row for row in rows if row["slug"] == slug), None)
    if found is None:
        raise NotFound(f"There is no category '{slug}': GET /api/categories lists them.")
    breadcrumb: list[CategoryRef] = []
    step: Mapping[str, Any] | None = found
    while step is not None:
        breadcrumb.insert(0, CategoryRef(slug=step["slug"], name=step["name"]))
        step = by_id.get(step["parent_id"])
    attributes = await db.fetch_all(_ATTRIBUTES, slug, clock.now())
    return CategoryDetail(
        slug=slug,
        name=found["name"],
        product_count=found["products"],
        children=_subtrees(found["id"], _by_parent(rows)),
        breadcrumb=breadcrumb,
        attributes=[AttributeOut(**row) for row in attributes],
    )


async def brands() -> list[BrandOut]:
    """Return the brands of shown products, by name."""
    rows = await db.fetch_all(_BRANDS, clock.now())
    return [BrandOut(slug=row["slug"], name=row["name"], product_count=row["products"]) for row in rows]


async def suggestions(text: str) -> list[Suggestion]:
    """Return at most ten categories and products whose names hold what was typed, the last word as a beginning."""
    query = parse(text)
    if query is None or not query.words:
        return []
    typed = fold(text).strip()
    rows = await db.fetch_all("SELECT slug, name FROM catalog_category ORDER BY lower(name), slug")
    fitting = [row for row in rows if any(part.startswith(typed) for part in _beginnings(row["name"]))]
    found = [Suggestion(kind="category", text=row["name"], slug=row["slug"]) for row in fitting[: SUGGESTIONS // 3]]
    products = await db.fetch_all(_SUGGESTED_PRODUCTS, query.all_words, clock.now())
    found += [Suggestion(kind="product", text=row["name"], slug=row["slug"]) for row in products]
    return found[:SUGGESTIONS]


def _beginnings(name: str) -> list[str]:
    """Return the name from each of its words on: "dining tables" also fits "tab"."""
    parts = fold(name).split()
    return [" ".join(parts[i:]) for i in range(len(parts))]


def _by_parent(rows: Sequence[Mapping[str, Any]]) -> dict[UUID | None, list[Mapping[str, Any]]]:
    children: dict[UUID | None, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        children[row["parent_id"]].append(row)
    return children


def _subtrees(parent_id: UUID | None, children: Mapping[UUID | None, Sequence[Mapping[str, Any]]]) -> list[CategoryOut]:
    return [
        CategoryOut(
            slug=row["slug"],
            name=row["name"],
            product_count=row["products"],
            children=_subtrees(row["id"], children),
        )
        for row in children.get(parent_id, ())
    ]
