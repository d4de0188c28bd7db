"""Statements that write orders; each state change is one conditional UPDATE with its count looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from feria_core import db
from feria_core.contracts.orders import OrderDraft, OrderRef
from feria_core.db import Row
from feria_core.ids import new_id
from feria_orders.domain import PaymentStatus
from feria_orders.reads import DOCUMENT

# What a draft sets, in the order of `values_of`; their places begin at the fourth.
COLUMNS = (
    "cart_id", "customer_id", "email", "locale", "currency", "subtotal", "discount_total", "shipping_total",
    "tax_total", "grand_total", "tax_lines", "tax_included", "shipping_address", "billing_address", "shipping_method",
    "shipping_label", "codes", "note", "updated_at",
)  # fmt: skip
PLACES = ", ".join(f"${n}" for n in range(4, 4 + len(COLUMNS)))
_INSERT = (
    f"INSERT INTO orders_order (id, number, checkout_id, {', '.join(COLUMNS)}, created_at)"
    f" VALUES ($1, $2, $3, {PLACES}, ${3 + len(COLUMNS)})"
    # Either the checkout has its order, or the number is taken: the caller finds out which.
    " ON CONFLICT DO NOTHING"
)
_REPLACE = (
    f"UPDATE orders_order SET ({', '.join(COLUMNS)}) = ({', '.join(f'${n}' for n in range(2, 2 + len(COLUMNS)))})"
    " WHERE checkout_id = $1 AND state = 'draft' RETURNING id, number"
)


async def insert_draft(order: OrderRef, draft: OrderDraft, now: datetime) -> bool:
    """Write the draft; False where its checkout has an order already, or somebody else's has this number."""
    return bool(await db.execute(_INSERT, order.id, order.number, draft.checkout_id, *values_of(draft, now)))


async def replace_draft(draft: OrderDraft, now: datetime) -> OrderRef | None:
    """Rewrite the checkout's draft without its lines; None where there is none (any more)."""
    row = await db.fetch_one(_REPLACE, draft.checkout_id, *values_of(draft, now))
    if row is None:
        return None
    await db.execute("DELETE FROM orders_line WHERE order_id = $1", row["id"])
    return OrderRef(row["id"], row["number"])


async def number_of_checkout(checkout_id: UUID) -> str | None:
    """Return the number of the checkout's order in any state, or None."""
    number: str | None = await db.fetch_value("SELECT number FROM orders_order WHERE checkout_id = $1", checkout_id)
    return number


async def insert_lines(order_id: UUID, draft: OrderDraft) -> None:
    """Write the draft's lines in their order."""
    await db.execute_many(
        "INSERT INTO orders_line (id, order_id, position, variant_id, product_id, sku, name, options, quantity,"
        " unit_price, discount, tax, total, image_url)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        [
            (
                new_id(), order_id, position, line.variant_id, line.product_id, line.sku, line.name,
                json_text(dict(line.options)), line.quantity, line.unit_price.amount, line.discount.amount,
                line.tax.amount, line.total.amount, line.image_url,
            )
            for position, line in enumerate(draft.lines)
        ],
    )  # fmt: skip


async def open_draft(order_id: UUID, status: PaymentStatus, provider: str, now: datetime) -> Row | None:
    """Make the draft an open order and return its document's row; None where it is no draft (any more)."""
    return await db.fetch_one(
        "UPDATE orders_order AS o SET state = 'open', payment_status = $2, payment_provider = $3,"
        f" placed_at = $4, updated_at = $4 WHERE id = $1 AND state = 'draft' RETURNING {DOCUMENT}",
        order_id, status, provider, now,
    )  # fmt: skip


