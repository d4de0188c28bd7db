"""Statements about what everybody buys and looks at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from feria_core import db
from feria_core.db import Row

KEPT = 200
# A product counts as trending by what it gained over its usual pace; one that is sold for the first time too.
# Pieces are not counted, orders and people are: one big order makes no fashion.
_COUNT = f"""
WITH acts AS (
    SELECT product_id, at, 3.0 AS points FROM personalization_sale WHERE at >= $1
    UNION ALL
    SELECT product_id, max(at), CASE kind WHEN 'cart' THEN 1.0 ELSE 0.5 END FROM personalization_activity
    WHERE at >= $1 AND product_id IS NOT NULL GROUP BY product_id, kind, person_id, date_trunc('day', at)
), counted AS (
    SELECT product_id, sum(points) AS whole, coalesce(sum(points) FILTER (WHERE at >= $2), 0) AS lately
    FROM acts GROUP BY product_id
), scored AS (
    SELECT 'popular' AS kind, product_id, whole AS score FROM counted
    UNION ALL
    SELECT 'trending', product_id, lately * sqrt(lately / whole) FROM counted WHERE lately > 0
), ranked AS (
    SELECT *, row_number() OVER (PARTITION BY kind ORDER BY score DESC, product_id) AS place FROM scored
)
INSERT INTO personalization_popular (kind, product_id, score)
SELECT kind, product_id, score FROM ranked WHERE place <= {KEPT}
"""


async def count(*, since: datetime, lately: datetime) -> int:
    """Count anew, in the caller's transaction, what was popular since then and trending lately; return the rows."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('personalization.popular', 0))")
    await db.execute("DELETE FROM personalization_popular")
    return await db.execute(_COUNT, since, lately)


async def top(limit: int) -> Sequence[Row]:
    """Return the trending products, then the popular ones, best first: kind and product_id."""
    return await db.fetch_all(
        "(SELECT kind, product_id, score FROM personalization_popular WHERE kind = 'trending'"
        " ORDER BY score DESC, product_id LIMIT $1)"
        " UNION ALL (SELECT kind, product_id, score FROM personalization_popular WHERE kind = 'popular'"
        " ORDER BY score DESC, product_id LIMIT $1)",
        limit,
    )
