"""Documents that show something which was renamed or moved: written at once where they are few, else by a job."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from feria_catalog.documents.writing import LISTS, lock, rewrite
from feria_catalog.facets import moving
from feria_core import cache, db
from feria_core.jobs import enqueue

JOB = "catalog.rewrite_affected"
# Rewritten in the transaction of the change: some tenths of a second.
AT_ONCE = 300
# Of the job: so many in one statement, and so many until it hands over to the next.
BATCH, SLICE = 500, 2000

ATTRIBUTE, BRAND, CATEGORY = "attribute", "brand", "category"
CUSTOM_FIELD = "custom_field"
_SHOWING: Mapping[str, str] = {
    ATTRIBUTE: "(p.attributes ? $1 OR EXISTS (SELECT FROM catalog_variant v"
    " WHERE v.product_id = p.id AND v.attributes ? $1))",
    CUSTOM_FIELD: "(p.custom_fields ? $1 OR EXISTS (SELECT FROM catalog_variant v"
    " WHERE v.product_id = p.id AND v.custom_fields ? $1))",
    BRAND: "p.brand_id = $1::text::uuid",
    CATEGORY: "p.category_id IN (SELECT c.id FROM catalog_category c JOIN catalog_category top"
    " ON top.slug = ANY(c.path) WHERE top.id = $1::text::uuid)",
}


async def rewrite_showing(kind: str, key: object) -> None:
    """Write the documents of the products that show the thing anew, in this transaction or soon after it.

    What lists choose and count by is right at once for categories and brands: of many products their cards, pages and
    words are left to the job.
    """
    cache.touch(LISTS)
    found = await _next(kind, str(key), after=None, limit=AT_ONCE + 1)
    if len(found) > AT_ONCE:
        if kind in (BRAND, CATEGORY):
            await lock(await _next(kind, str(key), after=None, limit=None))
            await (moving.category if kind == CATEGORY else moving.brand)(str(key))
        await enqueue(JOB, kind=kind, key=str(key))
    else:
        await rewrite(found)


async def work_through(kind: str, key: str, *, after: UUID | None) -> None:
    """Write a slice of the documents in the open transaction, and queue the next slice."""
    for _ in range(SLICE // BATCH):
        found = await _next(kind, key, after=after, limit=BATCH)
        await rewrite(found)
        if len(found) < BATCH:
            return
        after = found[-1]
    await enqueue(JOB, kind=kind, key=key, after=str(after))


async def _next(kind: str, key: str, *, after: UUID | None, limit: int | None) -> list[UUID]:
    rows = await db.fetch_all(
        f"SELECT p.id FROM catalog_product p WHERE {_SHOWING[kind]} AND ($2::uuid IS NULL OR p.id > $2)"
        " ORDER BY p.id LIMIT $3",
        key, after, limit,
    )  # fmt: skip
    return [row["id"] for row in rows]
