"""Collections as they are now: a rule is judged at read time, by the filters of lists."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import orjson

from feria_catalog.facets.current import current
from feria_catalog.facets.selecting import select
from feria_catalog.listing.filters import Filters
from feria_catalog.product_page import SLUG
from feria_catalog.schemas import CollectionOut
from feria_catalog.writing import renames
from feria_core import clock, db
from feria_core.errors import NotFound
from feria_core.text import slug_of

_COLLECTIONS = """
SELECT c.slug, c.name, c.description, c.rule::text AS rule, ARRAY(
    SELECT p.no FROM catalog_collection_product cp JOIN catalog_product p ON p.id = cp.product_id
    WHERE cp.collection_id = c.id ORDER BY cp.position, p.no) AS numbers
FROM catalog_collection c
"""


@dataclass(frozen=True)
class Curated:
    """A collection: the numbers of its products in their order, or the filters that they pass."""

    slug: str
    name: str
    description: str
    numbers: Sequence[int]
    rule: Filters | None

    @property
    def is_by_hand(self) -> bool:
        return self.rule is None


async def find(slug: str) -> Curated | None:
    """Return the collection, None where there is none."""
    if not SLUG.fullmatch(slug):
        return None
    row = await db.fetch_one(f"{_COLLECTIONS} WHERE c.slug = $1", slug)
    return await _curated(row) if row else None


def narrowed(filters: Filters, collection: Curated | None) -> Filters:
    """Return the filters within the collection; an unknown one has no products."""
    if collection is None:
        return replace(filters, numbers=())
    if collection.rule is not None:
        return replace(filters, rule=collection.rule)
    return replace(filters, numbers=collection.numbers)


async def listed() -> list[CollectionOut]:
    """Return every collection by name."""
    rows = await db.fetch_all(f"{_COLLECTIONS} ORDER BY lower(c.name), c.slug")
    return [await _counted(await _curated(row)) for row in rows]


async def shown(slug: str) -> CollectionOut:
    """Return one collection. Raises NotFound."""
    found = await find(slug)
    if found is None:
        raise NotFound(f"There is no collection '{slug[:100]}': GET /api/collections lists them.")
    return await _counted(found)


async def present_category(slug: str | None) -> str | None:
    """Return the present slug of the category that an old one leads to."""
    if slug is None or not SLUG.fullmatch(slug):
        return slug
    return (await renames.present(renames.CATEGORY, [slug])).get(slug, slug)


async def present_brands(wished: Sequence[str] | None) -> Sequence[str]:
    """Return brands by their present slugs; they are asked for by name or slug."""
    if not wished:
        return ()
    slugs = [slug_of(brand) for brand in wished]
    present = await renames.present(renames.BRAND, slugs)
    return [present.get(slug, slug) for slug in slugs]


async def _curated(row: Mapping[str, Any]) -> Curated:
    rule = await _filters(orjson.loads(row["rule"])) if row["rule"] is not None else None
    return Curated(row["slug"], row["name"], row["description"], row["numbers"], rule)


async def _filters(rule: Mapping[str, Any]) -> Filters:
    """Return the stored rule as filters; slugs in it may be old ones."""
    ranges = {code: (bounds.get("min"), bounds.get("max")) for code, bounds in rule.get("ranges", {}).items()}
    rating = rule.get("rating_min")
    return Filters(
        category=await present_category(rule.get("category")),
        brands=await present_brands(rule.get("brand")),
        price_min=rule.get("price_min"),
        price_max=rule.get("price_max"),
        in_stock=rule.get("in_stock"),
        on_sale=rule.get("on_sale"),
        rating_min=Decimal(str(rating)) if rating is not None else None,
        attributes=rule.get("attributes", {}),
        ranges=ranges,
    )


async def _counted(collection: Curated) -> CollectionOut:
    now = clock.now()
    index = await current()
    count = len(select(index, narrowed(Filters(), collection), now).all())
    return CollectionOut(
        slug=collection.slug, name=collection.name, description=collection.description,
        kind="manual" if collection.is_by_hand else "rule", product_count=count,
    )  # fmt: skip
