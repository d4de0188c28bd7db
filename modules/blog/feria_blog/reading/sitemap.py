"""Posts and categories of the blog in the sitemap."""

from __future__ import annotations

from collections.abc import Sequence

from feria_blog.reading import taxonomy
from feria_blog.reading.cards import TAG, VISIBLE, path_of
from feria_core import clock, db
from feria_core.contracts.sitemap import SitemapPage, SitemapUrl

# Posts of a range of numbers, so that a file keeps its posts; each may stand there in some languages.
RANGE = 5_000
_PAGES = f"""
SELECT p.no / {RANGE} AS number, max(greatest(p.updated_at, p.publish_at)) AS changed_at
FROM blog_post p WHERE {VISIBLE} GROUP BY 1 ORDER BY 1
"""
_POSTS = f"""
SELECT s.slug, greatest(p.updated_at, t.updated_at, p.publish_at) AS changed_at
FROM blog_post p JOIN blog_slug s ON s.post_id = p.id AND s.is_present
LEFT JOIN blog_translation t ON t.post_id = p.id AND t.locale = s.locale
WHERE {VISIBLE} AND p.no >= $2 AND p.no < $3 ORDER BY p.no, s.slug
"""
_CATEGORIES = f"""
SELECT step.slug, max(greatest(p.updated_at, p.publish_at)) AS changed_at
FROM blog_post p JOIN blog_category c ON c.id = p.category_id CROSS JOIN unnest(c.path) AS step (slug)
WHERE {VISIBLE} GROUP BY step.slug ORDER BY step.slug
"""


class PostSitemap:
    """The pages of the posts that are published now, in each language that has a slug of its own."""

    kind, tags = "blog-posts", (TAG,)

    async def pages(self) -> Sequence[SitemapPage]:
        """Return the ranges of numbers in which posts are published."""
        await taxonomy.until_next_edge()
        return [SitemapPage(row["number"], row["changed_at"]) for row in await db.fetch_all(_PAGES, clock.now())]

    async def urls(self, number: int) -> Sequence[SitemapUrl]:
        """Return the pages of one range."""
        await taxonomy.until_next_edge()
        rows = await db.fetch_all(_POSTS, clock.now(), number * RANGE, (number + 1) * RANGE)
        return [SitemapUrl(path_of(row["slug"]), row["changed_at"]) for row in rows]


class CategorySitemap:
    """The pages of the categories in which something is published now."""

    kind, tags = "blog-categories", (TAG,)

    async def pages(self) -> Sequence[SitemapPage]:
        """Return the one file, unless it is empty."""
        urls = await self.urls(0)
        changed = max((url.changed_at for url in urls if url.changed_at), default=None)
        return [SitemapPage(0, changed)] if urls else []

    async def urls(self, number: int) -> Sequence[SitemapUrl]:
        """Return the categories; there is but one file of them."""
        await taxonomy.until_next_edge()
        rows = await db.fetch_all(_CATEGORIES, clock.now()) if number == 0 else []
        return [SitemapUrl(f"/blog/categories/{row['slug']}", row["changed_at"]) for row in rows]
