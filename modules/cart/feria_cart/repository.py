"""The cart's statements. Whoever changes lines or codes locks the cart's row first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from feria_cart.domain import Discount, StoredCart, StoredLine
from feria_core import db
from feria_core.contracts.cart import CartOwner
from feria_core.ids import new_id, token_hash
from feria_core.money import Money

_READ = """
SELECT c.id, c.version, c.customer_id, c.seen_promotions::text AS seen,
       i.id AS item_id, i.variant_id, i.quantity, i.seen_amount, i.seen_currency,
       ARRAY(SELECT k.code FROM cart_code k WHERE k.cart_id = c.id ORDER BY k.added_at, k.id) AS codes
FROM cart_cart c LEFT JOIN cart_item i ON i.cart_id = c.id
WHERE c.state = 'open' AND {whose} ORDER BY i.added_at, i.id
"""
_READ_BY = {column: _READ.format(whose=f"c.{column} = $1") for column in ("id", "customer_id", "token_hash")}

# The upsert is creation, lock and new version in one: twins of the first add wait here and share the cart.
_OPEN = """
INSERT INTO cart_cart AS c (id, {owner}, created_at, updated_at) VALUES ($1, $2, $3, $3)
ON CONFLICT ({owner}) WHERE state = 'open' DO UPDATE SET version = c.version + 1, updated_at = $3
RETURNING id
"""
_OPEN_BY = {column: _OPEN.format(owner=column) for column in ("customer_id", "token_hash")}
_TOUCH = """
UPDATE cart_cart SET version = version + 1, updated_at = $2 WHERE {owner} = $1 AND state = 'open' RETURNING id
"""
_TOUCH_BY = {column: _TOUCH.format(owner=column) for column in ("customer_id", "token_hash")}

# `lines_before` is counted on the statement's snapshot, which does not hold the new line.
_ADD = """
INSERT INTO cart_item AS i (id, cart_id, variant_id, quantity, seen_amount, seen_currency, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (cart_id, variant_id) DO UPDATE SET
    quantity = i.quantity + EXCLUDED.quantity,
    seen_amount = EXCLUDED.seen_amount, seen_currency = EXCLUDED.seen_currency
RETURNING quantity, xmax = 0 AS is_new, (SELECT count(*) FROM cart_item o WHERE o.cart_id = $2) AS lines_before
"""
_PUT = """
INSERT INTO cart_item (id, cart_id, variant_id, quantity, seen_amount, seen_currency, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (cart_id, variant_id) DO UPDATE SET quantity = EXCLUDED.quantity
"""
# Skipping, so that a look at the cart never waits for its checkout.
_SEE = """
UPDATE cart_cart SET seen_promotions = $2::text::jsonb
WHERE id = (SELECT id FROM cart_cart WHERE id = $1 AND state = 'open' FOR NO KEY UPDATE SKIP LOCKED)
"""
# A code is kept as it was made, whatever the spelling it was typed in, so it goes by the typed one too.
_REMOVE_CODE = r"""
DELETE FROM cart_code WHERE cart_id = $1
    AND upper(regexp_replace(code, '[-_\s]', '', 'g')) = upper(regexp_replace($2, '[-_\s]', '', 'g'))
"""
_EXPIRE = """
DELETE FROM cart_cart WHERE id IN
    (SELECT id FROM cart_cart WHERE updated_at < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)
"""


async def read(owner: CartOwner) -> StoredCart | None:
    """Return the owner's open cart with its lines and codes, one statement."""
    column, value = _key(owner)
    return _stored(await db.fetch_all(_READ_BY[column], value))


async def read_by_id(cart_id: UUID) -> StoredCart | None:
    """Return the open cart of that id, one statement."""
    return _stored(await db.fetch_all(_READ_BY["id"], cart_id))


async def lock(cart_id: UUID) -> None:
    """Lock the cart's row for the open transaction; alone, since a join would show lines from before the wait."""
    await db.execute("SELECT id FROM cart_cart WHERE id = $1 FOR UPDATE", cart_id)


async def open_cart(owner: CartOwner, now: datetime) -> UUID:
    """Return the owner's open cart, made where there is none, locked and with its version raised."""
    column, value = _key(owner)
    cart_id: UUID = await db.fetch_value(_OPEN_BY[column], new_id(), value, now)
    return cart_id


async def touch_cart(owner: CartOwner, now: datetime) -> UUID | None:
    """Return the owner's open cart, locked and with its version raised, or None where there is none."""
    column, value = _key(owner)
    cart_id: UUID | None = await db.fetch_value(_TOUCH_BY[column], value, now)
    return cart_id


async def close_guest_cart(token: str, now: datetime) -> UUID | None:
    """Close the guest's cart for merging; None where it is closed already, so that a replay merges nothing."""
    cart_id: UUID | None = await db.fetch_value(
        "UPDATE cart_cart SET state = 'merged', updated_at = $2 WHERE token_hash = $1 AND state = 'open' RETURNING id",
        token_hash(token), now,
    )  # fmt: skip
    return cart_id


async def order_cart(cart_id: UUID, order_number: str, now: datetime) -> bool:
    """Close the cart as ordered; False where it is not open."""
    changed = await db.execute(
        "UPDATE cart_cart SET state = 'ordered', order_number = $2, updated_at = $3 WHERE id = $1 AND state = 'open'",
        cart_id, order_number, now,
    )  # fmt: skip
    return changed == 1


async def add_item(cart_id: UUID, variant_id: UUID, quantity: int, price: Money, now: datetime) -> db.Row:
    """Add to the variant's line, or begin one; return `quantity`, `is_new` and `lines_before`."""
    row = await db.fetch_one(_ADD, new_id(), cart_id, variant_id, quantity, price.amount, price.currency, now)
    assert row is not None  # noqa: S101 - an upsert always returns its row
    return row


async def put_items(cart_id: UUID, rows: Sequence[tuple[UUID, int, Money, datetime]]) -> None:
    """Set the quantities of variants, with the seen price and the time of adding of those that are new."""
    await db.execute_many(
        _PUT, [(new_id(), cart_id, variant, count, seen.amount, seen.currency, at) for variant, count, seen, at in rows]
    )


async def items(cart_id: UUID) -> Sequence[db.Row]:
    """Return the lines of a cart, closed or open, in the order they were added."""
    return await db.fetch_all(
        "SELECT variant_id, quantity, seen_amount, seen_currency, added_at FROM cart_item"
        " WHERE cart_id = $1 ORDER BY added_at, id",
        cart_id,
    )


async def variant_of(cart_id: UUID, item_id: UUID) -> UUID | None:
    """Return the variant of an item of that cart."""
    found: UUID | None = await db.fetch_value(
        "SELECT variant_id FROM cart_item WHERE id = $1 AND cart_id = $2", item_id, cart_id
    )
    return found


async def set_quantity(item_id: UUID, quantity: int, price: Money) -> None:
    """Store the item's quantity and the price that its owner accepts with it."""
    await db.execute(
        "UPDATE cart_item SET quantity = $2, seen_amount = $3, seen_currency = $4 WHERE id = $1",
        item_id, quantity, price.amount, price.currency,
    )  # fmt: skip


async def remove_item(cart_id: UUID, item_id: UUID) -> bool:
    """Delete the item from that cart; False where the cart has none of that id."""
    return await db.execute("DELETE FROM cart_item WHERE id = $1 AND cart_id = $2", item_id, cart_id) == 1


async def clear(cart_id: UUID) -> None:
    """Delete every line and code of the cart."""
    await db.execute("DELETE FROM cart_item WHERE cart_id = $1", cart_id)
    await db.execute("DELETE FROM cart_code WHERE cart_id = $1", cart_id)


async def add_codes(cart_id: UUID, codes: Sequence[tuple[str, datetime]]) -> int:
    """Give the cart the codes, each with its time of adding, that it does not hold yet; return how many it holds."""
    await db.execute_many(
        "INSERT INTO cart_code (id, cart_id, code, added_at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        [(new_id(), cart_id, code, added_at) for code, added_at in codes],
    )
    held: int = await db.fetch_value("SELECT count(*) FROM cart_code WHERE cart_id = $1", cart_id)
    return held


async def codes(cart_id: UUID) -> list[tuple[str, datetime]]:
    """Return the codes of a cart, closed or open, with the time each was added, in that order."""
    rows = await db.fetch_all("SELECT code, added_at FROM cart_code WHERE cart_id = $1 ORDER BY added_at, id", cart_id)
    return [(row["code"], row["added_at"]) for row in rows]


async def remove_code(cart_id: UUID, code: str) -> bool:
    """Take the code off the cart; False where it holds no such code. Case, spaces and dashes do not matter."""
    return await db.execute(_REMOVE_CODE, cart_id, code) > 0


async def delete_older(before: datetime, *, limit: int) -> int:
    """Delete at most `limit` carts last changed before that time; return how many. Busy ones are left for later."""
    return await db.execute(_EXPIRE, before, limit)


async def save_seen(cart_id: UUID, discounts: Sequence[Discount]) -> None:
    """Note the discounts that the owner has seen; nothing happens while somebody else has the cart locked."""
    rows = [[one.promotion, one.label, one.amount.amount, one.amount.currency] for one in discounts]
    await db.execute(_SEE, cart_id, orjson.dumps(rows).decode())


def _key(owner: CartOwner) -> tuple[str, Any]:
    if owner.customer_id is not None:
        return "customer_id", owner.customer_id
    return "token_hash", token_hash(owner.cart_token or "")


def _stored(rows: Sequence[db.Row]) -> StoredCart | None:
    if not rows:
        return None
    first = rows[0]
    lines = tuple(
        StoredLine(row["item_id"], row["variant_id"], row["quantity"], Money(row["seen_amount"], row["seen_currency"]))
        for row in rows
        if row["item_id"] is not None
    )
    return StoredCart(
        first["id"], first["version"], first["customer_id"], lines, tuple(first["codes"]), _seen(first["seen"])
    )


def _seen(text: str | None) -> Mapping[str, Discount]:
    """Return the discounts that were seen, by promotion."""
    rows = orjson.loads(text) if text else []
    return {row[0]: Discount(row[0], row[1], Money(row[2], row[3])) for row in rows}
