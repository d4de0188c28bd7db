"""Statements that read orders: the whole document in one; drafts are in none of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from feria_core import clock, db
from feria_core.db import Row


def time(column: str) -> str:
    """Return the SQL that writes a time as it goes out."""
    return f"""to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""


# PostgreSQL writes the lines as they go out: no row of theirs becomes a Python object.
DOCUMENT = f"""
    o.id, o.number, o.customer_id, o.email, o.locale, o.state, o.payment_status, o.fulfilment_status,
    o.payment_provider, o.currency, o.subtotal, o.discount_total, o.shipping_total, o.tax_total, o.grand_total,
    o.refunded_total, o.tax_lines::text AS tax_lines, o.tax_included, o.shipping_address::text AS shipping_address,
    o.billing_address::text AS billing_address, o.shipping_method, o.shipping_label, o.codes::text AS codes,
    o.note, o.staff_note, o.placed_at, o.cart_id,
    (SELECT json_agg(json_build_object(
        'id', l.id, 'variant_id', l.variant_id, 'product_id', l.product_id, 'sku', l.sku, 'name', l.name,
        'options', l.options, 'quantity', l.quantity, 'cancelled', l.cancelled, 'shipped', l.shipped,
        'delivered', l.delivered, 'returned', l.returned, 'refunded', l.refunded,
        'unit_price', json_build_object('amount', l.unit_price, 'currency', o.currency),
        'discount', json_build_object('amount', l.discount, 'currency', o.currency),
        'tax', json_build_object('amount', l.tax, 'currency', o.currency),
        'total', json_build_object('amount', l.total, 'currency', o.currency),
        'image', CASE WHEN l.image_url IS NOT NULL THEN json_build_object('url', l.image_url, 'alt', l.name) END
     ) ORDER BY l.position)::text FROM orders_line AS l WHERE l.order_id = o.id) AS lines,
    (SELECT json_agg(json_build_object(
        'at', {time("e.at")},
        'kind', e.kind, 'message', e.message, 'public', e.public, 'data', e.data,
        'actor_kind', e.actor_kind, 'actor_id', e.actor_id
     ) ORDER BY e.at, e.seq)::text FROM orders_event AS e WHERE e.order_id = o.id) AS timeline,
    (SELECT json_agg(json_build_object(
        'id', f.id, 'status', f.status, 'carrier', f.carrier, 'tracking_number', f.tracking_number,
        'tracking_url', f.tracking_url, 'created_at', {time("f.created_at")},
        'shipped_at', {time("f.shipped_at")}, 'delivered_at', {time("f.delivered_at")},
        'items', (SELECT json_agg(json_build_object(
            'item_id', l.id, 'sku', l.sku, 'name', l.name, 'quantity', fl.quantity) ORDER BY l.position)
            FROM orders_fulfilment_line AS fl JOIN orders_line AS l ON l.id = fl.line_id WHERE fl.fulfilment_id = f.id)
     ) ORDER BY f.id)::text FROM orders_fulfilment AS f WHERE f.order_id = o.id) AS fulfilments,
    (SELECT json_agg(json_build_object(
        'id', r.id, 'status', r.state, 'kind', r.kind, 'created_at', {time("r.created_at")}, 'reason', r.reason,
        'amount', json_build_object('amount', r.amount, 'currency', o.currency),
        'items', coalesce((SELECT json_agg(json_build_object('item_id', rl.line_id, 'quantity', rl.quantity)
            ORDER BY rl.line_id) FROM orders_refund_line AS rl WHERE rl.refund_id = r.id), '[]')
     ) ORDER BY r.id)::text FROM orders_refund AS r WHERE r.order_id = o.id) AS refunds
"""
_PLACED = f"SELECT {DOCUMENT} FROM orders_order AS o WHERE o.state <> 'draft'"
_NEWEST_FIRST = " ORDER BY o.placed_at DESC, o.id DESC"


@dataclass(frozen=True)
class Position:
    """Where a page ended: the list goes on after this order."""

    placed_at: datetime
    id: UUID


@dataclass(frozen=True)
class Filter:
    """What staff look for; None looks at every value. `since` is inclusive, `until` exclusive."""

    status: str | None = None
    payment_status: str | None = None
    fulfilment_status: str | None = None
    customer_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    text: str | None = None


async def by_id(order_id: UUID) -> Row | None:
    """Return the placed order."""
    return await db.fetch_one(f"{_PLACED} AND o.id = $1", order_id)


async def by_number(number: str) -> Row | None:
    """Return the placed order, for staff."""
    return await db.fetch_one(f"{_PLACED} AND o.number = $1", number)


async def for_reader(number: str, *, customer_id: UUID | None, token_hash: bytes | None) -> Row | None:
    """Return the placed order where the customer owns it or the token opens it."""
    return await db.fetch_one(
        f"{_PLACED} AND o.number = $1 AND (o.customer_id = $2 OR EXISTS (SELECT FROM orders_guest_token AS t"
        " WHERE t.order_id = o.id AND t.hash = $3 AND t.expires_at > $4))",
        number, customer_id, token_hash, clock.now(),
    )  # fmt: skip


async def of_customer(customer_id: UUID, after: Position | None, limit: int) -> Sequence[Row]:
    """Return the customer's orders, newest first."""
    if after is None:
        return await db.fetch_all(f"{_PLACED} AND o.customer_id = $1{_NEWEST_FIRST} LIMIT $2", customer_id, limit)
    return await db.fetch_all(
        f"{_PLACED} AND o.customer_id = $1 AND (o.placed_at, o.id) < ($3, $4){_NEWEST_FIRST} LIMIT $2",
        customer_id, limit, after.placed_at, after.id,
    )  # fmt: skip


async def matching(wanted: Filter, after: Position | None, limit: int) -> Sequence[Row]:
    """Return the orders that match every given filter, newest first; `text` is part of a number or an address."""
    conditions = {
        "o.state = {}": wanted.status,
        "o.payment_status = {}": wanted.payment_status,
        "o.fulfilment_status = {}": wanted.fulfilment_status,
        "o.customer_id = {}": wanted.customer_id,
        "o.placed_at >= {}": wanted.since,
        "o.placed_at < {}": wanted.until,
        # strpos, not LIKE: a percent sign in the text is a percent sign.
        "strpos(lower(o.number || ' ' || o.email), lower({})) > 0": wanted.text,
    }
    asked = [(sql, value) for sql, value in conditions.items() if value is not None]
    values: list[object] = [value for _, value in asked]
    sql = _PLACED + "".join(f" AND {part.format(f'${n}')}" for n, (part, _) in enumerate(asked, start=1))
    if after is not None:
        sql += f" AND (o.placed_at, o.id) < (${len(values) + 1}, ${len(values) + 2})"
        values += [after.placed_at, after.id]
    return await db.fetch_all(f"{sql}{_NEWEST_FIRST} LIMIT ${len(values) + 1}", *values, limit)
