"""Prices of many variants as everybody sees them, in two statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from feria_catalog.pricing.lowest import Point, joined, lowest
from feria_catalog.pricing.prices import ListPrice, Shown, edges, shown_at
from feria_core import db

# Of lists for everybody, those that hold after $2 or may do so again.
_PRICES = """
SELECT p.variant_id, l.code, p.amount, l.starts_at, l.ends_at, l.priority
FROM catalog_price_list_price p JOIN catalog_price_list l ON l.id = p.price_list_id
WHERE p.variant_id = ANY($1::uuid[]) AND l.is_active AND l.customer_group IS NULL AND l.min_quantity = 1
    AND (l.ends_at IS NULL OR l.ends_at > $2)
"""
_HISTORY = """
SELECT variant_id, since, amount, is_reduced FROM catalog_price_history
WHERE variant_id = ANY($1::uuid[]) ORDER BY variant_id, since
"""
_RECORD = """
INSERT INTO catalog_price_history (variant_id, since, amount, is_reduced)
SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::bigint[], $4::boolean[])
ON CONFLICT (variant_id, since) DO UPDATE SET amount = excluded.amount, is_reduced = excluded.is_reduced
"""


@dataclass(frozen=True)
class Asked:
    """A variant with its own price; `due` is since when the lists may have changed it unnoticed."""

    id: UUID
    own: Shown
    due: datetime | None = None


@dataclass(frozen=True)
class Price:
    """What a variant costs now and until when at least; `news` are what its history does not have yet."""

    shown: Shown
    lowest: int | None
    until: datetime | None
    news: Sequence[Point]


async def load(variants: Sequence[Asked], now: datetime) -> dict[UUID, Price]:
    """Return the price of each of the variants at `now`."""
    ids = [variant.id for variant in variants]
    since = min((variant.due for variant in variants if variant.due is not None), default=now)
    lists = await _lists(ids, min(since, now))
    history: dict[UUID, list[Point]] = defaultdict(list)
    for row in await db.fetch_all(_HISTORY, ids):
        history[row["variant_id"]].append(Point(row["since"], row["amount"], row["is_reduced"]))
    return {variant.id: _price(variant, lists.get(variant.id, ()), history[variant.id], now) for variant in variants}


async def shown(variants: Mapping[UUID, Shown], now: datetime) -> dict[UUID, Shown]:
    """Return what everybody sees at `now`, in one statement; the variants are given with their own prices."""
    lists = await _lists(list(variants), now)
    return {variant_id: shown_at(own, lists.get(variant_id, ()), now) for variant_id, own in variants.items()}


async def _lists(variant_ids: Sequence[UUID], since: datetime) -> dict[UUID, list[ListPrice]]:
    lists: dict[UUID, list[ListPrice]] = defaultdict(list)
    for row in await db.fetch_all(_PRICES, variant_ids, since):
        price = ListPrice(row["code"], row["amount"], row["starts_at"], row["ends_at"], priority=row["priority"])
        lists[row["variant_id"]].append(price)
    return lists


async def record(news: Mapping[UUID, Sequence[Point]]) -> None:
    """Write what was found new while loading, in the transaction that shows it."""
    rows = [(variant_id, p.since, p.amount, p.is_reduced) for variant_id, points in news.items() for p in points]
    if rows:
        await db.execute(_RECORD, *zip(*rows, strict=True))


def _price(variant: Asked, lists: Sequence[ListPrice], history: Sequence[Point], now: datetime) -> Price:
    moments = edges(lists)
    # Windows that opened or closed while nobody looked are history too.
    missed = [at for at in moments if variant.due is not None and variant.due <= at <= now]
    steps = [_point(at, shown_at(variant.own, lists, at)) for at in missed]
    shown = shown_at(variant.own, lists, now)
    whole = joined(history, [*steps, _point(now, shown)])
    known = set(history)
    return Price(
        shown,
        lowest(whole),
        next((at for at in moments if at > now), None),
        [point for point in whole if point not in known],
    )


def _point(at: datetime, shown: Shown) -> Point:
    return Point(at, shown.amount, shown.is_reduced)
