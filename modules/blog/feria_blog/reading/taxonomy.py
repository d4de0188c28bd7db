"""Categories, tags and authors with the number of posts that are published now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from feria_blog.errors import AuthorUnknown
from feria_blog.reading.cards import VISIBLE
from feria_blog.reading.languages import wished
from feria_blog.reading.page import SLUG
from feria_core import cache, clock, db
from feria_core.errors import BadRequest
from feria_core.http import decode_cursor, encode_cursor

_CATEGORIES = f"""
SELECT c.id, c.parent_id, c.slug, coalesce(c.names ->> $2, c.name) AS name, c.description, c.path,
    (SELECT count(*) FROM blog_post p WHERE p.category_id = c.id AND {VISIBLE}) AS own
FROM blog_category c ORDER BY cardinality(c.path), c.position, c.slug
"""
_PRESENT = "SELECT c.slug FROM blog_category_slug h JOIN blog_category c ON c.id = h.category_id WHERE h.slug = $1"
_TAGS = f"""
SELECT * FROM (
    SELECT g.slug, coalesce(g.names ->> $2, g.name) AS name, count(p.id) AS count
    FROM blog_tag g JOIN blog_post_tag x ON x.tag_id = g.id JOIN blog_post p ON p.id = x.post_id AND {VISIBLE}
    GROUP BY g.id) counted
WHERE $3::bigint IS NULL OR count < $3 OR (count = $3 AND slug > $4) ORDER BY count DESC, slug LIMIT $5
"""
_AUTHOR = f"""
SELECT a.slug, a.name, a.bio, a.url, a.picture_url,
    (SELECT count(*) FROM blog_post p WHERE p.author_id = a.id AND {VISIBLE}) AS post_count
FROM blog_author a
"""
_EDGE = "SELECT min(publish_at) FROM blog_post WHERE status = 'published' AND publish_at > $1"


async def category_tree() -> list[dict[str, Any]]:
    """Return the categories as a tree, each with the number of posts of its subtree."""
    nodes = await _nodes()
    return [_tree(nodes, slug) for slug, node in nodes.items() if len(node["path"]) == 1]


async def category(slug: str) -> dict[str, Any] | None:
    """Return one category with its subtree and the way to it, or None."""
    nodes = await _nodes()
    if slug not in nodes:
        return None
    way = [{"slug": step, "name": nodes[step]["name"]} for step in nodes[slug]["path"]]
    return {**_tree(nodes, slug), "path": way}


async def present_category(slug: str) -> str | None:
    """Return the present slug of the category that once had this one."""
    found: str | None = await db.fetch_value(_PRESENT, slug) if SLUG.fullmatch(slug) else None
    return found


async def tags(*, limit: int, cursor: str | None) -> dict[str, Any]:
    """Return the tags of published posts, the most used first."""
    position = decode_cursor(cursor, 2) or (None, "")
    count, slug = position
    is_count = count is None or (isinstance(count, int) and not isinstance(count, bool) and 0 <= count < 2**63)
    if not is_count or not isinstance(slug, str) or not (slug == "" or SLUG.fullmatch(slug)):
        raise BadRequest("The cursor belongs to another list: leave it away to begin at the start.")
    await until_next_edge()
    rows = await db.fetch_all(_TAGS, clock.now(), wished(), count, slug, limit + 1)
    items = [dict(row) for row in rows[:limit]]
    more = encode_cursor(items[-1]["count"], items[-1]["slug"]) if len(rows) > limit else None
    return {"items": items, "next_cursor": more}


async def authors(*, limit: int, cursor: str | None) -> dict[str, Any]:
    """Return the authors by slug."""
    (after,) = decode_cursor(cursor, 1) or ("",)
    if not isinstance(after, str) or not (after == "" or SLUG.fullmatch(after)):
        raise BadRequest("The cursor belongs to another list: leave it away to begin at the start.")
    await until_next_edge()
    rows = await db.fetch_all(f"{_AUTHOR} WHERE a.slug > $2 ORDER BY a.slug LIMIT $3", clock.now(), after, limit + 1)
    items = [dict(row) for row in rows[:limit]]
    return {"items": items, "next_cursor": encode_cursor(items[-1]["slug"]) if len(rows) > limit else None}


async def author(slug: str) -> dict[str, Any]:
    """Return one author. Raises AuthorUnknown."""
    await until_next_edge()
    row = await db.fetch_one(f"{_AUTHOR} WHERE a.slug = $2", clock.now(), slug) if SLUG.fullmatch(slug) else None
    if row is None:
        raise AuthorUnknown(slug)
    return dict(row)


async def until_next_edge() -> None:
    """Let the running answer be kept until the next post appears by itself."""
    cache.until(await db.fetch_value(_EDGE, clock.now()))


async def _nodes() -> dict[str, dict[str, Any]]:
    await until_next_edge()
    nodes = {row["slug"]: {**row, "count": 0} for row in await db.fetch_all(_CATEGORIES, clock.now(), wished())}
    for node in list(nodes.values()):
        for step in node["path"]:
            nodes[step]["count"] += node["own"]
    return nodes


def _tree(nodes: Mapping[str, Mapping[str, Any]], slug: str) -> dict[str, Any]:
    node = nodes[slug]
    children: Sequence[dict[str, Any]] = [
        _tree(nodes, child) for child, other in nodes.items() if other["parent_id"] == node["id"]
    ]
    return {
        "slug": slug,
        "name": node["name"],
        "description": node["description"],
        "count": node["count"],
        "children": children,
    }
