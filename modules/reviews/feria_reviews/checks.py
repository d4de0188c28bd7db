"""Checks of `feria doctor`: are the sums, the votes and the badges what a count says?"""

from __future__ import annotations

from feria_core import db
from feria_reviews.repository import summaries

LIMIT = 20

_VOTES = f"""
SELECT r.id FROM reviews_review r LEFT JOIN (
    SELECT review_id, count(*) FILTER (WHERE is_helpful) AS helpful, count(*) FILTER (WHERE NOT is_helpful) AS unhelpful
    FROM reviews_vote GROUP BY review_id) v ON v.review_id = r.id
WHERE (r.helpful, r.unhelpful) <> (coalesce(v.helpful, 0), coalesce(v.unhelpful, 0)) ORDER BY r.id LIMIT {LIMIT}
"""
_BADGES = f"""
SELECT r.id, r.is_verified FROM reviews_review r
WHERE r.customer_id IS NOT NULL AND r.is_verified <> EXISTS (
    SELECT FROM reviews_delivery d WHERE d.customer_id = r.customer_id AND d.product_id = r.product_id
        AND d.delivered_at IS NOT NULL AND d.refunded_at IS NULL)
ORDER BY r.id LIMIT {LIMIT}
"""


async def review_summaries() -> list[str]:
    """Products whose sums differ from a count of their published reviews."""
    return [
        f"product {product_id}: its sums are not what its reviews say; `feria reviews recount` counts anew"
        for product_id in await summaries.different(LIMIT)
    ]


async def review_votes() -> list[str]:
    """Reviews whose counts of votes differ from their votes."""
    return [f"review {row['id']}: its counts are not its votes" for row in await db.fetch_all(_VOTES)]


async def review_badges() -> list[str]:
    """Reviews whose badge is not what was delivered and refunded."""
    return [
        f"review {row['id']}: verified_purchase is {str(row['is_verified']).lower()}, its deliveries say otherwise"
        for row in await db.fetch_all(_BADGES)
    ]
