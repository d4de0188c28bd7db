"""The statements over checkouts that staff have made for a buyer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from feria_checkout.repository.rows import CheckoutRow, json_text, stock_text
from feria_core import clock, db


async def insert(row: CheckoutRow, token_hash: bytes) -> None:
    """Add an open checkout with what was agreed, and the token that opens it."""
    await db.execute(
        "INSERT INTO checkout_checkout (id, token_hashes, customer_id, cart_id, email, shipping_address,"
        " billing_address, note, locale, currency, cart_version, held, draft, expires_at, created_at, updated_at,"
        " has_payment)"
        " VALUES ($1, ARRAY[$2::bytea], $3, $1, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $14, false)",
        row.id, token_hash, row.customer_id, row.email, json_text(row.shipping_address),
        json_text(row.billing_address), row.note, row.locale, row.currency, row.cart_version, stock_text(row.held),
        json_text(row.draft), row.expires_at, clock.now(),
    )  # fmt: skip


async def replace_tokens(checkout_id: UUID, token_hash: bytes) -> None:
    """Let this token open the checkout, and none that was given before."""
    await db.execute(
        "UPDATE checkout_checkout SET token_hashes = ARRAY[$2::bytea], updated_at = $3 WHERE id = $1",
        checkout_id, token_hash, clock.now(),
    )  # fmt: skip


async def newest(limit: int, before: UUID | None) -> Sequence[Mapping[str, Any]]:
    """Return what staff have made, newest first, those before the id `before`."""
    return await db.fetch_all(
        "SELECT id, state AS status, email, customer_id, order_number, expires_at, created_at FROM checkout_checkout"
        " WHERE draft IS NOT NULL AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $1",
        limit, before,
    )  # fmt: skip
