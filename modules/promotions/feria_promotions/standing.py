"""What pricing has to know beyond the basket: who has used how much of what. One statement for any basket.

What is on offer is kept in the process (`live`); the statement tells whether the copy still holds.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from feria_core import clock, db
from feria_core.contracts.orders import ORDER_HISTORY
from feria_core.contracts.pricing import Basket as PortBasket
from feria_core.contracts.pricing import BasketLine
from feria_core.recent import Recent
from feria_core.runtime import registry
from feria_promotions import live
from feria_promotions.folding import folded
from feria_promotions.pricing import Basket, Buyer, Code, FlashOffer, Line, Promotion

# $1 codes, folded; $2 variants, $3 now, $4 currency; $5 checkout or cart; $6 promotions with a limit; $7 buyer,
# $8 promotions with a limit for each customer.
_STANDING = """
WITH codes AS (
    SELECT id, folded, promotion_id, usage_limit, used, ends_at, customer_id FROM promotions_code
    WHERE folded = ANY($1::text[])),
flash AS (
    SELECT i.id, i.sale_id, s.name, i.variant_id, i.price, s.starts_at, s.ends_at, i.cap, i.sold, i.cap_per_customer
    FROM promotions_flash_item i JOIN promotions_flash_sale s ON s.id = i.sale_id
    WHERE i.variant_id = ANY($2::uuid[]) AND i.removed_at IS NULL AND s.is_active AND s.archived_at IS NULL
        AND s.starts_at <= $3 AND s.ends_at > $3 AND i.currency = $4)
SELECT (SELECT stamp FROM promotions_state WHERE id = 1) AS stamp,
    (SELECT json_agg(codes)::text FROM codes) AS codes,
    (SELECT json_agg(flash)::text FROM flash) AS flash,
    (SELECT json_agg(json_build_array(target_id, units))::text FROM promotions_claim
     WHERE state = 'held' AND {whose} = $5) AS held,
    (SELECT json_agg(json_build_array(id, used))::text FROM promotions_promotion WHERE id = ANY($6::uuid[])) AS used,
    (SELECT json_agg(json_build_array(target_id, used))::text FROM promotions_customer_use
     WHERE customer_id = $7 AND target_id = ANY($8::uuid[] || ARRAY(SELECT id FROM flash))) AS of_buyer
"""
_OF_CHECKOUT, _OF_CART = (_STANDING.format(whose=column) for column in ("reference", "cart_id"))

Json = Mapping[str, Any]

# By what the statement has answered. Guests without codes see the same until somebody orders.
_prepared: Recent[tuple[Any, ...], tuple[live.Live, tuple[Promotion, ...]]] = Recent(64)


@dataclass(frozen=True)
class Facts:
    """What `price()` takes, read at one moment."""

    basket: Basket
    promotions: tuple[Promotion, ...]
    codes: tuple[Code, ...]
    flash: tuple[FlashOffer, ...]
    now: datetime


@dataclass(frozen=True)
class Seen:
    """What one look has read for a basket: with it and the basket a price is known, up to the next moment that counts.

    Two looks that have seen the same, with no such moment between them, are priced the same.
    """

    basket: PortBasket
    offered: live.Live
    row: tuple[Any, ...]
    orders: int
    now: datetime

    def holds_for(self, later: Seen) -> bool:
        """Return True where `later` has seen the same, and nothing begins or ends between the two."""
        return (
            self.row == later.row
            and self.offered is later.offered
            and self.orders == later.orders
            and self.basket == later.basket
            and not self._ends(later.now)
        )

    def _ends(self, moment: datetime) -> bool:
        first, last = sorted((self.now, moment))
        edges = self.offered.edges
        position = bisect_right(edges, first)
        return (position < len(edges) and edges[position] <= last) or any(
            first < end <= last for end in _code_ends(self.row)
        )


@dataclass(frozen=True)
class _Standing:
    """The rows of the statement; uses by the id of what is limited: of all, held by this checkout, of its buyer."""

    codes: Sequence[Json]
    flash: Sequence[Json]
    used: Mapping[UUID, int]
    held: Mapping[UUID, int]
    of_buyer: Mapping[UUID, int]


async def look(basket: PortBasket, *, now: datetime | None = None) -> Seen:
    """Return what the tables say now of all that limits the basket's price: one statement, two after an edit."""
    now = now or clock.now()
    offered = live.kept()
    row = await _read(basket, offered, now)
    if row[0] != offered.stamp:
        offered = await live.renew(row[0])
        row = await _read(basket, offered, now)
    orders = await orders_of(basket.customer_id) if offered.asks_for_orders else 0
    return Seen(basket, offered, row, orders, now)


