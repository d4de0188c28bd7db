"""The statements of wish lists. Whoever adds items locks the list's row first, whoever adds lists the person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_cart.wishlist.domain import Share, Wish, Wishlist
from feria_core import db
from feria_core.contracts.catalog import Offer
from feria_core.http import encode_cursor
from feria_core.ids import new_id
from feria_core.money import Money

# The first half of an advisory lock's name, "cart" in ASCII; the second is a hash of the person.
_PEOPLE = 0x63617274

# One row more than the page tells whether another page follows. Ids ascend with the time of adding.
_READ = """
SELECT w.id, w.is_default, w.name, w.share_nonce, w.share_hash,
       (SELECT count(*) FROM cart_wishlist_item c WHERE c.wishlist_id = w.id) AS item_count,
       i.id AS item_id, i.variant_id, i.sku, i.name AS item_name, i.added_amount, i.added_currency, i.added_at,
       ARRAY(SELECT a.kind FROM cart_alert a WHERE a.customer_id = w.customer_id AND a.variant_id = i.variant_id
             AND a.notified_at IS NULL) AS alerts
FROM cart_wishlist w
LEFT JOIN LATERAL (SELECT * FROM cart_wishlist_item p
                   WHERE p.wishlist_id = w.id AND ($3::uuid IS NULL OR p.id < $3)
                   ORDER BY p.id DESC LIMIT $2 + 1) i ON true
