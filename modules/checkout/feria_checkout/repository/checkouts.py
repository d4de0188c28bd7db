"""The statements over `checkout_checkout`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from feria_checkout.repository.rows import CheckoutRow, checkout_of, json_text, stock_text
from feria_checkout.repository.zones import VERSION
from feria_core import clock, db
from feria_core.contracts.catalog import StockLine
from feria_core.contracts.orders import OrderRef, PlacedOrder

_COLUMNS = (
    "id, customer_id, cart_id, state, email, shipping_address::text AS shipping_address,"
    " billing_address::text AS billing_address, shipping_method, note, locale, currency, version, cart_version,"
    " held::text AS held, steps::text AS steps, order_id, order_number, expires_at,"
    f" shipping_quote::text AS shipping_quote, draft::text AS draft, has_payment, {VERSION} AS rules,"
    " EXISTS (SELECT FROM checkout_tax_exemption e WHERE e.customer_id = checkout_checkout.customer_id"
    " AND (e.ends_at IS NULL OR e.ends_at > now())) AS is_exempt"
)
# Foreign and missing look the same: the owner is part of the question.
_OWNED = "id = $1 AND (customer_id = $2 OR $3 = ANY (token_hashes))"
KEPT_TOKENS = 5


@dataclass(frozen=True)
class Caller:
    """Who asks for a checkout: a signed-in person, the holder of its token, or nobody who may."""

    customer_id: UUID | None
    token_hash: bytes | None


async def insert(row: CheckoutRow, token_hash: bytes) -> CheckoutRow | None:
    """Add an open checkout and return it; None where its cart is in an open one already."""
    now = clock.now()
    added = await db.fetch_one(
        "INSERT INTO checkout_checkout (id, token_hashes, customer_id, cart_id, email, locale, currency, cart_version,"
        " held, expires_at, created_at, updated_at, has_payment)"
        " VALUES ($1, ARRAY[$2::bytea], $3, $4, $5, $6, $7, $8, $9, $10, $11, $11, false)"
        " ON CONFLICT (cart_id) WHERE state IN ('open', 'completing') DO NOTHING"
        f" RETURNING {_COLUMNS}",
        row.id, token_hash, row.customer_id, row.cart_id, row.email, row.locale, row.currency, row.cart_version,
        stock_text(row.held), row.expires_at, now,
    )  # fmt: skip
    return checkout_of(added) if added else None


async def lock_open_of_cart(cart_id: UUID) -> CheckoutRow | None:
    """Return the cart's open checkout, locked, or None."""
    row = await db.fetch_one(
        f"SELECT {_COLUMNS} FROM checkout_checkout WHERE cart_id = $1 AND state IN ('open', 'completing') FOR UPDATE",
        cart_id,
    )
    return checkout_of(row) if row else None


async def add_token(checkout_id: UUID, token_hash: bytes) -> None:
    """Let one more token open the checkout; the oldest beyond KEPT_TOKENS is forgotten."""
    await db.execute(
        "UPDATE checkout_checkout SET token_hashes = (array_prepend($2, token_hashes))[1:$3] WHERE id = $1",
        checkout_id, token_hash, KEPT_TOKENS,
    )  # fmt: skip


async def owned(checkout_id: UUID, caller: Caller) -> CheckoutRow | None:
    """Return the caller's checkout, or None."""
    row = await db.fetch_one(
        f"SELECT {_COLUMNS} FROM checkout_checkout WHERE {_OWNED}", checkout_id, caller.customer_id, caller.token_hash
    )
    return checkout_of(row) if row else None


async def lock_owned(checkout_id: UUID, caller: Caller) -> CheckoutRow | None:
    """Return the caller's checkout, locked for the transaction, or None."""
    row = await db.fetch_one(
        f"SELECT {_COLUMNS} FROM checkout_checkout WHERE {_OWNED} FOR UPDATE",
        checkout_id, caller.customer_id, caller.token_hash,
    )  # fmt: skip
    return checkout_of(row) if row else None


async def lock(checkout_id: UUID) -> CheckoutRow | None:
    """Return the checkout, locked for the transaction."""
    row = await db.fetch_one(f"SELECT {_COLUMNS} FROM checkout_checkout WHERE id = $1 FOR UPDATE", checkout_id)
    return checkout_of(row) if row else None


async def stored_quote(checkout_id: UUID) -> Mapping[str, Any] | None:
    """Return the totals that the checkout's order was made from, or None."""
    text = await db.fetch_value("SELECT quote::text FROM checkout_checkout WHERE id = $1", checkout_id)
    return None if text is None else orjson.loads(text)


