"""Which products posts show, and whose pages must know."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from feria_core import cache, db
from feria_core.contracts.catalog import PRODUCTS
from feria_core.runtime import registry

AT_ONCE = 500
_WRITE = """
INSERT INTO blog_mention (post_id, slug, product_id)
SELECT $1, m.slug, m.product_id FROM unnest($2::text[], $3::uuid[]) AS m (slug, product_id)
ON CONFLICT (post_id, slug) DO NOTHING
"""
_RESOLVE = """
UPDATE blog_mention m SET product_id = n.product_id FROM unnest($1::text[], $2::uuid[]) AS n (slug, product_id)
WHERE m.slug = n.slug AND m.product_id IS NULL
"""


async def rewrite(post_id: UUID, slugs: Collection[str]) -> None:
    """Write what the post shows now; the pages of products that it showed or shows are made anew."""
    before = await db.fetch_all("DELETE FROM blog_mention WHERE post_id = $1 RETURNING slug, product_id", post_id)
    # What a text has meant once it goes on to mean, whatever has taken the slug since.
    known = {row["slug"]: row["product_id"] for row in before if row["product_id"] and row["slug"] in slugs}
    products = registry().find(PRODUCTS)
    if products is not None and (missing := set(slugs) - set(known)):
        known.update(await products.ids_of(missing))
    ordered = sorted(slugs)
    await db.execute(_WRITE, post_id, ordered, [known.get(slug) for slug in ordered])
    touch(row["product_id"] for row in before)
    touch(known.values())


async def touched_by(post_id: UUID) -> None:
    """Let the pages of the products that the post shows be made anew."""
    touch(
        row["product_id"]
        for row in await db.fetch_all("SELECT product_id FROM blog_mention WHERE post_id = $1", post_id)
    )


def touch(product_ids: Iterable[UUID | None]) -> None:
    """Make the pages of these products stale."""
    tags = [f"product:{product_id}" for product_id in product_ids if product_id]
    if tags:
        cache.touch(*tags)


async def resolve() -> int:
    """Find the products that were made after a post named them; return how many slugs now have one."""
    products = registry().find(PRODUCTS)
    if products is None:
        return 0
    count, after = 0, ""
    while slugs := await _unknown(after):
        after = slugs[-1]
        found = await products.ids_of(slugs)
        if found:
            async with db.transaction():
                await db.execute(_RESOLVE, list(found), list(found.values()))
                touch(found.values())
            count += len(found)
    return count


async def _unknown(after: str) -> list[str]:
    rows = await db.fetch_all(
        "SELECT DISTINCT slug FROM blog_mention WHERE product_id IS NULL AND slug > $1 ORDER BY slug LIMIT $2",
        after, AT_ONCE,
    )  # fmt: skip
    return [row["slug"] for row in rows]