async def note_payment(order_id: UUID, now: datetime) -> Row | None:
    """Note a placed order as paid and return its number, and whether pieces of it are cancelled or sent already.

    None where it was noted before.
    """
    return await db.fetch_one(
        "UPDATE orders_order AS o SET payment_status = 'paid', updated_at = $2"
        " WHERE id = $1 AND state <> 'draft' AND payment_status IN ('pending', 'authorized', 'failed')"
        " RETURNING number, EXISTS (SELECT FROM orders_line AS l WHERE l.order_id = o.id"
        " AND (l.cancelled > 0 OR l.delivered > 0)) AS is_begun",
        order_id, now,
    )  # fmt: skip


async def is_placed(order_id: UUID) -> bool:
    """Return whether the order exists and is no draft."""
    return bool(
        await db.fetch_value("SELECT EXISTS (SELECT FROM orders_order WHERE id = $1 AND state <> 'draft')", order_id)
    )


async def delete_draft(order_id: UUID) -> None:
    """Delete the order and its lines while it is a draft."""
    await db.execute("DELETE FROM orders_order WHERE id = $1 AND state = 'draft'", order_id)


async def delete_drafts_before(before: datetime, limit: int) -> int:
    """Delete at most `limit` drafts untouched since `before`; return how many. One that is being placed is skipped."""
    return await db.execute(
        "DELETE FROM orders_order WHERE id IN (SELECT id FROM orders_order"
        " WHERE state = 'draft' AND updated_at < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before, limit,
    )  # fmt: skip


async def delete_expired_tokens(now: datetime, limit: int) -> int:
    """Delete at most `limit` guests' tokens that no longer open anything; return how many."""
    return await db.execute(
        "DELETE FROM orders_guest_token WHERE id IN"
        " (SELECT id FROM orders_guest_token WHERE expires_at < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)",
        now, limit,
    )  # fmt: skip


async def add_guest_token(order_id: UUID, token_hash: bytes, expires_at: datetime) -> None:
    """Let the token of this hash open the order until `expires_at`."""
    await db.execute(
        "INSERT INTO orders_guest_token (id, order_id, hash, expires_at) VALUES ($1, $2, $3, $4)",
        new_id(), order_id, token_hash, expires_at,
    )  # fmt: skip


async def drop_guest_tokens(order_id: UUID) -> None:
    """Make every link that was mailed for the order worthless."""
    await db.execute("DELETE FROM orders_guest_token WHERE order_id = $1", order_id)


async def lock_placed(number: str) -> Row | None:
    """Lock the placed order for the transaction and return what staff may correct, or None."""
    return await db.fetch_one(
        "SELECT id, email, note, staff_note FROM orders_order WHERE number = $1 AND state <> 'draft' FOR UPDATE", number
    )


async def correct(order_id: UUID, values: Mapping[str, str | None], now: datetime) -> Row | None:
    """Set email, note and staff_note; return the document's row."""
    return await db.fetch_one(
        "UPDATE orders_order AS o SET email = $2, note = $3, staff_note = $4, updated_at = $5"
        f" WHERE id = $1 RETURNING {DOCUMENT}",
        order_id, values["email"], values["note"], values["staff_note"], now,
    )  # fmt: skip


def values_of(draft: OrderDraft, now: datetime) -> tuple[Any, ...]:
    """Return what a draft sets, in the order of COLUMNS."""
    tax_lines = [{"rate": t.rate, "label": t.label, "amount": t.amount.amount} for t in draft.tax_lines]
    return (
        draft.cart_id, draft.customer_id, draft.email, draft.locale, draft.grand_total.currency, draft.subtotal.amount,
        draft.discount_total.amount, draft.shipping_total.amount, draft.tax_total.amount, draft.grand_total.amount,
        json_text(tax_lines), draft.tax_included, _address(draft.shipping_address), _address(draft.billing_address),
        draft.shipping_method, draft.shipping_label, json_text(list(draft.codes)), draft.note, now,
    )  # fmt: skip


def _address(address: Mapping[str, Any] | None) -> str | None:
    return None if address is None else json_text(dict(address))


def json_text(value: Any) -> str:
    """Return the value as JSON text."""
    return orjson.dumps(value).decode()
