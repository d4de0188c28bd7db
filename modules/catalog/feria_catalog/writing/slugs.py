"""Slugs of products: unique, and never lost once they were public."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from feria_catalog.errors import SlugTaken
from feria_core import db
from feria_core.text import slug_of

# Paths under /api/products/ that are routes of their own.
RESERVED = frozenset(("suggest",))
_NUMBERED = 4


async def free_slugs(names: Sequence[str], *, taken: Collection[str] = ()) -> list[str]:
    """Return a free slug for each name, `oak-table`, else `oak-table-2`; an old slug of another product is not free."""
    slugs: dict[int, str] = {}
    used = {*taken, *RESERVED}
    attempt = 1
    while len(slugs) < len(names):
        wished = {i: _numbered(slug_of(name), attempt) for i, name in enumerate(names) if i not in slugs}
        used |= await _stored(set(wished.values()))
        for i, slug in wished.items():
            if slug not in used:
                slugs[i] = slug
                used.add(slug)
        attempt += 1
    return [slugs[i] for i in range(len(names))]


async def claim(wanted: Mapping[str, UUID]) -> None:
    """Check that each slug is free for its product, and take it out of the history of others. Raises SlugTaken."""
    if not wanted:
        return
    rows = await db.fetch_all(
        "SELECT slug, id FROM catalog_product WHERE slug = ANY($1::text[])"
        " UNION ALL SELECT slug, product_id FROM catalog_product_translation WHERE slug = ANY($1::text[])",
        list(wanted),
    )
    for row in rows:
        if wanted[row["slug"]] != row["id"]:
            raise SlugTaken(row["slug"])
    for slug in RESERVED & set(wanted):
        raise SlugTaken(slug)
    await db.execute("DELETE FROM catalog_slug_history WHERE slug = ANY($1::text[])", list(wanted))


async def retire(slugs: Mapping[str, UUID]) -> None:
    """Remember the slugs that products had until now, so that they lead to the new ones."""
    if slugs:
        await db.execute(
            "INSERT INTO catalog_slug_history (slug, product_id) SELECT * FROM unnest($1::text[], $2::uuid[])"
            " ON CONFLICT (slug) DO UPDATE SET product_id = excluded.product_id, retired_at = now()",
            list(slugs), list(slugs.values()),
        )  # fmt: skip


async def _stored(slugs: set[str]) -> set[str]:
    rows = await db.fetch_all(
        "SELECT slug FROM catalog_product WHERE slug = ANY($1::text[])"
        " UNION ALL SELECT slug FROM catalog_slug_history WHERE slug = ANY($1::text[])"
        " UNION ALL SELECT slug FROM catalog_product_translation WHERE slug = ANY($1::text[])",
        list(slugs),
    )
    return {row["slug"] for row in rows}


def _numbered(slug: str, attempt: int) -> str:
    if attempt == 1:
        return slug
    return f"{slug}-{attempt if attempt <= _NUMBERED else secrets.token_hex(4)}"
