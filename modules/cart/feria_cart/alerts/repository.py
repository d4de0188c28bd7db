"""The statements of alerts. An alert waits while `notified_at` is NULL; rows are locked in ascending id order."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.contracts.catalog import Offer
from feria_core.ids import new_id

# One that waits already is left as it is; one that is done waits again, from the present price on.
_ASK = """
INSERT INTO cart_alert AS a (id, customer_id, product_id, variant_id, sku, kind, asked_amount, asked_currency,
                             seen_out, by_item, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
ON CONFLICT (customer_id, variant_id, kind) DO UPDATE SET
    by_item = EXCLUDED.by_item AND (a.by_item OR a.notified_at IS NOT NULL),
    asked_amount = CASE WHEN a.notified_at IS NULL THEN a.asked_amount ELSE EXCLUDED.asked_amount END,
    asked_currency = CASE WHEN a.notified_at IS NULL THEN a.asked_currency ELSE EXCLUDED.asked_currency END,
    seen_out = EXCLUDED.seen_out OR (a.notified_at IS NULL AND a.seen_out),
    notified_at = NULL
RETURNING *
"""
# What may be sent now, of variants that are for sale at these prices: numeric, since a hundredfold price leaves BIGINT.
_DUE = """
cart_alert a JOIN unnest($2::uuid[], $3::bigint[], $4::text[]) AS o (variant_id, amount, currency)
    ON o.variant_id = a.variant_id
WHERE a.product_id = ANY($1::uuid[]) AND a.notified_at IS NULL AND CASE a.kind
    WHEN 'back_in_stock' THEN a.seen_out
    ELSE o.currency = a.asked_currency AND o.amount < a.asked_amount
         AND (a.asked_amount - o.amount)::numeric * 100 >= a.asked_amount::numeric * $5::int END
"""
_DUE_PRODUCTS = f"SELECT DISTINCT a.product_id FROM {_DUE} ORDER BY a.product_id"
# Rows that another walk is sending, or that their owner is changing, are left to them.
_CLAIM = f"""
WITH due AS (SELECT a.id FROM {_DUE} AND a.id > $6 ORDER BY a.id LIMIT $7 FOR UPDATE OF a SKIP LOCKED)
UPDATE cart_alert a SET notified_at = $8 FROM due WHERE a.id = due.id AND a.notified_at IS NULL
RETURNING a.id, a.customer_id, a.variant_id, a.kind, a.asked_amount, a.asked_currency
"""
_MARK_OUT = """
UPDATE cart_alert SET seen_out = true WHERE id IN (
    SELECT id FROM cart_alert WHERE product_id = ANY($1::uuid[]) AND variant_id = ANY($2::uuid[])
        AND kind = 'back_in_stock' AND NOT seen_out AND notified_at IS NULL
    ORDER BY id LIMIT $3 FOR UPDATE SKIP LOCKED)
"""
# An alert of an item goes with the last item of its variant.
_DELETE_ORPHANS = """
DELETE FROM cart_alert a WHERE a.customer_id = $1 AND a.variant_id = ANY($2::uuid[]) AND a.by_item
    AND NOT EXISTS (SELECT FROM cart_wishlist_item i JOIN cart_wishlist w ON w.id = i.wishlist_id
                    WHERE w.customer_id = $1 AND i.variant_id = a.variant_id)
"""


async def ask(customer_id: UUID, offer: Offer, kind: str, *, is_out: bool, by_item: bool, now: datetime) -> db.Row:
    """Let the person wait for that of the variant; return the alert's row."""
    row = await db.fetch_one(
        _ASK, new_id(), customer_id, offer.product_id, offer.variant_id, offer.sku, kind,
        offer.price.amount, offer.price.currency, is_out, by_item, now,
    )  # fmt: skip
    assert row is not None  # noqa: S101 - an upsert always returns its row
    return row


async def count_waiting(customer_id: UUID) -> int:
    """Return how many alerts of the person wait."""
    count: int = await db.fetch_value(
        "SELECT count(*) FROM cart_alert WHERE customer_id = $1 AND notified_at IS NULL", customer_id
    )
    return count


async def page(customer_id: UUID, *, limit: int, before: UUID | None) -> Sequence[db.Row]:
    """Return at most `limit` alerts of the person, the newest first, those that are done too."""
    return await db.fetch_all(
        "SELECT * FROM cart_alert WHERE customer_id = $1 AND ($2::uuid IS NULL OR id < $2) ORDER BY id DESC LIMIT $3",
        customer_id, before, limit,
    )  # fmt: skip


async def delete(customer_id: UUID, alert_id: UUID) -> bool:
    """Delete an alert of the person's; False where there is none of that id."""
    return await db.execute("DELETE FROM cart_alert WHERE id = $1 AND customer_id = $2", alert_id, customer_id) == 1


async def delete_kinds(customer_id: UUID, variant_id: UUID, kinds: Collection[str]) -> None:
    """Delete what the person waits for of the variant, of these kinds."""
    await db.execute(
        "DELETE FROM cart_alert WHERE customer_id = $1 AND variant_id = $2 AND kind = ANY($3)",
        customer_id, variant_id, list(kinds),
    )  # fmt: skip


async def delete_all(alert_ids: Collection[UUID]) -> None:
    """Delete alerts, whoever asked for them."""
    await db.execute("DELETE FROM cart_alert WHERE id = ANY($1::uuid[])", list(alert_ids))


async def delete_orphans(customer_id: UUID, variant_ids: Collection[UUID]) -> None:
    """Delete the alerts of items of these variants, where no list of the person holds the variant any more."""
    if variant_ids:
        await db.execute(_DELETE_ORPHANS, customer_id, list(variant_ids))


async def delete_done(before: datetime, *, limit: int) -> int:
    """Delete at most `limit` alerts that were sent before that time; return how many."""
    return await db.execute(
        "DELETE FROM cart_alert WHERE id IN"
        " (SELECT id FROM cart_alert WHERE notified_at < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)",
        before, limit,
    )  # fmt: skip


async def waiting_products(after: UUID, *, limit: int) -> list[UUID]:
    """Return at most `limit` products past `after`, in their order, of which somebody waits for something."""
    rows = await db.fetch_all(
        "SELECT DISTINCT product_id FROM cart_alert WHERE notified_at IS NULL AND product_id > $1"
        " ORDER BY product_id LIMIT $2",
        after, limit,
    )  # fmt: skip
    return [row["product_id"] for row in rows]


async def waiting_variants(product_ids: Collection[UUID]) -> list[UUID]:
    """Return the variants of these products of which somebody waits for something."""
    rows = await db.fetch_all(
        "SELECT DISTINCT variant_id FROM cart_alert WHERE product_id = ANY($1::uuid[]) AND notified_at IS NULL",
        list(product_ids),
    )
    return [row["variant_id"] for row in rows]


async def mark_out(product_ids: Collection[UUID], variant_ids: Collection[UUID], *, limit: int) -> None:
    """Note that these variants were seen sold out; from now on they can be back."""
    if variant_ids:
        await db.execute(_MARK_OUT, list(product_ids), list(variant_ids), limit)


async def due_products(
    product_ids: Collection[UUID], on_sale: Mapping[UUID, Offer], *, least_percent: int
) -> list[UUID]:
    """Return those of the products that have alerts to be sent at these offers."""
    rows = await db.fetch_all(_DUE_PRODUCTS, list(product_ids), *_columns(on_sale), least_percent)
    return [row["product_id"] for row in rows]


async def claim(
    product_id: UUID, on_sale: Mapping[UUID, Offer], *, least_percent: int, after: UUID, limit: int, now: datetime
) -> Sequence[db.Row]:
    """Note at most `limit` alerts past `after` as sent and return them, for mails in the same transaction."""
    return await db.fetch_all(_CLAIM, [product_id], *_columns(on_sale), least_percent, after, limit, now)


def _columns(on_sale: Mapping[UUID, Offer]) -> tuple[list[UUID], list[int], list[str]]:
    offers = list(on_sale.values())
    return [o.variant_id for o in offers], [o.price.amount for o in offers], [o.price.currency for o in offers]
