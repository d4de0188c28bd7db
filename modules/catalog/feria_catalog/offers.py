"""Variants as they are sold now, in one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

import orjson

from feria_catalog.pricing.current import catch_up
from feria_catalog.pricing.prices import ListPrice, winner
from feria_core import clock, db
from feria_core.contracts.catalog import Offer
from feria_core.contracts.money import Money
from feria_core.recent import Recent


@dataclass(frozen=True)
class _Together:
    """What was offered for several variants that are asked for again and again, as those of a cart are.

    Which price lists are open is in the rows: of the same rows, quantities and group come the same offers.
    """

    rows: Sequence[db.Row]
    wanted: Mapping[UUID, int]
    group: str | None
    offers: Mapping[UUID, Offer]

    def holds_for(self, rows: Sequence[db.Row], wanted: Mapping[UUID, int], group: str | None) -> bool:
        """Return True where the same comes of these rows; without a price list no quantity or group matters."""
        if self.rows != rows:
            return False
        return (self.wanted == wanted and self.group == group) or all(row["lists"] is None for row in rows)


# Some three kilobytes each, most of it the product's card.
_kept: Recent[UUID, tuple[db.Row, Offer]] = Recent(2000)
# By the variants, in the order in which they were asked for; not for more than a full cart holds.
_together: Recent[tuple[UUID, ...], _Together] = Recent(512)
_TOGETHER = 100

# What nobody holds, counting an expired hold that was not swept yet as free; $1 is the present.
AVAILABLE = """s.on_hand - s.reserved + coalesce((
    SELECT sum(h.quantity) FROM catalog_stock_hold h WHERE h.variant_id = s.variant_id AND h.expires_at <= $1), 0)"""
_NOBODY = UUID(int=0)
# What $2 holds itself is there for it.
_AVAILABLE_TO = AVAILABLE.replace("h.expires_at <= $1", "(h.expires_at <= $1 OR h.holder = $2)")

_OFFERS = """
SELECT v.id, v.product_id, v.sku, p.name, p.slug, v.options::text AS options, v.price_amount, v.currency,
    ({available})::int AS available, v.is_active AND d.listed_from <= $1 AND d.listed_until > $1 AS is_sold,
    coalesce(v.weight_g, 0) AS weight_g, v.tax_class, d.image_key, d.card, d.brand_slug, d.category_path,
    ARRAY(SELECT c.slug FROM catalog_collection_product cp JOIN catalog_collection c ON c.id = cp.collection_id
          WHERE cp.product_id = v.product_id) AS collections,
    coalesce(d.price_until <= $1, false) AS is_due,
    (SELECT json_agg(json_build_array(l.code, pl.amount, l.customer_group, l.min_quantity, l.priority))
     FROM catalog_price_list_price pl JOIN catalog_price_list l ON l.id = pl.price_list_id
     WHERE pl.variant_id = v.id AND l.is_active AND coalesce(l.starts_at <= $1, true)
        AND coalesce(l.ends_at > $1, true))::text AS lists
FROM catalog_variant v
JOIN catalog_product p ON p.id = v.product_id
JOIN catalog_stock s ON s.variant_id = v.id
JOIN catalog_product_document d ON d.product_id = v.product_id
WHERE v.id = ANY(ARRAY[{places}]::uuid[])
"""


async def find(
    variant_ids: Collection[UUID],
    *,
    quantities: Mapping[UUID, int] | None = None,
    group: str | None = None,
    holder: UUID | None = None,
) -> Mapping[UUID, Offer]:
    """Return the offers of the known variants among `variant_ids`, for one of each unless `quantities` says more."""
    if not variant_ids:
        return {}
    now, wanted = clock.now(), quantities or {}
    statement, asked = _statement(len(variant_ids)), (now, holder or _NOBODY, *_padded(variant_ids))
    rows = await db.fetch_all(statement, *asked)
    before = _together.get(tuple(variant_ids))
    if before is not None and before.holds_for(rows, wanted, group):
        return before.offers
    due = {row["product_id"] for row in rows if row["is_due"]}
    if due and await catch_up(due):  # for the cards; the prices are right in any case
        rows = await db.fetch_all(statement, *asked)
    found = [_made(row, _amount(row, now, wanted.get(row["id"], 1), group)) for row in rows]
    offers = {offer.variant_id: offer for _, offer in found}
    if not due and 1 < len(offers) <= _TOGETHER:
        _together.keep(tuple(variant_ids), _Together([row for row, _ in found], wanted, group, offers))
    return offers


def _made(row: db.Row, amount: int) -> tuple[db.Row, Offer]:
    """Return the offer of the row at that price: the one that was made of the same row before, where it is kept.

    Who keeps offers too sees by `is` that nothing has changed.
    """
    kept = _kept.get(row["id"])
    if kept is not None and kept[1].price.amount == amount and kept[0] == row:
        return kept
    made = Offer(
        variant_id=row["id"],
        product_id=row["product_id"],
        sku=row["sku"],
        name=row["name"],
        slug=row["slug"],
        options=orjson.loads(row["options"]),
        price=Money(amount, row["currency"]),
        available=row["available"],
        is_sold=row["is_sold"],
        weight_g=row["weight_g"],
        tax_class=row["tax_class"],
        image_url=f"/media/{row['image_key']}" if row["image_key"] else None,
        card=row["card"],
        brand=row["brand_slug"],
        categories=tuple(row["category_path"]),
        collections=tuple(row["collections"]),
    )
    _kept.keep(row["id"], (row, made))
    return row, made


def _room(count: int) -> int:
    """Return the next power of two, so that there are few statements to prepare."""
    return 1 << max(0, count - 1).bit_length()


@cache
def _statement(count: int) -> str:
    """Return the statement for so many variants.

    Each has a parameter of its own: PostgreSQL takes an array that it does not know for ten variants. Where a plan for
    the very values looks cheaper than the one for any, be it by a variant less or a NULL, it plans anew at every call,
    which takes four times as long as the answer (1.3 ms of 1.7).
    """
    places = ", ".join(f"${number}" for number in range(3, 3 + _room(count)))
    return _OFFERS.format(available=_AVAILABLE_TO, places=places)


def _padded(variant_ids: Collection[UUID]) -> list[UUID]:
    """Return the ids, the last of them as often as it takes."""
    ids = [*variant_ids]
    return [*ids, *ids[-1:] * (_room(len(ids)) - len(ids))]


def _amount(row: db.Row, now: datetime, quantity: int, group: str | None) -> int:
    """Return what one costs that buyer; the lists of the row are those whose window is open."""
    if row["lists"] is None:
        return int(row["price_amount"])
    lists = [
        ListPrice(code, amount, customer_group=members, min_quantity=least, priority=priority)
        for code, amount, members, least, priority in orjson.loads(row["lists"])
    ]
    found = winner(lists, now, quantity=max(1, quantity), group=group)
    return found.amount if found is not None else int(row["price_amount"])