async def save_edit(row: CheckoutRow) -> None:
    """Write what a shopper can change, the next version, and until when stock is held."""
    await db.execute(
        "UPDATE checkout_checkout SET email = $2, shipping_address = $3, billing_address = $4, shipping_method = $5,"
        " note = $6, steps = $7, version = version + 1, updated_at = $8,"
        " shipping_quote = $9, cart_version = $10, expires_at = $11 WHERE id = $1",
        row.id, row.email, json_text(row.shipping_address), json_text(row.billing_address), row.shipping_method,
        row.note, json_text(row.steps), clock.now(), json_text(row.shipping_quote),
        row.cart_version, row.expires_at,
    )  # fmt: skip


async def save_hold(checkout_id: UUID, *, held: Sequence[StockLine], cart_version: int, expires_at: datetime) -> None:
    """Note what is held now, and until when."""
    await db.execute(
        "UPDATE checkout_checkout SET held = $2, cart_version = $3, expires_at = $4, updated_at = $5 WHERE id = $1",
        checkout_id, stock_text(held), cart_version, expires_at, clock.now(),
    )  # fmt: skip


async def prolong(checkout_id: UUID, expires_at: datetime) -> None:
    """Note until when an open checkout's stock is held."""
    await db.execute(
        "UPDATE checkout_checkout SET expires_at = $2, updated_at = $3"
        " WHERE id = $1 AND state IN ('open', 'completing')",
        checkout_id, expires_at, clock.now(),
    )  # fmt: skip


async def save_draft(
    checkout_id: UUID,
    *,
    order: OrderRef,
    quote: bytes,
    held: Sequence[StockLine],
    cart_version: int,
    expires_at: datetime,
) -> None:
    """Note the order that is being made, the totals that it is made from, and what is held for it until when."""
    await db.execute(
        "UPDATE checkout_checkout SET order_id = $2, order_number = $3, quote = $4, held = $5, cart_version = $6,"
        " expires_at = $7, updated_at = $8 WHERE id = $1",
        checkout_id, order.id, order.number, quote.decode(), stock_text(held), cart_version, expires_at, clock.now(),
    )  # fmt: skip


async def complete(
    checkout_id: UUID, *, order: PlacedOrder, quote: bytes, held: Sequence[StockLine], cart_version: int
) -> None:
    """End the checkout with the order that was made of it at once, the totals it was made from and what was sold."""
    await db.execute(
        "UPDATE checkout_checkout SET state = 'completed', order_id = $2, order_number = $3, quote = $4, held = $5,"
        " cart_version = $6, completed_at = $7, updated_at = $7 WHERE id = $1",
        checkout_id, order.id, order.number, quote.decode(), stock_text(held), cart_version, clock.now(),
    )  # fmt: skip


async def mark_completing(checkout_id: UUID) -> None:
    """Note that its shopper waits for the order; an expired one stays expired."""
    await db.execute(
        "UPDATE checkout_checkout SET state = 'completing', updated_at = $2 WHERE id = $1 AND state = 'open'",
        checkout_id, clock.now(),
    )  # fmt: skip


async def reopen(checkout_id: UUID) -> None:
    """Make a checkout whose payment came to nothing editable again; its draft order stays its own."""
    await db.execute(
        "UPDATE checkout_checkout SET state = 'open', updated_at = $2 WHERE id = $1 AND state = 'completing'",
        checkout_id, clock.now(),
    )  # fmt: skip


async def close(checkout_id: UUID, *, state: str) -> None:
    """End the checkout as "completed" or "expired"; of an expired one the draft order is forgotten too."""
    now = clock.now()
    if state == "completed":
        await db.execute(
            "UPDATE checkout_checkout SET state = 'completed', completed_at = $2, updated_at = $2 WHERE id = $1",
            checkout_id, now,
        )  # fmt: skip
        return
    await db.execute(
        "UPDATE checkout_checkout SET state = $2, held = '[]', updated_at = $3 WHERE id = $1", checkout_id, state, now
    )


async def forget_order(checkout_id: UUID) -> None:
    """Note that the draft order was discarded."""
    await db.execute(
        "UPDATE checkout_checkout SET order_id = NULL, order_number = NULL, updated_at = $2 WHERE id = $1",
        checkout_id, clock.now(),
    )  # fmt: skip


async def has_sold(cart_id: UUID, *, besides: UUID) -> bool:
    """Return True where the cart has become an order through another checkout."""
    found = await db.fetch_value(
        "SELECT 1 FROM checkout_checkout WHERE cart_id = $1 AND state = 'completed' AND id <> $2", cart_id, besides
    )
    return found is not None


async def due_to_expire(limit: int) -> list[UUID]:
    """Return open checkouts past their time, the longest first."""
    rows = await db.fetch_all(
        "SELECT id FROM checkout_checkout WHERE state IN ('open', 'completing') AND expires_at <= $1"
        " ORDER BY expires_at LIMIT $2",
        clock.now(), limit,
    )  # fmt: skip
    return [row["id"] for row in rows]
