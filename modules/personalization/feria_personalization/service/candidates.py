"""What could be recommended: the sources that a place asks with, and the neighbours they found, ranked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from feria_core.db import Row
from feria_personalization.domain import (
    ANYONE,
    PURCHASE_HALF_LIFE_DAYS,
    VIEW_HALF_LIFE_DAYS,
    Act,
    Found,
    Reason,
    Table,
    weight_of,
)
from feria_personalization.repository import neighbours
from feria_personalization.repository.neighbours import Neighbour, Source

MOST_SOURCES = 50
# Of a person's past what counts most is asked with: each product costs an answer a twentieth of a millisecond.
MOST_BOUGHT, MOST_LOOKED_AT, MOST_ALIKE = 50, 20, 5
# How much the best of a table counts beside the best of another; chosen so that what was bought leads, what was looked
# at comes in between, and what is merely alike fills.
_SHARES = {
    Table.BOUGHT_WITH: 1.0, Table.BASKET: 1.0, Table.NEXT: 1.0, Table.VIEWED: 0.7, Table.SIMILAR: 0.3,
    Table.FRESH: 0.1,
}  # fmt: skip
_PRODUCT = {
    Table.BOUGHT_WITH: Reason.BOUGHT_TOGETHER, Table.VIEWED: Reason.ALSO_VIEWED, Table.SIMILAR: Reason.SIMILAR,
}  # fmt: skip
_CART = {Table.BASKET: Reason.IN_CART, Table.SIMILAR: Reason.SIMILAR}
_HOME = {
    Table.NEXT: Reason.FROM_PURCHASES, Table.VIEWED: Reason.FROM_VIEWS, Table.SIMILAR: Reason.SIMILAR,
    Table.FRESH: Reason.NEW,
}  # fmt: skip


def for_product(product_id: UUID) -> list[Source]:
    """Return what a product's page asks with."""
    return [Source(product_id, table) for table in _PRODUCT]


def for_cart(products: Sequence[UUID]) -> list[Source]:
    """Return what a cart asks with."""
    return [Source(product_id, table) for product_id in products[:MOST_SOURCES] for table in _CART]


def for_person(acts: Iterable[Act]) -> list[Source]:
    """Return what a person's history asks with: purchases for what comes next, the rest for what is looked at."""
    bought: dict[UUID, float] = {}
    looked: dict[UUID, float] = {}
    for act in acts:
        is_sale = act.kind == "sale"
        half_life = PURCHASE_HALF_LIFE_DAYS if is_sale else VIEW_HALF_LIFE_DAYS
        weights = bought if is_sale else looked
        weights[act.product_id] = max(weights.get(act.product_id, 0.0), weight_of(act, half_life_days=half_life))
    sources = [Source(one, Table.NEXT, weight) for one, weight in _strongest(bought, MOST_BOUGHT)]
    if sources:
        sources.append(Source(ANYONE, Table.NEXT))
    sources += [Source(one, Table.VIEWED, weight) for one, weight in _strongest(looked, MOST_LOOKED_AT)]
    for one, weight in _strongest({**bought, **looked}, MOST_ALIKE):
        sources += [Source(one, table, weight) for table in (Table.SIMILAR, Table.FRESH)]
    return sources


def _strongest(weights: Mapping[UUID, float], most: int) -> list[tuple[UUID, float]]:
    """Return the products that count most with their weights."""
    return sorted(weights.items(), key=lambda known: (-known[1], known[0]))[:most]


def acts_of(rows: Iterable[Row], now: datetime) -> list[Act]:
    """Return rows of history as acts of so many days ago."""
    return [Act(row["product_id"], row["kind"], (now - row["at"]).total_seconds() / 86_400) for row in rows]


async def ranked(
    version: int, sources: Sequence[Source], *, without: Sequence[UUID], limit: int, place: str
) -> tuple[list[Found], list[Found]]:
    """Return what the sources' neighbours are, best first, and apart from them the new products; one statement."""
    if not sources:
        return [], []
    rows = await neighbours.of(version, sources, without=without, limit=limit)
    reasons = {"product": _PRODUCT, "cart": _CART, "home": _HOME}[place]
    fresh = [_found(row, reasons, 1.0) for row in rows if row.table is Table.FRESH]
    return _merged([row for row in rows if row.table is not Table.FRESH], reasons), fresh


def _merged(rows: Sequence[Neighbour], reasons: Mapping[Table, Reason]) -> list[Found]:
    """Return each product once: its scores of all tables added up, with the reason that gave most."""
    best: dict[Table, float] = {}
    for row in rows:
        best[row.table] = max(best.get(row.table, 0.0), row.score)
    parts: dict[UUID, list[Found]] = {}
    for row in rows:
        share = _SHARES[row.table] / best[row.table]
        parts.setdefault(row.product_id, []).append(_found(row, reasons, share))
    summed = []
    for found in parts.values():
        first = max(found, key=lambda part: part.score)
        score = sum(part.score for part in found)
        summed.append(Found(first.product_id, first.reason, first.because, score))
    return sorted(summed, key=lambda found: (-found.score, found.product_id))


def _found(row: Neighbour, reasons: Mapping[Table, Reason], share: float) -> Found:
    if row.because == ANYONE:
        return Found(row.product_id, Reason.TRENDING, None, row.score * share)
    return Found(row.product_id, reasons[row.table], row.because, row.score * share)
