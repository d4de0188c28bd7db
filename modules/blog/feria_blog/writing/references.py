"""What a post names: its category, its author, its tags."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from feria_core import clock, db
from feria_core.errors import Invalid
from feria_core.ids import new_id
from feria_core.text import slug_of

_CATEGORY = """
SELECT id FROM blog_category WHERE slug = $1
UNION ALL SELECT category_id FROM blog_category_slug WHERE slug = $1 LIMIT 1
"""
_ADD_TAGS = """
INSERT INTO blog_tag (id, slug, name, created_at)
SELECT n.id, n.slug, n.name, $4 FROM unnest($1::uuid[], $2::text[], $3::text[]) AS n (id, slug, name)
ON CONFLICT (slug) DO NOTHING
"""
_TAGS = """
SELECT DISTINCT ON (w.place) g.id FROM unnest($1::text[], $2::text[]) WITH ORDINALITY AS w (name, slug, place)
JOIN blog_tag g ON g.slug = w.slug OR g.name = w.name
ORDER BY w.place, g.name = w.name DESC, g.slug
"""


async def category_id(slug: str | None) -> UUID | None:
    """Return the category of a present or former slug, None for none. Raises Invalid."""
    if slug is None:
        return None
    found: UUID | None = await db.fetch_value(_CATEGORY, slug)
    if found is None:
        raise Invalid.field(
            "body", "category", code="unknown_category", message=f"There is no category '{slug}': create it first"
        )
    return found


async def author_id(slug: str | None) -> UUID | None:
    """Return the author of this slug, None for none. Raises Invalid."""
    if slug is None:
        return None
    found: UUID | None = await db.fetch_value("SELECT id FROM blog_author WHERE slug = $1", slug)
    if found is None:
        raise Invalid.field(
            "body", "author", code="unknown_author", message=f"There is no author '{slug}': create one first"
        )
    return found


async def own_author(user_id: UUID | None) -> str | None:
    """Return the slug of the author that this account writes as, None for none."""
    slug: str | None = await db.fetch_value("SELECT slug FROM blog_author WHERE user_id = $1", user_id)
    return slug


async def set_tags(post_id: UUID, names: Sequence[str]) -> None:
    """Give the post these tags, named by name or slug; what is unknown is made."""
    wanted = {slug_of(name): name for name in reversed(names)}
    slugs, written = list(wanted), list(wanted.values())
    known = await db.fetch_value("SELECT array_agg(name) FROM blog_tag WHERE name = ANY($1::text[])", written) or ()
    new = [(new_id(), slug, name) for slug, name in wanted.items() if name not in known]
    if new:
        ids, new_slugs, new_names = zip(*new, strict=True)
        await db.execute(_ADD_TAGS, list(ids), list(new_slugs), list(new_names), clock.now())
    await db.execute("DELETE FROM blog_post_tag WHERE post_id = $1", post_id)
    await db.execute(
        f"INSERT INTO blog_post_tag (post_id, tag_id) SELECT DISTINCT $3::uuid, f.id FROM ({_TAGS}) f",
        written, slugs, post_id,
    )  # fmt: skip
