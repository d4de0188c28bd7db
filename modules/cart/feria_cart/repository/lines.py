"""The lines of a cart, whose row the caller has locked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.contracts.catalog import Offer
from feria_core.ids import new_id
from feria_core.money import Money

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
