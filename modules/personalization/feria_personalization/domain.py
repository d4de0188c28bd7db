"""Rules without input or output: who is held out, how much an act weighs, which of the found are shown."""

from __future__ import annotations

import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import TypeVar
from uuid import UUID

BUCKETS = 10_000
# The source of what anybody may like: its neighbours are what was in demand when the model was trained.
ANYONE = UUID(int=0)
# A purchase of 83 days ago counts half: e-folding in 120 days, the best of 30, 60, 120 and never on past sales.
PURCHASE_HALF_LIFE_DAYS = 83.0
VIEW_HALF_LIFE_DAYS = 7.0
BUCKETS_PER_PERCENT = BUCKETS // 100
# Of a list, so much may come from one category before the others have had their turn.
CATEGORY_SHARE = 0.4

T = TypeVar("T")


class Table(IntEnum):
    """The tables of neighbours that a model has; the numbers stand in the database."""

    BOUGHT_WITH = 1  # from one product: what else is in the same baskets
    BASKET = 2  # from all that lies in a cart
    NEXT = 3  # from all that a person has bought: what is new to them and next
    VIEWED = 4  # looked at in the same visits
    SIMILAR = 5  # alike by what is written about them
    FRESH = 6  # the same, new products alone


class Place(StrEnum):
    """Where recommendations are shown."""

    HOME = "home"
    PRODUCT = "product"
    CART = "cart"


class Reason(StrEnum):
    """Why an item is shown."""

    BOUGHT_TOGETHER = "bought_together"
    ALSO_VIEWED = "also_viewed"
    SIMILAR = "similar"
    FROM_PURCHASES = "from_purchases"
    FROM_VIEWS = "from_views"
    IN_CART = "goes_with_cart"
    NEW = "new_and_similar"
    TRENDING = "trending"
    POPULAR = "popular"
    SHOP = "from_the_shop"


@dataclass(frozen=True)
class Found:
    """A product that may be shown, why, and for which product of the caller's."""

    product_id: UUID
    reason: Reason
    because: UUID | None = None
    score: float = 0.0


@dataclass(frozen=True)
class Act:
    """Something that a person did with a product so many days ago; `kind` is "view", "click", "cart" or "sale"."""

    product_id: UUID
    kind: str
    age_days: float


def bucket_of(person_id: UUID) -> int:
    """Return which of 10,000 equal shares a person is in: the same for ever, even over all."""
    return int.from_bytes(hashlib.sha256(person_id.bytes).digest()[:8], "big") % BUCKETS


def is_held_out(bucket: int, percent: int) -> bool:
    """Return True for those who are shown popular products, so that the others can be compared with them."""
    return bucket < percent * BUCKETS_PER_PERCENT


def weight_of(act: Act, *, half_life_days: float) -> float:
    """Return how much an act counts, 1 for one of today."""
    return math.exp2(-max(act.age_days, 0.0) / half_life_days)


def interleaved(main: Sequence[T], aside: Sequence[T], *, every: int, key: Callable[[T], object]) -> list[T]:
    """Return `main` with one of `aside` at each `every`-th place, none twice; what is left of `aside` is dropped."""
    taken: set[object] = set()
    waiting = [item for item in aside if key(item) not in {key(other) for other in main[: every - 1]}]
    merged: list[T] = []
    for item in main:
        if len(merged) % every == every - 1 and waiting:
            _add(merged, taken, waiting.pop(0), key)
        _add(merged, taken, item, key)
    for item in waiting[: 1 if len(merged) < every else 0]:
        _add(merged, taken, item, key)
    return merged


def diverse(items: Iterable[T], limit: int, *, category: Callable[[T], str | None]) -> list[T]:
    """Return the first `limit` items, no category above its share while others are left; order is kept."""
    most = max(2, math.ceil(limit * CATEGORY_SHARE))
    counts: Counter[str] = Counter()
    chosen: list[tuple[int, T]] = []
    spare: list[tuple[int, T]] = []
    for place, item in enumerate(items):
        name = category(item)
        if name is not None and counts[name] >= most:
            spare.append((place, item))
            continue
        if name is not None:
            counts[name] += 1
        chosen.append((place, item))
        if len(chosen) == limit:
            break
    return [item for _, item in (chosen + spare)[:limit]]


def _add(merged: list[T], taken: set[object], item: T, key: Callable[[T], object]) -> None:
    if key(item) not in taken:
        taken.add(key(item))
        merged.append(item)