def facts(seen: Seen, *, every: bool = False) -> Facts:
    """Return what the basket is priced by; with `every` also the promotions whose codes it does not hold."""
    _, codes, flash, held, used, of_buyer = seen.row
    standing = _Standing(_rows(codes), _rows(flash), _counts(used), _counts(held), _counts(of_buyer))
    return Facts(
        _basket(seen.basket, seen.orders),
        _admitted(seen, standing, every=every),
        tuple(_code(row, standing) for row in standing.codes),
        tuple(_offer(row, standing) for row in standing.flash),
        seen.now,
    )


def _admitted(seen: Seen, standing: _Standing, *, every: bool) -> tuple[Promotion, ...]:
    """Return the promotions that are asked, with what is used of them: made once for all baskets that see the same."""
    key = (every, *seen.row)
    kept = _prepared.get(key)
    if kept is not None and kept[0] is seen.offered:
        return kept[1]
    named = {UUID(code["promotion_id"]) for code in standing.codes}
    promotions = seen.offered.promotions.values()
    found = tuple(_counted(one, standing) for one in promotions if every or not one.needs_code or one.id in named)
    _prepared.keep(key, (seen.offered, found))
    return found


async def _read(basket: PortBasket, offered: live.Live, now: datetime) -> tuple[Any, ...]:
    """Return the stamp of what is on offer, and what stands in the tables of the copy `offered`."""
    row = await db.fetch_one(
        _OF_CART if basket.holder is None else _OF_CHECKOUT,
        sorted({folded(text) for text in basket.codes} - {""}) if offered.promotions else [],
        [line.variant_id for line in basket.lines] if offered.has_flash else [],
        now,
        basket.currency,
        basket.holder or basket.cart_id,
        offered.limited,
        basket.customer_id,
        offered.limited_per_customer,
    )
    assert row is not None  # noqa: S101 - a SELECT without FROM has one row
    return tuple(row.values())


def _code_ends(row: tuple[Any, ...]) -> Sequence[datetime]:
    return [datetime.fromisoformat(code["ends_at"]) for code in _rows(row[1]) if code["ends_at"]]


def _rows(text: str | None) -> Sequence[Json]:
    return orjson.loads(text) if text else ()


@lru_cache(maxsize=64)
def _counts(text: str | None) -> Mapping[UUID, int]:
    """Return the numbers by id; what is used of the shop's promotions is the same for many baskets."""
    return {UUID(target): count for target, count in orjson.loads(text)} if text else {}


def _counted(one: Promotion, standing: _Standing) -> Promotion:
    """Return the promotion with what is used of it now; one without a limit as it is kept."""
    if one.usage_limit is None and one.usage_limit_per_customer is None:
        return one
    return replace(
        one,
        used=standing.used.get(one.id, 0),
        used_by_buyer=standing.of_buyer.get(one.id, 0),
        is_claimed=one.id in standing.held,
    )


def _code(row: Json, standing: _Standing) -> Code:
    return Code(
        row["folded"],
        UUID(row["promotion_id"]),
        row["usage_limit"],
        row["used"],
        datetime.fromisoformat(row["ends_at"]) if row["ends_at"] else None,
        UUID(row["customer_id"]) if row["customer_id"] else None,
        is_claimed=UUID(row["id"]) in standing.held,
    )


def _offer(row: Json, standing: _Standing) -> FlashOffer:
    item_id = UUID(row["id"])
    held = standing.held.get(item_id, 0)
    used = standing.of_buyer.get(item_id, 0)
    cap, most = row["cap"], row["cap_per_customer"]
    return FlashOffer(
        sale_id=UUID(row["sale_id"]),
        label=row["name"],
        variant_id=UUID(row["variant_id"]),
        unit_price=row["price"],
        starts_at=datetime.fromisoformat(row["starts_at"]),
        ends_at=datetime.fromisoformat(row["ends_at"]),
        left=None if cap is None else max(cap - row["sold"] + held, 0),
        left_for_buyer=None if most is None else max(most - used + held, 0),
        needs_account=most is not None,
    )


def _basket(basket: PortBasket, orders: int) -> Basket:
    groups = frozenset((basket.customer_group,)) if basket.customer_group is not None else frozenset[str]()
    return Basket(
        currency=basket.currency,
        lines=tuple([_line(line) for line in basket.lines]),
        codes=frozenset(folded(code) for code in basket.codes),
        buyer=Buyer(basket.customer_id, groups, orders=orders),
        shipping=basket.shipping.amount if basket.shipping else 0,
    )


def _line(line: BasketLine) -> Line:
    return Line(
        line.item_id, line.variant_id, line.product_id, line.quantity, line.unit_price.amount, line.brand,
        frozenset(line.categories), frozenset(line.collections),
    )  # fmt: skip


async def orders_of(customer_id: UUID | None) -> int:
    """Return how many orders the customer has placed. Without the module of orders nobody's order is the first."""
    history = registry().find(ORDER_HISTORY)
    if customer_id is None:
        return 0
    return await history.count_of(customer_id) if history is not None else NOT_COUNTED


# No order is the nth where nobody counts them.
NOT_COUNTED = 1 << 40
