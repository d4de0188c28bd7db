"""Writing an order that is placed at once: with its lines, its first events and the tokens that open it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feria_core import db
from feria_core.contracts.orders import OrderDraft, OrderLine, OrderRef
from feria_core.ids import new_id
from feria_orders.domain import PaymentStatus
from feria_orders.repository import COLUMNS, PLACES, json_text, values_of
from feria_orders.texts import EventKind

# Order, lines, events and tokens in one statement: an order on the shopper's word needs nothing in between.
_N = 3 + len(COLUMNS)
_INSERT_OPEN = f"""
WITH placed AS (
    INSERT INTO orders_order (id, number, checkout_id, {", ".join(COLUMNS)}, created_at, state, payment_status,
        payment_provider, placed_at)
    VALUES ($1, $2, $3, {PLACES}, ${_N}, 'open', ${_N + 1}, ${_N + 2}, ${_N})
    ON CONFLICT DO NOTHING RETURNING id
), lines AS (
    INSERT INTO orders_line (id, order_id, position, variant_id, product_id, sku, name, options, quantity, unit_price,
        discount, tax, total, image_url)
    SELECT l.id, placed.id, l.position, l.variant_id, l.product_id, l.sku, l.name, l.options, l.quantity, l.unit_price,
        l.discount, l.tax, l.total, l.image_url
    FROM placed, jsonb_to_recordset(${_N + 3}::jsonb) AS l (id uuid, position int, variant_id uuid, product_id uuid,
        sku text, name text, options jsonb, quantity int, unit_price bigint, discount bigint, tax bigint, total bigint,
        image_url text)
), events AS (
    INSERT INTO orders_event (id, order_id, at, kind, public, actor_kind)
    SELECT e.id, placed.id, ${_N}, e.kind, true, 'customer'
    FROM placed, unnest(${_N + 4}::uuid[], ${_N + 5}::text[]) WITH ORDINALITY AS e (id, kind, nth) ORDER BY e.nth
), tokens AS (
    INSERT INTO orders_guest_token (id, order_id, hash, expires_at)
    SELECT t.id, placed.id, t.hash, t.expires_at
    FROM placed, unnest(${_N + 6}::uuid[], ${_N + 7}::bytea[], ${_N + 8}::timestamptz[]) AS t (id, hash, expires_at)
)
SELECT id FROM placed
"""


@dataclass(frozen=True)
class GuestToken:
    """A token that opens a guest's order, and what is stored of it."""

    secret: str
    hash: bytes
    expires_at: datetime


@dataclass(frozen=True)
class Opening:
    """How an order is placed: the state of its money, the first events of its timeline, the tokens that open it."""

    status: PaymentStatus
    provider: str
    at: datetime
    kinds: Sequence[EventKind]
    tokens: Sequence[GuestToken]


async def insert_open(order: OrderRef, draft: OrderDraft, opened: Opening) -> bool:
    """Write a placed order whole; False, nothing written, where its checkout has an order or the number is taken."""
    tokens = opened.tokens
    found = await db.fetch_value(
        _INSERT_OPEN, order.id, order.number, draft.checkout_id, *values_of(draft, opened.at), opened.status,
        opened.provider, json_text([_line(line, n) for n, line in enumerate(draft.lines)]),
        [new_id() for _ in opened.kinds], list(opened.kinds),
        [new_id() for _ in tokens], [token.hash for token in tokens], [token.expires_at for token in tokens],
    )  # fmt: skip
    return found is not None


def _line(line: OrderLine, position: int) -> dict[str, Any]:
    return {
        "id": str(new_id()),
        "position": position,
        "variant_id": str(line.variant_id),
        "product_id": str(line.product_id),
        "sku": line.sku,
        "name": line.name,
        "options": dict(line.options),
        "quantity": line.quantity,
        "unit_price": line.unit_price.amount,
        "discount": line.discount.amount,
        "tax": line.tax.amount,
        "total": line.total.amount,
        "image_url": line.image_url,
    }
