"""Statements of returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.db import Row

DOCUMENT = """
    r.id, r.order_id, o.number, o.currency, r.status, r.wish, r.reason, r.note, r.answer, r.requested_at, r.decided_at,
    r.received_at,
    (SELECT json_agg(json_build_object(
        'item_id', rl.line_id, 'variant_id', l.variant_id, 'sku', l.sku, 'name', l.name, 'quantity', rl.quantity,
        'resellable', rl.resellable, 'damaged', rl.damaged
     ) ORDER BY l.position)::text FROM orders_return_line AS rl JOIN orders_line AS l ON l.id = rl.line_id
     WHERE rl.return_id = r.id) AS lines,
    (SELECT json_agg(json_build_object(
        'id', f.id, 'status', f.state, 'amount', json_build_object('amount', f.amount, 'currency', o.currency)
     ) ORDER BY f.id)::text FROM orders_refund AS f WHERE f.return_id = r.id) AS refunds
"""
_SELECT = f"SELECT {DOCUMENT} FROM orders_return AS r JOIN orders_order AS o ON o.id = r.order_id"
# Pieces of a line that came with a parcel whose window is open.
_IN_WINDOW = """
SELECT fl.line_id, sum(fl.quantity)::int AS quantity
FROM orders_fulfilment AS f JOIN orders_fulfilment_line AS fl ON fl.fulfilment_id = f.id
WHERE f.order_id = $1 AND f.status IN ('shipped', 'delivered') AND coalesce(f.delivered_at, f.shipped_at) > $2
GROUP BY fl.line_id
"""


async def add(return_id: UUID, order_id: UUID, *, wish: str, reason: str, note: str | None, now: datetime) -> None:
    """Write a return that is asked for."""
    await db.execute(
        "INSERT INTO orders_return (id, order_id, status, wish, reason, note, requested_at)"
        " VALUES ($1, $2, 'requested', $3, $4, $5, $6)",
        return_id, order_id, wish, reason, note, now,
    )  # fmt: skip


async def add_lines(return_id: UUID, units: Mapping[UUID, int]) -> None:
    """Write the pieces that are to come back."""
    await db.execute_many(
        "INSERT INTO orders_return_line (return_id, line_id, quantity) VALUES ($1, $2, $3)",
        [(return_id, line_id, count) for line_id, count in units.items()],
    )


async def in_window(order_id: UUID, since: datetime) -> Mapping[UUID, int]:
    """Return the pieces by line that were delivered after `since`, else shipped after it."""
    return {row["line_id"]: row["quantity"] for row in await db.fetch_all(_IN_WINDOW, order_id, since)}


async def number_of(return_id: UUID) -> str | None:
    """Return the number of the order that the return is of."""
    number: str | None = await db.fetch_value(
        "SELECT o.number FROM orders_return AS r JOIN orders_order AS o ON o.id = r.order_id WHERE r.id = $1",
        return_id,
    )
    return number


async def get(return_id: UUID) -> Row | None:
    """Return the document's row of a return."""
    return await db.fetch_one(f"{_SELECT} WHERE r.id = $1", return_id)


async def of_order(order_id: UUID) -> Sequence[Row]:
    """Return the order's returns, the newest first."""
    return await db.fetch_all(f"{_SELECT} WHERE r.order_id = $1 ORDER BY r.id DESC", order_id)


async def newest(status: str | None, after: UUID | None, limit: int) -> Sequence[Row]:
    """Return returns of every order in that state (None: in any), the newest first, those after the id `after`."""
    return await db.fetch_all(
        f"{_SELECT} WHERE ($1::text IS NULL OR r.status = $1) AND ($2::uuid IS NULL OR r.id < $2)"
        " ORDER BY r.id DESC LIMIT $3",
        status, after, limit,
    )  # fmt: skip


async def lines(return_id: UUID) -> Sequence[Row]:
    """Return the pieces of a return: line_id, quantity."""
    return await db.fetch_all(
        "SELECT line_id, quantity FROM orders_return_line WHERE return_id = $1 ORDER BY line_id", return_id
    )


async def decide(return_id: UUID, status: str, answer: str | None, now: datetime) -> None:
    """Write the decision."""
    await db.execute(
        "UPDATE orders_return SET status = $2, answer = coalesce($3, answer), decided_at = $4 WHERE id = $1",
        return_id, status, answer, now,
    )  # fmt: skip


async def receive(return_id: UUID, received: Mapping[UUID, tuple[int, int]], now: datetime) -> None:
    """Write what has arrived of each line, resellable and damaged."""
    await db.execute("UPDATE orders_return SET status = 'received', received_at = $2 WHERE id = $1", return_id, now)
    await db.execute_many(
        "UPDATE orders_return_line SET resellable = $3, damaged = $4 WHERE return_id = $1 AND line_id = $2",
        [(return_id, line_id, *counts) for line_id, counts in received.items()],
    )
