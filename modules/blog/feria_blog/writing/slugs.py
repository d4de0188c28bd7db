"""Slugs of posts: unique over all languages, and never lost: a former one leads to the present one."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from uuid import UUID

from feria_blog.errors import SlugTaken
from feria_core import db
from feria_core.text import slug_of

# Pages of the site beside those of posts.
RESERVED = frozenset(("authors", "categories", "preview", "tags"))
_NUMBERED = 20
# A former slug, of whichever post, goes to who wants it now; a present one only to its own post.
_CLAIM = """
INSERT INTO blog_slug (slug, post_id, locale, is_present) VALUES ($1, $2, $3, true)
ON CONFLICT (slug) DO UPDATE SET post_id = excluded.post_id, locale = excluded.locale, is_present = true
WHERE NOT blog_slug.is_present OR blog_slug.post_id = excluded.post_id
"""
_RETIRE = """
UPDATE blog_slug SET is_present = false WHERE post_id = $1 AND is_present AND NOT slug = ANY($2::text[])
"""


async def free_slug(title: str) -> str:
    """Return a free slug for a title, `spring-news`, else `spring-news-2`; a former slug of a post is not free."""
    wished = slug_of(title)
    for attempt in range(1, _NUMBERED + 1):
        slug = wished if attempt == 1 else f"{wished}-{attempt}"
        if slug not in RESERVED and not await db.fetch_value("SELECT 1 FROM blog_slug WHERE slug = $1", slug):
            return slug
    return f"{wished}-{secrets.token_hex(4)}"


async def check(post_id: UUID, wanted: Iterable[str]) -> None:
    """Raise SlugTaken where another post has one of the slugs now, in any language."""
    slugs = list(wanted)
    taken: str | None = await db.fetch_value(
        "SELECT min(slug) FROM blog_slug WHERE slug = ANY($1::text[]) AND is_present AND post_id <> $2", slugs, post_id
    )
    taken = taken or min(RESERVED.intersection(slugs), default=None)
    if taken:
        raise SlugTaken(taken)


async def take(post_id: UUID, wanted: Mapping[str | None, str]) -> None:
    """Make these the post's slugs, by language, None for its own; those that it had lead to it. Raises SlugTaken."""
    if len(set(wanted.values())) < len(wanted):
        raise SlugTaken(next(slug for slug in wanted.values() if list(wanted.values()).count(slug) > 1))
    await db.execute(_RETIRE, post_id, list(wanted.values()))
    for locale, slug in wanted.items():
        if not await db.execute(_CLAIM, slug, post_id, locale):
            raise SlugTaken(slug)
