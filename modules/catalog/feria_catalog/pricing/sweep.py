"""Prices of the past that nobody will be told any more."""

from __future__ import annotations

from datetime import timedelta

from feria_catalog.pricing.lowest import PERIOD
from feria_core import clock, db

# How long a price is kept after it can be the lowest of any 30 days.
GRACE = timedelta(days=60)
BATCH = 10_000

# A price is needed while it ended within the 30 days before the present reduction, or, without one, before now: the
# next reduction cannot begin earlier.
_PRUNE = """
DELETE FROM catalog_price_history h USING (
    SELECT variant_id, since FROM (
        SELECT variant_id, since, lead(since) OVER later AS ended,
            CASE WHEN last_value(is_reduced) OVER whole THEN last_value(since) OVER whole ELSE $1 END AS needed_from
        FROM catalog_price_history
        WINDOW later AS (PARTITION BY variant_id ORDER BY since),
            whole AS (PARTITION BY variant_id ORDER BY since
                ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)) told
    WHERE ended < needed_from - $2::interval LIMIT $3) old
WHERE h.variant_id = old.variant_id AND h.since = old.since
"""


async def prune() -> None:
    """Delete a batch of prices after the other, each in a statement of its own."""
    while await db.execute(_PRUNE, clock.now(), PERIOD + GRACE, BATCH) == BATCH:
        pass
