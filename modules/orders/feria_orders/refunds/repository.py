"""Statements of refunds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.db import Row
from feria_orders.shares import Cost


@dataclass(frozen=True)
class NewRefund:
    """A refund to be written: what of `amount` is shipping and tax, and what it is for."""

    id: UUID
    order_id: UUID
    kind: str
    amount: int
    shipping: int
    tax: int
    reason: str | None = None
    return_id: UUID | None = None


async def add(refund: NewRefund, now: datetime) -> bool:
    """Write the refund as pending; False where its id is known already."""
    return bool(
        await db.execute(
            "INSERT INTO orders_refund (id, order_id, return_id, kind, amount, shipping, tax, reason, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING",
            refund.id, refund.order_id, refund.return_id, refund.kind, refund.amount, refund.shipping, refund.tax,
            refund.reason, now,
        )
    )  # fmt: skip


async def add_lines(refund_id: UUID, units: Mapping[UUID, int], priced: Mapping[UUID, Cost]) -> None:
    """Write the pieces that the refund is for."""
    await db.execute_many(
        "INSERT INTO orders_refund_line (refund_id, line_id, quantity, amount) VALUES ($1, $2, $3, $4)",
        [(refund_id, line_id, count, priced[line_id].goods) for line_id, count in units.items() if count],
    )


async def move(refund_id: UUID, state: str, now: datetime) -> Row | None:
    """Settle a pending refund and return it; None where it is settled or unknown.

    One that has succeeded may still fail: a bank sends the money back days later.
    """
    return await db.fetch_one(
        "UPDATE orders_refund SET state = $2, settled_at = $3"
        " WHERE id = $1 AND (state = 'pending' OR state = 'succeeded' AND $2 = 'failed')"
        " RETURNING id, order_id, kind, amount, reason",
        refund_id, state, now,
    )  # fmt: skip


async def is_known(refund_id: UUID) -> bool:
    """Return whether there is a refund of that id in any state."""
    return bool(await db.fetch_value("SELECT EXISTS (SELECT FROM orders_refund WHERE id = $1)", refund_id))


async def lines(refund_id: UUID) -> Sequence[Row]:
    """Return the pieces of a refund: line_id, quantity, amount."""
    return await db.fetch_all(
        "SELECT line_id, quantity, amount FROM orders_refund_line WHERE refund_id = $1 ORDER BY line_id", refund_id
    )


async def given_back(order_id: UUID) -> int:
    """Return what has gone back of the order or is on its way, in minor units."""
    found: int = await db.fetch_value(
        "SELECT coalesce(sum(amount), 0)::bigint FROM orders_refund WHERE order_id = $1 AND state <> 'failed'", order_id
    )
    return found


async def of_cancellations(order_id: UUID) -> tuple[Mapping[UUID, int], int]:
    """Return the cancelled pieces by line whose money has gone back or is on its way, and that money."""
    rows = await db.fetch_all(
        "SELECT rl.line_id, sum(rl.quantity)::int AS quantity FROM orders_refund AS r"
        " JOIN orders_refund_line AS rl ON rl.refund_id = r.id"
        " WHERE r.order_id = $1 AND r.kind = 'cancellation' AND r.state <> 'failed' GROUP BY rl.line_id",
        order_id,
    )
    amount = await db.fetch_value(
        "SELECT coalesce(sum(amount), 0)::bigint FROM orders_refund"
        " WHERE order_id = $1 AND kind = 'cancellation' AND state <> 'failed'",
        order_id,
    )
    return {row["line_id"]: row["quantity"] for row in rows}, amount


async def get(refund_id: UUID) -> Row | None:
    """Return the refund."""
    return await db.fetch_one(
        "SELECT id, order_id, return_id, kind, state, amount, shipping, tax, reason, created_at, settled_at"
        " FROM orders_refund WHERE id = $1",
        refund_id,
    )
