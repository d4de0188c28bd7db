"""Statements about items saved for later; they belong to their owner, so they outlive carts and orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_cart.repository.owners import key
from feria_core import db
from feria_core.contracts.cart import CartOwner
from feria_core.ids import new_id, token_hash

_SAVE = """
INSERT INTO cart_saved_item AS s (id, {owner}, variant_id, quantity, seen_amount, seen_currency, saved_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT ({owner}, variant_id) WHERE {owner} IS NOT NULL
DO UPDATE SET quantity = least(s.quantity::bigint + EXCLUDED.quantity, 2147483647)::int
RETURNING (SELECT count(*) FROM cart_saved_item o WHERE o.{owner} = $2) AS before, xmax = 0 AS is_new
"""
_SAVE_BY = {column: _SAVE.format(owner=column) for column in ("customer_id", "token_hash")}
# What the customer has saved already keeps its quantity: a replay finds nothing left to take over.
_ADOPT = """
WITH mine AS (DELETE FROM cart_saved_item WHERE token_hash = $1
    RETURNING id, variant_id, quantity, seen_amount, seen_currency, saved_at)
INSERT INTO cart_saved_item (id, customer_id, variant_id, quantity, seen_amount, seen_currency, saved_at)
SELECT id, $2, variant_id, quantity, seen_amount, seen_currency, saved_at FROM mine
ON CONFLICT (customer_id, variant_id) WHERE customer_id IS NOT NULL DO NOTHING
"""


async def save(owner: CartOwner, row: db.Row, now: datetime) -> int | None:
    """Put so many of a variant aside; return how many items were saved before, None where it was one of them.

    `row` holds `variant_id`, `quantity` and the price that was seen last.
    """
    column, value = key(owner)
    saved = await db.fetch_one(
        _SAVE_BY[column], new_id(), value, row["variant_id"], row["quantity"], row["seen_amount"],
        row["seen_currency"], now,
    )  # fmt: skip
    assert saved is not None  # noqa: S101 - an upsert always returns its row
    return saved["before"] if saved["is_new"] else None


async def page(owner: CartOwner, *, limit: int, before: UUID | None) -> Sequence[db.Row]:
    """Return at most `limit` items that the owner has saved, the newest first, those before the item `before`."""
    column, value = key(owner)
    return await db.fetch_all(
        f"SELECT id, variant_id, quantity, seen_amount, seen_currency, saved_at FROM cart_saved_item"
        f" WHERE {column} = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        value, before, limit,
    )  # fmt: skip


async def take(owner: CartOwner, item_id: UUID) -> db.Row | None:
    """Delete the owner's item and return it; None where there is none of that id."""
    column, value = key(owner)
    return await db.fetch_one(
        f"DELETE FROM cart_saved_item WHERE id = $1 AND {column} = $2 RETURNING variant_id, quantity",
        item_id, value,
    )  # fmt: skip


async def adopt(customer_id: UUID, token: str) -> None:
    """Give the customer what the guest of that token has saved."""
    await db.execute(_ADOPT, token_hash(token), customer_id)


async def delete_older(before: datetime, *, limit: int) -> int:
    """Delete at most `limit` items of guests that were saved before that time; return how many."""
    return await db.execute(
        "DELETE FROM cart_saved_item WHERE id IN (SELECT id FROM cart_saved_item"
        " WHERE token_hash IS NOT NULL AND saved_at < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before, limit,
    )  # fmt: skip
