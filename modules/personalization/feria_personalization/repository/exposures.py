"""Statements about what was shown to whom, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from feria_core import db
from feria_core.db import Row

_LOG = """
WITH agreed AS (SELECT id FROM personalization_person WHERE id = $2 AND is_granted FOR SHARE)
INSERT INTO personalization_exposure (id, at, person_id, place, is_held_out, version, products)
SELECT $1, $3, agreed.id, $4, $5, $6, $7::uuid[] FROM agreed
"""

# People count from the first answer that they saw in the span; one who was in both groups (a guest who turned out to
# be a customer of the other) in none. Only currency $4 adds up to amounts.
_GROUPS = """
WITH seen AS (
    SELECT person_id, bool_or(is_held_out) AS held_out, min(at) AS first
    FROM personalization_exposure WHERE at >= $1 AND at < $2
    GROUP BY person_id HAVING bool_or(is_held_out) = bool_and(is_held_out)
), bought AS (
    SELECT seen.person_id, seen.held_out, count(DISTINCT s.order_id) AS orders,
        coalesce(sum(s.amount) FILTER (WHERE s.currency = $4), 0)::bigint AS amount
    FROM seen LEFT JOIN personalization_sale s
        ON s.person_id = seen.person_id AND s.at > seen.first AND s.at <= seen.first + $3::interval
    GROUP BY seen.person_id, seen.held_out
)
SELECT held_out, count(*) AS people, count(*) FILTER (WHERE orders > 0) AS buyers, sum(orders)::bigint AS orders,
    sum(amount)::bigint AS amount, coalesce(var_samp(amount), 0)::float8 AS variance
FROM bought GROUP BY held_out
"""
_PLACES = """
WITH answers AS (
    SELECT id, at, place, person_id, is_held_out, products FROM personalization_exposure WHERE at >= $1 AND at < $2
), clicks AS (
    SELECT DISTINCT e.id AS exposure_id, e.place, e.is_held_out, e.person_id, a.product_id, min(a.at) AS at
    FROM answers e JOIN personalization_activity a
        ON a.exposure_id = e.id AND a.kind = 'click' AND a.person_id = e.person_id AND a.product_id = ANY (e.products)
        AND a.at >= e.at AND a.at <= e.at + $3::interval
    GROUP BY e.id, e.place, e.is_held_out, e.person_id, a.product_id
), purchases AS (
    SELECT DISTINCT ON (s.order_id, s.product_id) c.place, c.is_held_out, s.amount, s.currency
    FROM clicks c JOIN personalization_sale s
        ON s.person_id = c.person_id AND s.product_id = c.product_id AND s.at > c.at AND s.at <= c.at + $3::interval
    ORDER BY s.order_id, s.product_id, c.at DESC
)
SELECT place, is_held_out AS held_out, count(*) AS answers, coalesce(sum(cardinality(products)), 0)::bigint AS items,
    (SELECT count(*) FROM clicks c WHERE c.place = a.place AND c.is_held_out = a.is_held_out) AS clicks,
    (SELECT count(*) FROM purchases p WHERE p.place = a.place AND p.is_held_out = a.is_held_out) AS purchases,
    (SELECT coalesce(sum(amount), 0)::bigint FROM purchases p
     WHERE p.place = a.place AND p.is_held_out = a.is_held_out AND p.currency = $4) AS amount
FROM answers a GROUP BY place, is_held_out ORDER BY place, is_held_out
"""


async def log(
    exposure_id: UUID,
    *,
    person_id: UUID,
    place: str,
    is_held_out: bool,
    version: int | None,
    products: Sequence[UUID],
    now: datetime,
) -> bool:
    """Write what a person is shown; False where they have withdrawn their consent meanwhile."""
    return bool(
        await db.execute(_LOG, exposure_id, person_id, now, place, is_held_out, version, products)
    )  # fmt: skip


async def groups(since: datetime, until: datetime, *, within: timedelta, currency: str) -> Sequence[Row]:
    """Return people, buyers, orders and amounts of both groups: those held out and the others."""
    return await db.fetch_all(_GROUPS, since, until, within, currency)


async def places(since: datetime, until: datetime, *, within: timedelta, currency: str) -> Sequence[Row]:
    """Return answers, items, clicks and purchases after a click, by place and group."""
    return await db.fetch_all(_PLACES, since, until, within, currency)