WHERE {which} ORDER BY i.id DESC
"""
_READ_DEFAULT = _READ.format(which="w.customer_id = $1 AND w.is_default")
_READ_OWN = _READ.format(which="w.customer_id = $1 AND w.id = $4")
_READ_SHARED = _READ.format(which="w.share_hash = $1")

# The upsert is creation and lock in one: twins of the first item wait here and share the list.
_OPEN_DEFAULT = """
INSERT INTO cart_wishlist AS w (id, customer_id, is_default, created_at, updated_at) VALUES ($1, $2, true, $3, $3)
ON CONFLICT (customer_id) WHERE is_default DO UPDATE SET updated_at = $3 RETURNING id
"""
# `items_before` is counted on the statement's snapshot, which does not hold the new item.
_ADD = """
INSERT INTO cart_wishlist_item
    (id, wishlist_id, product_id, variant_id, sku, name, added_amount, added_currency, added_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (wishlist_id, variant_id) DO NOTHING
RETURNING (SELECT count(*) FROM cart_wishlist_item o WHERE o.wishlist_id = $2) AS items_before
"""
_TAKE = """
DELETE FROM cart_wishlist_item i USING cart_wishlist w
WHERE i.id = $2 AND w.id = i.wishlist_id AND w.customer_id = $1 AND ($3::uuid IS NULL OR w.id = $3)
RETURNING i.variant_id, i.sku
"""
_LISTS = """
SELECT w.id, w.is_default, w.name, w.share_hash IS NOT NULL AS is_shared, w.created_at,
       (SELECT count(*) FROM cart_wishlist_item i WHERE i.wishlist_id = w.id) AS item_count
FROM cart_wishlist w WHERE w.customer_id = $1 ORDER BY w.is_default DESC, w.id
"""


async def lock_person(customer_id: UUID) -> None:
    """Let one transaction of that person at a time count and add, until it ends."""
    await db.execute("SELECT pg_advisory_xact_lock($1::int, hashtext($2::text))", _PEOPLE, str(customer_id))


async def read(customer_id: UUID, list_id: UUID | None, *, limit: int, before: UUID | None) -> Wishlist | None:
    """Return a page of the person's list (None: the default one), or None where there is no such list."""
    if list_id is None:
        rows = await db.fetch_all(_READ_DEFAULT, customer_id, limit, before)
    else:
        rows = await db.fetch_all(_READ_OWN, customer_id, limit, before, list_id)
    return _page(rows, limit)


async def read_shared(token_hash: bytes, *, limit: int, before: UUID | None) -> Wishlist | None:
    """Return a page of the list that is shared under that hash, or None."""
    return _page(await db.fetch_all(_READ_SHARED, token_hash, limit, before), limit)


async def lists(customer_id: UUID) -> Sequence[db.Row]:
    """Return the person's lists, the default one first, without their items."""
    return await db.fetch_all(_LISTS, customer_id)


async def open_list(customer_id: UUID, list_id: UUID | None, now: datetime) -> UUID | None:
    """Return the person's list, locked; the default one (None) is made where it is missing."""
    if list_id is None:
        found: UUID | None = await db.fetch_value(_OPEN_DEFAULT, new_id(), customer_id, now)
    else:
        found = await touch_list(customer_id, list_id, now)
    return found


async def touch_list(customer_id: UUID, list_id: UUID | None, now: datetime) -> UUID | None:
    """Return the person's list, locked, or None where there is no such list."""
    found: UUID | None = await db.fetch_value(
        "UPDATE cart_wishlist SET updated_at = $3"
        " WHERE customer_id = $1 AND CASE WHEN $2::uuid IS NULL THEN is_default ELSE id = $2 END RETURNING id",
        customer_id, list_id, now,
    )  # fmt: skip
    return found


async def create_list(customer_id: UUID, name: str, now: datetime) -> tuple[UUID, int]:
    """Create a named list; return its id, and how many named ones the person now has."""
    list_id = new_id()
    await db.execute(
        "INSERT INTO cart_wishlist (id, customer_id, is_default, name, created_at, updated_at)"
        " VALUES ($1, $2, false, $3, $4, $4)",
        list_id, customer_id, name, now,
    )  # fmt: skip
    count: int = await db.fetch_value(
        "SELECT count(*) FROM cart_wishlist WHERE customer_id = $1 AND NOT is_default", customer_id
    )
    return list_id, count


async def rename(list_id: UUID, name: str) -> None:
    await db.execute("UPDATE cart_wishlist SET name = $2 WHERE id = $1", list_id, name)


async def delete_list(list_id: UUID) -> None:
    """Delete the list with its items."""
    await db.execute("DELETE FROM cart_wishlist WHERE id = $1", list_id)


async def add(list_id: UUID, offer: Offer, now: datetime) -> int | None:
    """Add what is offered to the list; return how many items it had before, or None where it is there already."""
    before: int | None = await db.fetch_value(
        _ADD, new_id(), list_id, offer.product_id, offer.variant_id, offer.sku, offer.name,
        offer.price.amount, offer.price.currency, now,
    )  # fmt: skip
    return before


async def take(customer_id: UUID, item_id: UUID, list_id: UUID | None) -> db.Row | None:
    """Delete the item from the person's lists, or from that one alone; return its variant_id and sku, or None."""
    return await db.fetch_one(_TAKE, customer_id, item_id, list_id)


async def clear(list_id: UUID) -> list[UUID]:
    """Delete the list's items; return their variants."""
    rows = await db.fetch_all("DELETE FROM cart_wishlist_item WHERE wishlist_id = $1 RETURNING variant_id", list_id)
    return [row["variant_id"] for row in rows]


async def keep_item(customer_id: UUID, item_id: UUID) -> UUID | None:
    """Return the variant of an item of the person's, which stays until the transaction ends, or None."""
    found: UUID | None = await db.fetch_value(
        "SELECT i.variant_id FROM cart_wishlist_item i JOIN cart_wishlist w ON w.id = i.wishlist_id"
        " WHERE i.id = $2 AND w.customer_id = $1 FOR SHARE OF i",
        customer_id, item_id,
    )  # fmt: skip
    return found


async def read_share(list_id: UUID) -> Share | None:
    """Return what the list is shared under, or None where it is not shared."""
    row = await db.fetch_one("SELECT share_nonce, share_hash FROM cart_wishlist WHERE id = $1", list_id)
    return Share(row["share_nonce"], row["share_hash"]) if row and row["share_hash"] else None


async def write_share(list_id: UUID, share: Share | None) -> None:
    """Share the list under these, in place of what was; None ends it."""
    await db.execute(
        "UPDATE cart_wishlist SET share_nonce = $2, share_hash = $3 WHERE id = $1",
        list_id, share.nonce if share else None, share.token_hash if share else None,
    )  # fmt: skip


def _page(rows: Sequence[db.Row], limit: int) -> Wishlist | None:
    if not rows:
        return None
    first = rows[0]
    shared = Share(bytes(first["share_nonce"]), bytes(first["share_hash"])) if first["share_hash"] else None
    items = tuple(_wish(row) for row in rows[:limit] if row["item_id"] is not None)
    cursor = encode_cursor(items[-1].id) if len(rows) > limit else None
    return Wishlist(first["id"], first["is_default"], first["name"], shared, first["item_count"], items, cursor)


def _wish(row: db.Row) -> Wish:
    return Wish(
        row["item_id"], row["variant_id"], row["sku"], row["item_name"],
        Money(row["added_amount"], row["added_currency"]), row["added_at"], frozenset(row["alerts"]),
    )  # fmt: skip
