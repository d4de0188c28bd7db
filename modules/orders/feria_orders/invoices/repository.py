"""Statements of invoices, credit notes and their series."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

import orjson

from feria_core import db
from feria_core.db import Row
from feria_core.ids import new_id

_COLUMNS = "id, order_id, refund_id, kind, number, issued_at, locale, seller::text AS seller"


async def lock_order(order_id: UUID) -> Row | None:
    """Lock the placed order: two who ask for its invoice at once get the same one."""
    return await db.fetch_one(
        "SELECT id, state, locale FROM orders_order WHERE id = $1 AND state <> 'draft' FOR UPDATE", order_id
    )


async def invoice_of(order_id: UUID) -> Row | None:
    """Return the order's invoice."""
    return await db.fetch_one(
        f"SELECT {_COLUMNS} FROM orders_document WHERE order_id = $1 AND kind = 'invoice'", order_id
    )


async def credit_note_of(refund_id: UUID) -> Row | None:
    """Return the refund's credit note."""
    return await db.fetch_one(f"SELECT {_COLUMNS} FROM orders_document WHERE refund_id = $1", refund_id)


async def claim(kind: str, year: int) -> int:
    """Return the next number of the series, whose row stays locked until the transaction ends: none is left out."""
    serial: int = await db.fetch_value(
        "INSERT INTO orders_series AS s (kind, year, last_serial) VALUES ($1, $2, 1)"
        " ON CONFLICT (kind, year) DO UPDATE SET last_serial = s.last_serial + 1 RETURNING last_serial",
        kind, year,
    )  # fmt: skip
    return serial


async def add(
    order_id: UUID,
    refund_id: UUID | None,
    *,
    kind: str,
    year: int,
    serial: int,
    number: str,
    issued_at: datetime,
    locale: str,
    seller: Mapping[str, object],
) -> Row:
    """Write the document that bears the number and return it."""
    row = await db.fetch_one(
        "INSERT INTO orders_document (id, order_id, refund_id, kind, year, serial, number, issued_at, locale, seller)"
        f" VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING {_COLUMNS}",
        new_id(), order_id, refund_id, kind, year, serial, number, issued_at, locale, orjson.dumps(seller).decode(),
    )  # fmt: skip
    assert row is not None  # noqa: S101 - an insert returns its row or raises
    return row


async def refund_of(order_id: UUID, refund_id: UUID) -> Row | None:
    """Return the order's refund that has succeeded, with the amounts of its pieces as JSON."""
    return await db.fetch_one(
        "SELECT r.id, r.amount, r.shipping, r.tax, (SELECT json_agg(json_build_object("
        " 'sku', l.sku, 'name', l.name, 'options', l.options, 'quantity', rl.quantity, 'amount', rl.amount)"
        " ORDER BY l.position)::text FROM orders_refund_line AS rl JOIN orders_line AS l ON l.id = rl.line_id"
        " WHERE rl.refund_id = r.id) AS lines"
        " FROM orders_refund AS r WHERE r.order_id = $1 AND r.id = $2 AND r.state = 'succeeded'",
        order_id, refund_id,
    )  # fmt: skip


async def due_invoices(since: datetime, limit: int) -> Sequence[UUID]:
    """Return paid orders placed since then that have no invoice, the oldest first."""
    rows = await db.fetch_all(
        "SELECT o.id FROM orders_order AS o WHERE o.placed_at > $1 AND o.state IN ('open', 'completed')"
        " AND o.payment_status IN ('paid', 'partially_refunded', 'refunded')"
        " AND NOT EXISTS (SELECT FROM orders_document AS d WHERE d.order_id = o.id AND d.kind = 'invoice')"
        " ORDER BY o.placed_at, o.id LIMIT $2",
        since, limit,
    )  # fmt: skip
    return [row["id"] for row in rows]


async def due_credit_notes(since: datetime, limit: int) -> Sequence[Row]:
    """Return refunds (id, order_id) made since then, of orders with an invoice, that have no credit note."""
    return await db.fetch_all(
        "SELECT r.id, r.order_id FROM orders_refund AS r WHERE r.settled_at > $1 AND r.state = 'succeeded'"
        " AND EXISTS (SELECT FROM orders_document AS d WHERE d.order_id = r.order_id AND d.kind = 'invoice')"
        " AND NOT EXISTS (SELECT FROM orders_document AS d WHERE d.refund_id = r.id) ORDER BY r.id LIMIT $2",
        since, limit,
    )  # fmt: skip
