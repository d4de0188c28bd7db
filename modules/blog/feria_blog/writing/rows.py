"""A post as it is stored, for those who change it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from feria_blog.admin_schemas import PostContent
from feria_blog.errors import PostUnknown
from feria_core import db
from feria_core.db import Row
from feria_core.ids import parse_id

_TRANSLATIONS = """
(SELECT coalesce(json_object_agg(t.locale, json_build_object(
    'title', t.title, 'slug', t.slug, 'body', t.body, 'format', t.format, 'excerpt', t.summary,
    'seo', json_build_object('title', t.seo_title, 'description', t.seo_description)) ORDER BY t.locale), '{}')::text
    FROM blog_translation t WHERE t.post_id = p.id) AS translations,
(SELECT coalesce(json_object_agg(t.locale, t.html), '{}')::text FROM blog_translation t WHERE t.post_id = p.id)
    AS translated_html
"""
_POST = f"""
SELECT p.*, c.slug AS category, a.slug AS author, {_TRANSLATIONS},
    ARRAY(SELECT g.name FROM blog_post_tag x JOIN blog_tag g ON g.id = x.tag_id WHERE x.post_id = p.id ORDER BY g.slug)
        AS tags,
    ARRAY(SELECT m.slug FROM blog_mention m WHERE m.post_id = p.id ORDER BY m.slug) AS products
FROM blog_post p LEFT JOIN blog_category c ON c.id = p.category_id LEFT JOIN blog_author a ON a.id = p.author_id
WHERE p."""


@dataclass(frozen=True)
class Stored:
    """A post with everything that stands in its tables."""

    row: Row
    content: PostContent

    @property
    def id(self) -> UUID:
        return UUID(str(self.row["id"]))

    @property
    def version(self) -> int:
        return int(self.row["version"])

    @property
    def slug(self) -> str:
        return str(self.row["slug"])

    @property
    def publish_at(self) -> datetime | None:
        at: datetime | None = self.row["publish_at"]
        return at

    @property
    def translated_html(self) -> dict[str, str]:
        found: dict[str, str] = orjson.loads(self.row["translated_html"])
        return found


async def find(key: str) -> Stored:
    """Return the post of that id or slug, whatever its status. Raises PostUnknown."""
    post_id = parse_id(key)
    if post_id is None:
        row = await db.fetch_one(f"{_POST}slug = $1", key) if "\x00" not in key else None
    else:
        row = await db.fetch_one(f"{_POST}id = $1", post_id)
    if row is None:
        raise PostUnknown(key)
    return Stored(row, content_of(row))


def content_of(row: Row) -> PostContent:
    """Return what of the post is kept in its revisions."""
    return PostContent.model_validate(
        {
            "title": row["title"],
            "body": row["body"],
            "format": row["format"],
            "excerpt": row["summary"],
            "locale": row["locale"],
            "tags": list(row["tags"]),
            "category": row["category"],
            "author": row["author"],
            "seo": {name: row[f"seo_{name}"] for name in ("title", "description", "canonical", "image")},
            "cover": {"url": row["cover_url"], "alt": row["cover_alt"]} if row["cover_url"] else None,
            "translations": orjson.loads(row["translations"]),
        }
    )


def plain(content: PostContent) -> dict[str, Any]:
    """Return the content as JSON holds it."""
    return content.model_dump(mode="json")
