"""The cart's statements. Whoever changes lines or codes locks the cart's row first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from feria_cart.domain import Discount, Shopper, StoredCart, StoredLine
from feria_cart.merging import Note
from feria_core import db
from feria_core.contracts.cart import CartOwner
from feria_core.contracts.catalog import Offer
from feria_core.ids import new_id, token_hash
from feria_core.money import Money

_READ = """
SELECT c.id, c.version, c.customer_id, c.held_by, c.seen_promotions::text AS seen, c.notes::text AS notes,
       i.id AS item_id, i.variant_id, i.quantity, i.seen_amount, i.seen_currency,
       ARRAY(SELECT k.code FROM cart_code k WHERE k.cart_id = c.id ORDER BY k.added_at, k.id) AS codes
FROM cart_cart c LEFT JOIN cart_item i ON i.cart_id = c.id
WHERE c.state = 'open' AND {whose} ORDER BY i.added_at, i.id
"""
_READ_BY = {column: _READ.format(whose=f"c.{column} = $1") for column in ("id", "customer_id", "token_hash")}

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

# What was before is counted on the statement's snapshot, which does not hold the new line.
_ADD = """
INSERT INTO cart_item AS i (id, cart_id, variant_id, quantity, seen_amount, seen_currency, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (cart_id, variant_id) DO UPDATE SET
    quantity = i.quantity + EXCLUDED.quantity,
    seen_amount = EXCLUDED.seen_amount, seen_currency = EXCLUDED.seen_currency
RETURNING quantity, xmax = 0 AS is_new, (SELECT count(*) FROM cart_item o WHERE o.cart_id = $2) AS lines_before,
    (SELECT coalesce(sum(o.quantity), 0) FROM cart_item o WHERE o.cart_id = $2) AS pieces_before,
    (SELECT l.most FROM cart_product_limit l WHERE l.product_id = $8) AS most
"""
_PUT = """
INSERT INTO cart_item (id, cart_id, variant_id, quantity, seen_amount, seen_currency, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (cart_id, variant_id) DO UPDATE SET quantity = EXCLUDED.quantity
"""
_ACCEPT = """
UPDATE cart_item i SET quantity = a.quantity, seen_amount = a.amount, seen_currency = a.currency
FROM unnest($1::uuid[], $2::int[], $3::bigint[], $4::text[]) AS a (id, quantity, amount, currency)
WHERE i.id = a.id AND i.cart_id = $5
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


@dataclass(frozen=True)
class OpenCart:
    """An open cart that the caller's transaction has locked; `held_by` is the checkout that has held its stock."""

    id: UUID
    held_by: UUID | None


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


async def open_cart(who: Shopper, now: datetime) -> OpenCart:
    """Return the owner's open cart, made where there is none, locked and with its version raised.

    Raises CartChangedMeanwhile where it is not the one that the shopper expects.
    """
    column, value = _key(who.owner)
    row = await db.fetch_one(_OPEN_BY[column], new_id(), value, now)
    assert row is not None  # noqa: S101 - an upsert always returns its row
    return _checked(row, who)


async def touch_cart(who: Shopper, now: datetime) -> OpenCart | None:
    """Return the owner's open cart, locked and with its version raised, or None where there is none.

    Raises CartChangedMeanwhile where it is not the one that the shopper expects.
    """
    column, value = _key(who.owner)
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


async def order_cart(cart_id: UUID, order_number: str, now: datetime) -> db.Row | None:
    """Close the cart as ordered; return `restored_from`, or None where it is not open."""
    return await db.fetch_one(
        "UPDATE cart_cart SET state = 'ordered', order_number = $2, updated_at = $3"
        " WHERE id = $1 AND state = 'open' RETURNING restored_from",
        cart_id, order_number, now,
    )  # fmt: skip


async def lock_open(owner: CartOwner) -> UUID | None:
    """Return the owner's open cart, locked, or None where there is none."""
    column, value = _key(owner)
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


async def add_item(cart_id: UUID, offer: Offer, quantity: int, now: datetime) -> db.Row:
    """Add to the variant's line, or begin one.

    Returns `quantity`, `is_new`, `lines_before`, `pieces_before`, and `most` of the product that each customer may buy.
    """
    price = offer.price
    row = await db.fetch_one(
        _ADD, new_id(), cart_id, offer.variant_id, quantity, price.amount, price.currency, now, offer.product_id
    )  # fmt: skip
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
        "SELECT id, variant_id, quantity, seen_amount, seen_currency, added_at FROM cart_item"
        " WHERE cart_id = $1 ORDER BY added_at, id",
        cart_id,
    )


async def item(cart_id: UUID, item_id: UUID) -> db.Row | None:
    """Return `variant_id` and `quantity` of an item of that cart."""
    return await db.fetch_one(
        "SELECT variant_id, quantity FROM cart_item WHERE id = $1 AND cart_id = $2", item_id, cart_id
    )


async def set_quantity(item_id: UUID, quantity: int, price: Money) -> None:
    """Store the item's quantity and the price that its owner accepts with it."""
    await db.execute(
        "UPDATE cart_item SET quantity = $2, seen_amount = $3, seen_currency = $4 WHERE id = $1",
        item_id, quantity, price.amount, price.currency,
    )  # fmt: skip


async def accept(cart_id: UUID, lines: Sequence[tuple[UUID, int, Money]]) -> None:
    """Store quantities and prices that the owner accepts, by item."""
    if lines:
        await db.execute(
            _ACCEPT, [one[0] for one in lines], [one[1] for one in lines], [one[2].amount for one in lines],
            [one[2].currency for one in lines], cart_id,
        )  # fmt: skip


async def remove_items(cart_id: UUID, item_ids: Sequence[UUID]) -> None:
    """Delete those of the items that are the cart's."""
    if item_ids:
        await db.execute("DELETE FROM cart_item WHERE cart_id = $1 AND id = ANY($2::uuid[])", cart_id, list(item_ids))


async def take_item(cart_id: UUID, item_id: UUID) -> db.Row | None:
    """Delete the item from that cart and return it, or None where the cart has none of that id."""
    return await db.fetch_one(
        "DELETE FROM cart_item WHERE id = $1 AND cart_id = $2"
        " RETURNING variant_id, quantity, seen_amount, seen_currency",
        item_id, cart_id,
    )  # fmt: skip


async def pieces(cart_id: UUID) -> int:
    """Return how many pieces the cart holds in all."""
    counted: int = await db.fetch_value(
        "SELECT coalesce(sum(quantity), 0)::bigint FROM cart_item WHERE cart_id = $1", cart_id
    )
    return counted


async def remove_item(cart_id: UUID, item_id: UUID) -> bool:
    """Delete the item from that cart; False where the cart has none of that id."""
    return await db.execute("DELETE FROM cart_item WHERE id = $1 AND cart_id = $2", item_id, cart_id) == 1


async def clear(cart_id: UUID) -> None:
    """Delete every line and code of the cart."""
    await db.execute("DELETE FROM cart_item WHERE cart_id = $1", cart_id)
    await db.execute("DELETE FROM cart_code WHERE cart_id = $1", cart_id)


async def remove_codes(cart_id: UUID) -> None:
    """Delete every code of the cart."""
    await db.execute("DELETE FROM cart_code WHERE cart_id = $1", cart_id)


async def is_copy_of(cart_id: UUID, other_id: UUID) -> bool:
    """Return True where the cart was begun by a restore link of the other one."""
    return bool(await db.fetch_value("SELECT restored_from = $2 FROM cart_cart WHERE id = $1", cart_id, other_id))


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


async def save_notes(cart_id: UUID, notes: Sequence[Note]) -> None:
    """Keep what a merge did until the owner changes something."""
    rows = [[one.kind, str(one.variant_id) if one.variant_id else None, one.wanted, one.quantity, one.code]
            for one in notes]  # fmt: skip
    await db.execute("UPDATE cart_cart SET notes = $2::text::jsonb WHERE id = $1", cart_id, orjson.dumps(rows).decode())


async def save_holder(cart_id: UUID, holder: UUID) -> None:
    """Note which checkout holds the stock of the cart, whose row the caller has locked."""
    await db.execute("UPDATE cart_cart SET held_by = $2 WHERE id = $1", cart_id, holder)


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
        first["id"], first["version"], first["customer_id"], lines, tuple(first["codes"]), _seen(first["seen"]),
        _notes(first["notes"]), first["held_by"],
    )  # fmt: skip


def _notes(text: str | None) -> tuple[Note, ...]:
    rows = orjson.loads(text) if text else []
    return tuple(Note(kind, UUID(v) if v else None, wanted, count, code) for kind, v, wanted, count, code in rows)


def _seen(text: str | None) -> Mapping[str, Discount]:
    """Return the discounts that were seen, by promotion."""
    rows = orjson.loads(text) if text else []
    return {row[0]: Discount(row[0], row[1], Money(row[2], row[3])) for row in rows}
