"""Carts as wholes: made, locked, closed, noted upon. Whoever changes lines or codes locks the cart's row first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson

from feria_cart.domain import Discount, Shopper
from feria_cart.merging import Note
from feria_cart.repository.owners import key
from feria_core import db
from feria_core.contracts.cart import CartOwner
from feria_core.ids import new_id, token_hash

# The upsert is creation, lock and new version in one: twins of the first add wait here and share the cart.
_OPEN = """
INSERT INTO cart_cart AS c (id, {owner}, created_at, updated_at) VALUES ($1, $2, $3, $3)
ON CONFLICT ({owner}) WHERE state = 'open'
DO UPDATE SET version = c.version + 1, updated_at = $3, notes = NULL
RETURNING id, version, held_by
"""
_OPEN_BY = {column: _OPEN.format(owner=column) for column in ("customer_id", "token_hash")}
_TOUCH = """
UPDATE cart_cart SET version = version + 1, updated_at = $2, notes = NULL WHERE {owner} = $1 AND state = 'open'
RETURNING id, version, held_by
"""
_TOUCH_BY = {column: _TOUCH.format(owner=column) for column in ("customer_id", "token_hash")}
# Skipping, so that a look at the cart never waits for its checkout.
_SEE = """
UPDATE cart_cart SET seen_promotions = $2::text::jsonb
WHERE id = (SELECT id FROM cart_cart WHERE id = $1 AND state = 'open' FOR NO KEY UPDATE SKIP LOCKED)
"""
_EXPIRE = """
DELETE FROM cart_cart WHERE id IN
    (SELECT id FROM cart_cart WHERE updated_at < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
"""


@dataclass(frozen=True)
class OpenCart:
    """An open cart that the caller's transaction has locked; `held_by` is the checkout that has held its stock."""

    id: UUID
    held_by: UUID | None


async def lock(cart_id: UUID) -> None:
    """Lock the cart's row for the open transaction; alone, since a join would show lines from before the wait."""
    await db.execute("SELECT id FROM cart_cart WHERE id = $1 FOR UPDATE", cart_id)


async def open_cart(who: Shopper, now: datetime) -> OpenCart:
    """Return the owner's open cart, made where there is none, locked and with its version raised.

    Raises CartChangedMeanwhile where it is not the one that the shopper expects.
    """
    column, value = key(who.owner)
    row = await db.fetch_one(_OPEN_BY[column], new_id(), value, now)
    assert row is not None  # noqa: S101 - an upsert always returns its row
    return _checked(row, who)


async def touch_cart(who: Shopper, now: datetime) -> OpenCart | None:
    """Return the owner's open cart, locked and with its version raised, or None where there is none.

    Raises CartChangedMeanwhile where it is not the one that the shopper expects.
    """
    column, value = key(who.owner)
    row = await db.fetch_one(_TOUCH_BY[column], value, now)
    if row is None:
        if who.expects is not None:
            who.expects.check(None, 0)
        return None
    return _checked(row, who)


def _checked(row: db.Row, who: Shopper) -> OpenCart:
    if who.expects is not None:
        before = row["version"] - 1
        who.expects.check(row["id"] if before else None, before)
    return OpenCart(row["id"], row["held_by"])


async def lock_open(owner: CartOwner) -> UUID | None:
    """Return the owner's open cart, locked, or None where there is none."""
    column, value = key(owner)
    found: UUID | None = await db.fetch_value(
        f"SELECT id FROM cart_cart WHERE {column} = $1 AND state = 'open' FOR UPDATE",
        value,
    )
    return found


async def open_cart_of(customer_id: UUID) -> UUID | None:
    """Return the customer's open cart, or None where there is none."""
    found: UUID | None = await db.fetch_value(
        "SELECT id FROM cart_cart WHERE customer_id = $1 AND state = 'open'", customer_id
    )
    return found


async def lock_guest_cart(token: str) -> UUID | None:
    """Return the guest's open cart, locked, or None where it is closed already: a replay merges nothing."""
    cart_id: UUID | None = await db.fetch_value(
        "SELECT id FROM cart_cart WHERE token_hash = $1 AND state = 'open' FOR UPDATE", token_hash(token)
    )
    return cart_id


async def close_merged(cart_id: UUID, into: UUID | None, now: datetime) -> None:
    """Close a locked guest cart: its lines, if it had any, stand in the customer's cart now."""
    await db.execute(
        "UPDATE cart_cart SET state = 'merged', merged_into = $2, updated_at = $3 WHERE id = $1", cart_id, into, now
    )


async def note_copy(cart_id: UUID, source_id: UUID) -> None:
    """Note that a cart was begun by the restore link of another one; the first such link counts."""
    await db.execute(
        "UPDATE cart_cart SET restored_from = coalesce(restored_from, $2) WHERE id = $1", cart_id, source_id
    )


async def is_copy_of(cart_id: UUID, other_id: UUID) -> bool:
    """Return True where the cart was begun by a restore link of the other one."""
    return bool(await db.fetch_value("SELECT restored_from = $2 FROM cart_cart WHERE id = $1", cart_id, other_id))


async def order_cart(cart_id: UUID, order_number: str, now: datetime) -> db.Row | None:
    """Close the cart as ordered; return `restored_from`, or None where it is not open."""
    return await db.fetch_one(
        "UPDATE cart_cart SET state = 'ordered', order_number = $2, updated_at = $3"
        " WHERE id = $1 AND state = 'open' RETURNING restored_from",
        cart_id, order_number, now,
    )  # fmt: skip


async def save_seen(cart_id: UUID, discounts: Sequence[Discount]) -> None:
    """Note the discounts that the owner has seen; nothing happens while somebody else has the cart locked."""
    rows = [[one.promotion, one.label, one.amount.amount, one.amount.currency] for one in discounts]
    await db.execute(_SEE, cart_id, orjson.dumps(rows).decode())


async def save_notes(cart_id: UUID, notes: Sequence[Note]) -> None:
    """Keep what a merge did until the owner changes something."""
    rows = [[one.kind, str(one.variant_id) if one.variant_id else None, one.wanted, one.quantity, one.code]
            for one in notes]  # fmt: skip
    await db.execute("UPDATE cart_cart SET notes = $2::text::jsonb WHERE id = $1", cart_id, orjson.dumps(rows).decode())


async def save_holder(cart_id: UUID, holder: UUID) -> None:
    """Note which checkout holds the stock of the cart, whose row the caller has locked."""
    await db.execute("UPDATE cart_cart SET held_by = $2 WHERE id = $1", cart_id, holder)


async def delete_older(before: datetime, *, limit: int) -> int:
    """Delete at most `limit` carts last changed before that time; return how many. Busy ones are left for later."""
    return await db.execute(_EXPIRE, before, limit)
