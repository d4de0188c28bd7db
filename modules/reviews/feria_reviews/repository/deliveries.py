"""Statements about what was delivered and refunded; the person is locked by the caller (`lock_person`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.db import Row
from feria_core.ids import new_id

# A delivery after the refund gives the purchase back, but never after one that left nothing to refund.
_DELIVER = """
INSERT INTO reviews_delivery AS d (id, order_id, product_id, customer_id, email_hash, delivered_at)
SELECT n.id, $2, n.product_id, $4, $5, $6 FROM unnest($1::uuid[], $3::uuid[]) AS n (id, product_id)
ORDER BY n.product_id
ON CONFLICT (order_id, product_id) DO UPDATE SET
    customer_id = coalesce(d.customer_id, excluded.customer_id),
    email_hash = CASE WHEN coalesce(d.customer_id, excluded.customer_id) IS NULL THEN excluded.email_hash END,
    delivered_at = least(d.delivered_at, excluded.delivered_at),
    refunded_at = CASE WHEN d.refunded_at < excluded.delivered_at AND NOT d.is_refund_final THEN NULL
                       ELSE d.refunded_at END
"""
# Events may overtake each other: a refund that comes first leaves a row for the delivery to find.
_REFUND = """
INSERT INTO reviews_delivery AS d (id, order_id, product_id, customer_id, refunded_at, is_refund_final)
SELECT n.id, $2, n.product_id, $4, $5, $6 FROM unnest($1::uuid[], $3::uuid[]) AS n (id, product_id)
ORDER BY n.product_id
ON CONFLICT (order_id, product_id) DO UPDATE SET
    refunded_at = coalesce(d.refunded_at, excluded.refunded_at),
    is_refund_final = d.is_refund_final OR excluded.is_refund_final
"""
_PRODUCTS_OF_ORDER = "SELECT product_id, customer_id FROM reviews_delivery WHERE order_id = $1 ORDER BY product_id"
_CLAIM = """
UPDATE reviews_delivery SET customer_id = $1, email_hash = NULL
WHERE customer_id IS NULL AND email_hash = ANY ($2::bytea[]) RETURNING product_id
"""
# People who have something to review, with the first of it; each is then asked about everything at once.
_DUE_PEOPLE = """
SELECT DISTINCT d.customer_id FROM reviews_delivery d
WHERE d.asked_at IS NULL AND d.refunded_at IS NULL AND d.customer_id IS NOT NULL
    AND d.delivered_at > $1 AND d.delivered_at <= $2 AND ($3::uuid IS NULL OR d.customer_id > $3)
ORDER BY d.customer_id LIMIT $4
"""
_ASK = """
UPDATE reviews_delivery d SET asked_at = $4
WHERE d.customer_id = $1 AND d.asked_at IS NULL AND d.refunded_at IS NULL
    AND d.delivered_at > $2 AND d.delivered_at <= $3
RETURNING d.product_id, EXISTS (
    SELECT FROM reviews_review r WHERE r.customer_id = d.customer_id AND r.product_id = d.product_id)
    OR EXISTS (SELECT FROM reviews_request q WHERE q.customer_id = d.customer_id AND q.product_id = d.product_id
    ) AS is_known
"""


async def deliver(
    order_id: UUID, product_ids: Collection[UUID], customer_id: UUID | None, email_hash: bytes | None, *, at: datetime
) -> None:
    """Note that these products of the order have arrived; what was noted before keeps its first time."""
    products = sorted(set(product_ids))
    ids = [new_id() for _ in products]
    await db.execute(_DELIVER, ids, order_id, products, customer_id, email_hash, at)


async def refund(
    order_id: UUID, product_ids: Collection[UUID], customer_id: UUID | None, *, is_final: bool, now: datetime
) -> None:
    """Note that these products of the order were given back in full."""
    products = sorted(set(product_ids))
    await db.execute(_REFUND, [new_id() for _ in products], order_id, products, customer_id, now, is_final)


async def of_order(order_id: UUID) -> Sequence[Row]:
    """Return product and customer of each delivered or refunded product of the order."""
    return await db.fetch_all(_PRODUCTS_OF_ORDER, order_id)


async def claim(customer_id: UUID, email_hashes: Collection[bytes]) -> Sequence[UUID]:
    """Make what guests got under these addresses the person's; return the products."""
    return [row["product_id"] for row in await db.fetch_all(_CLAIM, customer_id, list(email_hashes))]


async def is_verified(customer_id: UUID, product_id: UUID) -> bool:
    """Return whether the product reached the person and was not refunded."""
    return bool(
        await db.fetch_value(
            "SELECT EXISTS (SELECT FROM reviews_delivery WHERE customer_id = $1 AND product_id = $2"
            " AND delivered_at IS NOT NULL AND refunded_at IS NULL)",
            customer_id,
            product_id,
        )
    )


async def due_people(since: datetime, until: datetime, *, after: UUID | None, limit: int) -> Sequence[UUID]:
    """Return people to whom something was delivered between the two moments and who were not asked about it."""
    rows = await db.fetch_all(_DUE_PEOPLE, since, until, after, limit)
    return [row["customer_id"] for row in rows]


async def ask(customer_id: UUID, since: datetime, until: datetime, *, now: datetime) -> Sequence[UUID]:
    """Note that the person is asked about what is due; return those products that are neither reviewed nor asked of."""
    rows = await db.fetch_all(_ASK, customer_id, since, until, now)
    return sorted({row["product_id"] for row in rows if not row["is_known"]})
