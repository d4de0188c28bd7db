"""Statements about what was sold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.db import Row

BITE = 5000


@dataclass(frozen=True)
class SoldProduct:
    """All pieces of a product in one order; `amount` is what they cost, in minor units."""

    product_id: UUID
    quantity: int
    amount: int


async def add(
    order_id: UUID, products: Sequence[SoldProduct], *, currency: str, at: datetime, person_id: UUID | None
) -> int:
    """Write what an order sold, unless it was cancelled, given back or written before; return how many rows.

    The order is locked by name, so that its cancellation or refund is heard of before or after, never in between.
    """
    await _lock(order_id)
    return await db.execute(
        "INSERT INTO personalization_sale (order_id, product_id, quantity, amount, currency, at, person_id)"
        " SELECT $1, s.product_id, s.quantity, s.amount, $5, $6, $7"
        " FROM unnest($2::uuid[], $3::int[], $4::bigint[]) AS s (product_id, quantity, amount)"
        " WHERE NOT EXISTS (SELECT FROM personalization_cancelled_order WHERE order_id = $1)"
        " AND NOT EXISTS (SELECT FROM personalization_returned_sale r"
        " WHERE r.order_id = $1 AND r.product_id = s.product_id)"
        " ON CONFLICT (order_id, product_id) DO NOTHING",
        order_id, [p.product_id for p in products], [p.quantity for p in products], [p.amount for p in products],
        currency, at, person_id,
    )  # fmt: skip


async def cancel(order_id: UUID, now: datetime) -> None:
    """Take an order's sales back, also those that are heard of later."""
    await _lock(order_id)
    await db.execute(
        "INSERT INTO personalization_cancelled_order (order_id, at) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        order_id, now,
    )  # fmt: skip
    await db.execute("DELETE FROM personalization_sale WHERE order_id = $1", order_id)


async def give_back(order_id: UUID, products: Sequence[UUID], now: datetime) -> None:
    """Take the sales of these products of an order back, also those that are heard of later."""
    await _lock(order_id)
    await db.execute(
        "INSERT INTO personalization_returned_sale (order_id, product_id, at)"
        " SELECT $1, product_id, $3 FROM unnest($2::uuid[]) AS product_id ON CONFLICT DO NOTHING",
        order_id, products, now,
    )  # fmt: skip
    await db.execute(
        "DELETE FROM personalization_sale WHERE order_id = $1 AND product_id = ANY($2::uuid[])", order_id, products
    )


async def granted_person(customer_id: UUID) -> UUID | None:
    """Return the id under which the customer is remembered, None where they did not agree; the row is locked."""
    found: UUID | None = await db.fetch_value(
        "SELECT id FROM personalization_person WHERE customer_id = $1 AND is_granted FOR SHARE", customer_id
    )
    return found


async def lock_granted(person_id: UUID) -> UUID | None:
    """Return the id again where the person agrees still, with the row locked for the transaction."""
    found: UUID | None = await db.fetch_value(
        "SELECT id FROM personalization_person WHERE id = $1 AND is_granted FOR SHARE", person_id
    )
    return found


async def owned(person_id: UUID, products: Sequence[UUID]) -> Sequence[Row]:
    """Return those of the products that the person has bought and kept."""
    return await db.fetch_all(
        "SELECT DISTINCT product_id FROM personalization_sale WHERE person_id = $1 AND product_id = ANY($2::uuid[])",
        person_id, products,
    )  # fmt: skip


async def delete_before(moment: datetime) -> int:
    """Delete at most a bite each of sales, cancellations and refunds from before then; return how many."""
    deleted = 0
    for table in ("sale", "cancelled_order", "returned_sale"):
        deleted += await db.execute(
            f"DELETE FROM personalization_{table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM personalization_{table}"
            f" WHERE at < $1 LIMIT {BITE}))",
            moment,
        )
    return deleted


async def _lock(order_id: UUID) -> None:
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('personalization.order.' || $1, 0))", str(order_id))
