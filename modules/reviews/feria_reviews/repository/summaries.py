"""Statements about the sums of a product: how many reviews of how many stars are published."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from feria_core import db
from feria_core.db import Row

COLUMNS = "product_id, stars_1, stars_2, stars_3, stars_4, stars_5, review_count, rating_sum"

# What there is by a count of the reviews themselves.
COUNTED = """
SELECT r.product_id, count(*) FILTER (WHERE r.rating = 1) AS stars_1, count(*) FILTER (WHERE r.rating = 2) AS stars_2,
    count(*) FILTER (WHERE r.rating = 3) AS stars_3, count(*) FILTER (WHERE r.rating = 4) AS stars_4,
    count(*) FILTER (WHERE r.rating = 5) AS stars_5
FROM reviews_review r WHERE r.status = 'approved' {where} GROUP BY r.product_id
"""
_DIFFERENT = f"""
SELECT coalesce(s.product_id, c.product_id) AS product_id
FROM reviews_summary s FULL JOIN ({COUNTED.format(where="")}) c ON c.product_id = s.product_id
WHERE (coalesce(s.stars_1, 0), coalesce(s.stars_2, 0), coalesce(s.stars_3, 0), coalesce(s.stars_4, 0),
       coalesce(s.stars_5, 0))
    <> (coalesce(c.stars_1, 0), coalesce(c.stars_2, 0), coalesce(c.stars_3, 0), coalesce(c.stars_4, 0),
        coalesce(c.stars_5, 0))
ORDER BY 1 LIMIT $1
"""
_CHANGE = f"""
UPDATE reviews_summary SET stars_1 = stars_1 + $2, stars_2 = stars_2 + $3, stars_3 = stars_3 + $4,
    stars_4 = stars_4 + $5, stars_5 = stars_5 + $6
WHERE product_id = $1 RETURNING {COLUMNS}
"""
_RECOUNT = f"""
UPDATE reviews_summary s SET stars_1 = coalesce(c.stars_1, 0), stars_2 = coalesce(c.stars_2, 0),
    stars_3 = coalesce(c.stars_3, 0), stars_4 = coalesce(c.stars_4, 0), stars_5 = coalesce(c.stars_5, 0)
FROM (SELECT 1) one LEFT JOIN ({COUNTED.format(where="AND r.product_id = $1")}) c ON true
WHERE s.product_id = $1 RETURNING {", ".join(f"s.{name}" for name in COLUMNS.split(", "))}
"""


async def find(product_id: UUID) -> Row | None:
    """Return the sums of the product, None where it never had a review."""
    return await db.fetch_one(f"SELECT {COLUMNS} FROM reviews_summary WHERE product_id = $1", product_id)


async def make(product_id: UUID) -> None:
    """Make the product's row where there is none; a twin's is waited for."""
    await db.execute("INSERT INTO reviews_summary (product_id) VALUES ($1) ON CONFLICT DO NOTHING", product_id)


async def change(product_id: UUID, deltas: Mapping[int, int]) -> Row:
    """Add to the numbers of reviews by stars of a row that is there, which stays locked; return the sums."""
    row = await db.fetch_one(_CHANGE, product_id, *(deltas.get(stars, 0) for stars in range(1, 6)))
    assert row is not None  # noqa: S101 - made before
    return row


async def recount(product_id: UUID) -> Row:
    """Count the product's reviews anew for a row that is there; return the sums."""
    # Locked by itself: what is counted in the same statement would be from before the wait.
    await db.fetch_one("SELECT 1 FROM reviews_summary WHERE product_id = $1 FOR UPDATE", product_id)
    row = await db.fetch_one(_RECOUNT, product_id)
    assert row is not None  # noqa: S101 - made before
    return row


async def different(limit: int) -> Sequence[UUID]:
    """Return products whose sums are not what a count says."""
    return [row["product_id"] for row in await db.fetch_all(_DIFFERENT, limit)]
