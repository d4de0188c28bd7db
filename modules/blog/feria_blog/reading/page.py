"""One post as its page shows it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from feria_blog.reading import product_blocks, seo
from feria_blog.reading.cards import COLUMNS, JOINS, NEXT_EDGE, VISIBLE, card, path_of
from feria_blog.reading.languages import column, wished
from feria_blog.reading.seo import Site
from feria_core import cache, clock, db
from feria_core.db import Row
from feria_core.ids import parse_id
from feria_core.runtime import core_settings

SLUG = re.compile(r"[a-z0-9-]{1,120}")
RELATED = 4

_COLUMNS = f"""{COLUMNS}, {", ".join(f"{column(name)} AS {name}" for name in ("html", "seo_title", "seo_description"))},
    p.seo_canonical, p.seo_image, a.url AS author_url, a.picture_url AS author_picture, {VISIBLE} AS is_visible,
    {NEXT_EDGE} AS next_edge,
    (SELECT json_agg(json_build_object('slug', k.slug, 'name', coalesce(k.names ->> $2, k.name)) ORDER BY way.depth)
        FROM unnest(c.path) WITH ORDINALITY AS way (slug, depth) JOIN blog_category k ON k.slug = way.slug)::text
        AS category_path,
    (SELECT json_agg(json_build_object('locale', o.locale, 'slug', o.slug) ORDER BY o.locale) FROM (
        SELECT p.locale, p.slug UNION ALL
        SELECT x.locale, coalesce(x.slug, p.slug) FROM blog_translation x WHERE x.post_id = p.id
            AND x.locale <> p.locale) o)::text AS alternates"""
_BY_ID = f"SELECT {_COLUMNS} FROM blog_post p {JOINS} WHERE p.id = $3"
# A slug of one language shows that language; a former one leads to the present one of its language.
_BY_SLUG = """
SELECT s.post_id, s.is_present, coalesce(t.locale, $2) AS locale, coalesce(t.slug, p.slug) AS present
FROM blog_slug s JOIN blog_post p ON p.id = s.post_id
LEFT JOIN blog_translation t ON t.post_id = s.post_id AND t.locale = s.locale
WHERE s.slug = $1
"""
# Shared tags weigh most, then a similar text, then the same category.
_RELATED = f"""
WITH me AS (SELECT id, category_id, keywords FROM blog_post WHERE id = $3),
points AS (
    SELECT x.post_id, 3.0 * count(*) AS points FROM blog_post_tag mine JOIN blog_post_tag x ON x.tag_id = mine.tag_id
    WHERE mine.post_id = $3 GROUP BY x.post_id
    UNION ALL
    (SELECT y.id, 2.0 FROM me JOIN blog_post y ON y.category_id = me.category_id
     ORDER BY y.publish_at DESC NULLS LAST LIMIT 200)
    UNION ALL
    SELECT g.post_id, 6.0 * sum(g.impact) / cardinality(me.keywords) FROM me
    JOIN blog_posting g ON g.term = ANY(me.keywords) GROUP BY g.post_id, me.keywords),
best AS (
    SELECT p.id, sum(points) AS points FROM points JOIN blog_post p ON p.id = points.post_id
    WHERE {VISIBLE} AND p.id <> $3 GROUP BY p.id, p.publish_at
    ORDER BY points DESC, p.publish_at DESC, p.id DESC LIMIT {RELATED})
SELECT {COLUMNS} FROM best JOIN blog_post p ON p.id = best.id {JOINS}
ORDER BY best.points DESC, p.publish_at DESC, p.id DESC
"""


@dataclass(frozen=True)
class Found:
    """A post, or where it is now: `moved_to` is the present slug behind a former one."""

    post: dict[str, Any] | None = None
    moved_to: str | None = None


async def find(key: str) -> Found | None:
    """Return the post of that slug or id that is published now; None for any other."""
    post_id, language = parse_id(key), wished()
    if post_id is None:
        named = await db.fetch_one(_BY_SLUG, key, language) if SLUG.fullmatch(key) else None
        if named is None:
            return None
        post_id, language = named["post_id"], named["locale"]
        if not named["is_present"]:
            is_shown = await db.fetch_value(f"SELECT {VISIBLE} FROM blog_post p WHERE p.id = $2", clock.now(), post_id)
            return Found(moved_to=named["present"]) if is_shown else None
    row = await _row(post_id, language)
    if row is None or not row["is_visible"]:
        return None
    return Found(await _completed(row))


async def preview(post_id: UUID) -> dict[str, Any] | None:
    """Return the post as its page would show it now, whatever its status."""
    row = await _row(post_id, wished())
    return None if row is None else {**await _completed(row), "status": row["status"]}


async def _row(post_id: UUID, language: str) -> Row | None:
    row = await db.fetch_one(_BY_ID, clock.now(), language, post_id)
    if row is not None:
        cache.until(row["next_edge"])
    return row


async def _completed(row: Row) -> dict[str, Any]:
    site, shown = the_site(), card(row)
    head = seo.seo(site, row, shown)
    products = await product_blocks.shown({row["id"]: row["html"]})
    related = await db.fetch_all(_RELATED, clock.now(), row["locale"], row["id"])
    return {
        **shown,
        "html": products.fill(row["html"]),
        "word_count": row["words"],
        "category_path": orjson.loads(row["category_path"] or "[]"),
        "seo": head,
        "jsonld": seo.jsonld(site, row, shown, head),
        "alternates": [{**other, "url": path_of(other["slug"])} for other in orjson.loads(row["alternates"])],
        "products": products.of(row["html"]),
        "related": [card(other) for other in related],
    }


def the_site() -> Site:
    """Return whose blog it is."""
    return Site(core_settings().shop_name, core_settings().public_url.rstrip("/"))
