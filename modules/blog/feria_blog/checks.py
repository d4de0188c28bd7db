"""Checks of `feria doctor`: do a post's slugs, search words and the tree of categories fit together?"""

from __future__ import annotations

from feria_blog.reading.languages import known
from feria_blog.writing import postings, rows
from feria_blog.writing.reindexing import searched
from feria_core import db

LIMIT = 20
_SLUGS = f"""
SELECT p.slug FROM blog_post p LEFT JOIN blog_slug s ON s.slug = p.slug AND s.post_id = p.id AND s.is_present
WHERE s.slug IS NULL ORDER BY p.slug LIMIT {LIMIT}
"""
_PATHS = f"""
SELECT c.slug FROM blog_category c LEFT JOIN blog_category m ON m.id = c.parent_id
WHERE c.path IS DISTINCT FROM coalesce(m.path, '{{}}') || c.slug ORDER BY c.slug LIMIT {LIMIT}
"""


async def post_slugs() -> list[str]:
    """Posts that their own slug does not find."""
    return [f"{row['slug']}: the post is not found by its slug" for row in await db.fetch_all(_SLUGS)]


async def post_categories() -> list[str]:
    """Categories whose path is not that of their parent and themselves."""
    return [f"{row['slug']}: the path is not that of its parent" for row in await db.fetch_all(_PATHS)]


async def post_words() -> list[str]:
    """Posts whose search words are not those of their text; every post is read."""
    found: list[str] = []
    for row in await db.fetch_all("SELECT id, slug FROM blog_post ORDER BY id"):
        post = await rows.find(str(row["id"]))
        wanted = postings.weighed(searched(post), post.content.tags, post.row["locale"], known()[0])
        stored = await db.fetch_value("SELECT count(*) FROM blog_posting WHERE post_id = $1", post.id)
        same = await db.fetch_value(
            "SELECT count(*) FROM blog_posting WHERE post_id = $1 AND term = ANY($2::text[])", post.id, list(wanted)
        )
        if not stored == same == len(wanted):
            found.append(f"{row['slug']}: its search words are not those of its text: edit it once")
        if len(found) >= LIMIT:
            break
    return found
