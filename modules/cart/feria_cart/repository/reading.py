"""An open cart with its lines and codes, in one statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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

# Carts by id with the row that they were made of: some five kilobytes each.
_kept: Recent[UUID, tuple[db.Row, StoredCart]] = Recent(512)
# The lines come by column, in one row: twenty rows that repeat what is the cart's take twice as long.
_READ = """
SELECT c.id, c.version, c.customer_id, c.held_by, c.seen_promotions::text AS seen, c.notes::text AS notes,
    ARRAY(SELECT k.code FROM cart_code k WHERE k.cart_id = c.id ORDER BY k.added_at, k.id) AS codes, lines.*
FROM cart_cart c CROSS JOIN LATERAL (
    SELECT array_agg(i.id ORDER BY i.added_at, i.id) AS item_ids,
        array_agg(i.variant_id ORDER BY i.added_at, i.id) AS variant_ids,
        array_agg(i.quantity ORDER BY i.added_at, i.id) AS quantities,
        array_agg(i.seen_amount ORDER BY i.added_at, i.id) AS amounts,
        array_agg(i.seen_currency ORDER BY i.added_at, i.id) AS currencies
    FROM cart_item i WHERE i.cart_id = c.id) lines
WHERE c.state = 'open' AND {whose}
"""
_READ_BY = {column: _READ.format(whose=f"c.{column} = $1") for column in ("id", "customer_id", "token_hash")}


async def read(owner: CartOwner) -> StoredCart | None:
    """Return the owner's open cart with its lines and codes, one statement."""
    column, value = key(owner)
    return _stored(await db.fetch_one(_READ_BY[column], value))


async def read_by_id(cart_id: UUID) -> StoredCart | None:
    """Return the open cart of that id, one statement."""
    return _stored(await db.fetch_one(_READ_BY["id"], cart_id))


def _stored(row: db.Row | None) -> StoredCart | None:
    if row is None:
        return None
    kept = _kept.get(row["id"])
    if kept is not None and kept[0] == row:
        return kept[1]  # the very cart of before, so that who keeps what was worked out from it sees that
    before = {line.item_id: line for line in kept[1].lines} if kept is not None else {}
    cart = StoredCart(
        row["id"], row["version"], row["customer_id"], tuple(_lines(row, before)), tuple(row["codes"]),
        _seen(row["seen"]), _notes(row["notes"]), row["held_by"],
    )  # fmt: skip
    _kept.keep(cart.id, (row, cart))
    return cart


def _lines(row: db.Row, before: Mapping[UUID, StoredLine]) -> Iterator[StoredLine]:
    """Give the lines of the row, those of before where nothing about them has changed."""
    if row["item_ids"] is None:
        return
    columns = (row["item_ids"], row["variant_ids"], row["quantities"], row["amounts"], row["currencies"])
    for item_id, variant_id, *rest in zip(*columns, strict=True):
        line = before.get(item_id)
        if line is None or [line.quantity, line.seen.amount, line.seen.currency] != rest:
            quantity, amount, currency = rest
            line = StoredLine(item_id, variant_id, quantity, Money(amount, currency))
        yield line


def _notes(text: str | None) -> tuple[Note, ...]:
    rows = orjson.loads(text) if text else []
    return tuple(Note(kind, UUID(v) if v else None, wanted, count, code) for kind, v, wanted, count, code in rows)


@lru_cache(maxsize=512)
def _seen(text: str | None) -> Mapping[str, Discount]:
    """Return the discounts that were seen, by promotion."""
    rows = orjson.loads(text) if text else []
    return {row[0]: Discount(row[0], row[1], Money(row[2], row[3])) for row in rows}
