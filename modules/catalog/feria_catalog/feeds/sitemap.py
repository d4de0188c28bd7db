"""Products and categories in the sitemap."""

from __future__ import annotations

from collections.abc import Sequence

from feria_core import clock, db
from feria_core.contracts.sitemap import SitemapPage, SitemapUrl

# The tag of `documents.writing.LISTS`.
TAGS = ("catalog",)
# Products of a range of numbers, so that a file keeps its products and no statement counts its way to them.
RANGE = 20_000

_PAGES = f"""
SELECT p.no / {RANGE} AS number, max(p.updated_at) AS changed_at
FROM catalog_product_document d JOIN catalog_product p ON p.id = d.product_id
WHERE d.listed_from <= $1 AND d.listed_until > $1 GROUP BY 1 ORDER BY 1
"""
_PRODUCTS = """
SELECT d.slug, p.updated_at FROM catalog_product_document d JOIN catalog_product p ON p.id = d.product_id
WHERE d.listed_from <= $1 AND d.listed_until > $1 AND p.no >= $2 AND p.no < $3 ORDER BY p.no
"""
# A category is listed while it, or one below it, shows a product.
_CATEGORIES = """
SELECT c.slug, max(p.updated_at) AS changed_at
FROM catalog_product_document d
CROSS JOIN unnest(d.category_path) AS step
JOIN catalog_category c ON c.slug = step
JOIN catalog_product p ON p.id = d.product_id
WHERE d.listed_from <= $1 AND d.listed_until > $1 GROUP BY c.slug ORDER BY c.slug
"""


class ProductSitemap:
    """The pages of the products that are listed now."""

    kind, tags = "products", TAGS

    async def pages(self) -> Sequence[SitemapPage]:
        """Return the ranges of numbers in which products are listed."""
        return [SitemapPage(row["number"], row["changed_at"]) for row in await db.fetch_all(_PAGES, clock.now())]

    async def urls(self, number: int) -> Sequence[SitemapUrl]:
        """Return the pages of one range."""
        if number > 2**31 // RANGE:
            return []
        rows = await db.fetch_all(_PRODUCTS, clock.now(), number * RANGE, min((number + 1) * RANGE, 2**31 - 1))
        return [SitemapUrl(f"/products/{row['slug']}", row["updated_at"]) for row in rows]


class CategorySitemap:
    """The pages of the categories in which something is listed now."""

    kind, tags = "categories", TAGS

    async def pages(self) -> Sequence[SitemapPage]:
        """Return the one file, unless it is empty."""
        urls = await self.urls(0)
        changed = max((url.changed_at for url in urls if url.changed_at), default=None)
        return [SitemapPage(0, changed)] if urls else []

    async def urls(self, number: int) -> Sequence[SitemapUrl]:
        """Return the categories; there is but one file of them."""
        rows = await db.fetch_all(_CATEGORIES, clock.now()) if number == 0 else []
        return [SitemapUrl(f"/categories/{row['slug']}", row["changed_at"]) for row in rows]
