"""Old slugs of brands and categories: each leads to the thing itself, unless another has taken the slug since."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from feria_core import db


@dataclass(frozen=True)
class Named:
    """A kind of things with slugs, and the table of their old ones."""

    table: str
    history: str
    column: str


BRAND = Named("catalog_brand", "catalog_brand_slug", "brand_id")
CATEGORY = Named("catalog_category", "catalog_category_slug", "category_id")


async def is_taken(kind: Named, slug: str, *, by_other_than: UUID | None = None) -> bool:
    """Return whether another thing of the kind has the slug now."""
    return bool(
        await db.fetch_value(
            f"SELECT EXISTS (SELECT FROM {kind.table} WHERE slug = $1 AND id IS DISTINCT FROM $2)", slug, by_other_than
        )
    )


async def claim(kind: Named, slug: str) -> None:
    """Take a slug out of the history: from now on it is the slug of whoever gets it."""
    await db.execute(f"DELETE FROM {kind.history} WHERE slug = $1", slug)


async def retire(kind: Named, slug: str, thing_id: UUID) -> None:
    """Remember a slug that led to the thing."""
    await db.execute(
        f"INSERT INTO {kind.history} (slug, {kind.column}) VALUES ($1, $2)"
        f" ON CONFLICT (slug) DO UPDATE SET {kind.column} = excluded.{kind.column}, retired_at = now()",
        slug, thing_id,
    )  # fmt: skip


async def present(kind: Named, slugs: Collection[str]) -> dict[str, str]:
    """Return the present slug for each old one among `slugs`."""
    rows = await db.fetch_all(
        f"SELECT h.slug, t.slug AS present FROM {kind.history} h JOIN {kind.table} t ON t.id = h.{kind.column}"
        " WHERE h.slug = ANY($1::text[])",
        list(slugs),
    )  # fmt: skip
    return {row["slug"]: row["present"] for row in rows}
