"""A post as a list shows it. `$1` of every statement is the present, `$2` the wished language."""

from __future__ import annotations

from typing import Any

import orjson

from feria_blog.domain import reading_minutes
from feria_blog.reading.languages import column
from feria_blog.settings import BlogSettings
from feria_core.db import Row
from feria_core.runtime import settings

# The tag of every answer of the blog: staff write seldom, and a post stands in lists, on pages of others and in feeds.
TAG = "blog"

VISIBLE = "p.status = 'published' AND p.publish_at <= $1"
# When the clock changes by itself what is shown; no kept answer outlives it.
NEXT_EDGE = "(SELECT min(e.publish_at) FROM blog_post e WHERE e.status = 'published' AND e.publish_at > $1)"
JOINS = """
LEFT JOIN blog_translation t ON t.post_id = p.id AND t.locale = $2 AND t.locale <> p.locale
LEFT JOIN blog_author a ON a.id = p.author_id
LEFT JOIN blog_category c ON c.id = p.category_id
"""
COLUMNS = f"""
p.id, p.status, p.publish_at, greatest(p.updated_at, t.updated_at) AS updated_at, p.cover_url, p.cover_alt,
{", ".join(f"{column(name)} AS {name}" for name in ("slug", "title", "excerpt", "words", "locale"))},
a.slug AS author_slug, a.name AS author_name,
c.slug AS category_slug, coalesce(c.names ->> $2, c.name) AS category_name,
(SELECT coalesce(json_agg(json_build_object('slug', g.slug, 'name', coalesce(g.names ->> $2, g.name)) ORDER BY g.slug),
    '[]')::text FROM blog_post_tag pt JOIN blog_tag g ON g.id = pt.tag_id WHERE pt.post_id = p.id) AS tags
"""


def card(row: Row) -> dict[str, Any]:
    """Return the PostCard of a row with `COLUMNS`."""
    return {
        "id": row["id"],
        "slug": row["slug"],
        "url": path_of(row["slug"]),
        "title": row["title"],
        "excerpt": row["excerpt"],
        "locale": row["locale"],
        "published_at": row["publish_at"],
        "updated_at": row["updated_at"],
        "reading_time_minutes": reading_minutes(row["words"], settings(BlogSettings).words_per_minute),
        "author": _named(row["author_slug"], row["author_name"]),
        "category": _named(row["category_slug"], row["category_name"]),
        "tags": orjson.loads(row["tags"]),
        "cover": {"url": row["cover_url"], "alt": row["cover_alt"]} if row["cover_url"] else None,
    }


def path_of(slug: str) -> str:
    """Return the path of a post's page on the site."""
    return f"/blog/{slug}"


def _named(slug: str | None, name: str | None) -> dict[str, Any] | None:
    return {"slug": slug, "name": name} if slug else None
