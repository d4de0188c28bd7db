"""An open cart with its lines and codes, in one statement."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from uuid import UUID

import orjson

from feria_cart.domain import Discount, StoredCart, StoredLine
from feria_cart.merging import Note
from feria_cart.repository.owners import key
from feria_core import db
from feria_core.contracts.cart import CartOwner
from feria_core.money import Money
from feria_core.recent import Recent

# Carts by id with the rows that they were made of: some five kilobytes each.
_kept: Recent[UUID, tuple[Sequence[db.Row], StoredCart]] = Recent(512)
_READ = """
SELECT c.id, c.version, c.customer_id, c.held_by, c.seen_promotions::text AS seen, c.notes::text AS notes,
       i.id AS item_id, i.variant_id, i.quantity, i.seen_amount, i.seen_currency,
       ARRAY(SELECT k.code FROM cart_code k WHERE k.cart_id = c.id ORDER BY k.added_at, k.id) AS codes
FROM cart_cart c LEFT JOIN cart_item i ON i.cart_id = c.id
WHERE c.state = 'open' AND {whose} ORDER BY i.added_at, i.id
"""
_READ_BY = {column: _READ.format(whose=f"c.{column} = $1") for column in ("id", "customer_id", "token_hash")}


async def read(owner: CartOwner) -> StoredCart | None:
    """Return the owner's open cart with its lines and codes, one statement."""
    column, value = key(owner)
    return _stored(await db.fetch_all(_READ_BY[column], value))


async def read_by_id(cart_id: UUID) -> StoredCart | None:
    """Return the open cart of that id, one statement."""
    return _stored(await db.fetch_all(_READ_BY["id"], cart_id))


def _stored(rows: Sequence[db.Row]) -> StoredCart | None:
    if not rows:
        return None
    first = rows[0]
    kept = _kept.get(first["id"])
    if kept is not None and kept[0] == rows:
        return kept[1]  # the very cart of before, so that who keeps what was worked out from it sees that
    before = {line.item_id: line for line in kept[1].lines} if kept is not None else {}
    lines = tuple([_line(row, before.get(row["item_id"])) for row in rows if row["item_id"] is not None])
    cart = StoredCart(
        first["id"], first["version"], first["customer_id"], lines, tuple(first["codes"]), _seen(first["seen"]),
        _notes(first["notes"]), first["held_by"],
    )  # fmt: skip
    _kept.keep(cart.id, (rows, cart))
    return cart


def _line(row: db.Row, before: StoredLine | None) -> StoredLine:
    """Return the line of the row, the one of before where nothing about it has changed."""
    quantity, amount, currency = row["quantity"], row["seen_amount"], row["seen_currency"]
    if before is None or (before.quantity, before.seen.amount, before.seen.currency) != (quantity, amount, currency):
        return StoredLine(row["item_id"], row["variant_id"], quantity, Money(amount, currency))
    return before


def _notes(text: str | None) -> tuple[Note, ...]:
    rows = orjson.loads(text) if text else []
    return tuple(Note(kind, UUID(v) if v else None, wanted, count, code) for kind, v, wanted, count, code in rows)


@lru_cache(maxsize=512)
def _seen(text: str | None) -> Mapping[str, Discount]:
    """Return the discounts that were seen, by promotion."""
    rows = orjson.loads(text) if text else []
    return {row[0]: Discount(row[0], row[1], Money(row[2], row[3])) for row in rows}
