"""Check of `feria doctor`: are products found by the words that they have?"""

from __future__ import annotations

from feria_core import db

LIMIT = 20
_MISSING = f"""
SELECT p.slug FROM catalog_product p LEFT JOIN catalog_search_entry e ON e.product_no = p.no
WHERE e.product_no IS NULL ORDER BY p.slug LIMIT {LIMIT}
"""
_DIFFERING = f"""
SELECT p.slug, cardinality(e.terms) AS wanted, coalesce(n.postings, 0) AS found
FROM catalog_search_entry e JOIN catalog_product p ON p.no = e.product_no
LEFT JOIN (SELECT product_no, count(*) AS postings FROM catalog_posting GROUP BY product_no) n
    ON n.product_no = e.product_no
WHERE cardinality(e.terms) <> coalesce(n.postings, 0) ORDER BY p.slug LIMIT {LIMIT}
"""


async def postings() -> list[str]:
    """Products that the search does not know, or by other words than were written for them."""
    missing = [f"{row['slug']}: the search does not know it" for row in await db.fetch_all(_MISSING)]
    return missing + [
        f"{row['slug']}: found by {row['found']} words, {row['wanted']} were written"
        for row in await db.fetch_all(_DIFFERING)
    ]
