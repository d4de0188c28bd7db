"""Learning the tables of purchases: which mixture is best is measured on the data's own past."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from feria_personalization.domain import Table
from feria_personalization.training import splits
from feria_personalization.training.measures import Quality, Queries, quality
from feria_personalization.training.recipes import DEFAULTS, RECIPES, Kitchen, Recipe
from feria_personalization.training.sales import Sales

# Two splits, each of this span or of a fifth of the data where that is less: one month's fashion decides nothing alone.
SPLIT_DAYS, SPLITS = 61.0, 2
# Fewer questions than this tell nothing.
FEWEST_QUERIES = 50

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Learned:
    """One table: weights item to item, what each item gets from demand alone, and how it was chosen."""

    weights: sp.csr_matrix
    demand: NDArray[np.float32]
    recipe: Recipe
    quality: Quality | None
    popular: Quality | None
    queries: int

    def report(self) -> dict[str, Any]:
        """Return how the table was chosen, for the model's report."""
        return {
            "method": self.recipe.name,
            "queries": self.queries,
            "ndcg_at_10": _rounded(self.quality, "ndcg"),
            "hit_at_10": _rounded(self.quality, "hit"),
            "popular_ndcg_at_10": _rounded(self.popular, "ndcg"),
        }


@dataclass(frozen=True)
class _Split:
    kitchen: Kitchen
    queries: Mapping[Table, Queries]


def learn(
    sales: Sales,
    *,
    now: float,
    min_support: int = 1,
    tables: Sequence[Table] = tuple(RECIPES),
    progress: Progress | None = None,
) -> dict[Table, Learned]:
    """Return the tables learned from the sales before `now`.

    `progress` is told a stage and the share of the work that is done.
    """
    tell = progress or (lambda _stage, _share: None)
    known = sales.between(-np.inf, now)
    past = _splits(known, now, min_support)
    kitchen = Kitchen(known, now, min_support)
    learned = {}
    for position, table in enumerate(tables):
        tell(f"choosing {table.name.lower()}", position / len(tables))
        recipe, measured, popular, queries = _chosen(table, past)
        tell(f"learning {table.name.lower()}", (position + 0.7) / len(tables))
        weights, demand = kitchen.mixed(table, recipe)
        learned[table] = Learned(weights, demand, recipe, measured, popular, queries)
    return learned


def _splits(sales: Sales, now: float, min_support: int) -> list[_Split]:
    """Return the questions of the last two spans, each with what was known when it began."""
    span = min(SPLIT_DAYS, (now - sales.first_day) / 5.0)
    found = []
    for number in range(1, SPLITS + 1):
        since = now - number * span
        queries = splits.asked(sales, since, since + span)
        found.append(_Split(Kitchen(sales.between(-np.inf, since), since, min_support), queries))
    return found


def _chosen(table: Table, past: Sequence[_Split]) -> tuple[Recipe, Quality | None, Quality | None, int]:
    """Return the mixture that was best over the splits, its quality and that of popular items, and the questions."""
    usable = [split for split in past if len(split.queries[table]) >= FEWEST_QUERIES]
    count = sum(len(split.queries[table]) for split in usable)
    if not usable:
        return DEFAULTS[table], None, None, 0
    measured = {recipe: _mean([_measured(table, recipe, split) for split in usable]) for recipe in RECIPES[table]}
    popular = _mean([_popular(table, split) for split in usable])
    best = max(RECIPES[table], key=lambda recipe: measured[recipe].ndcg)
    return best, measured[best], popular, count


def _measured(table: Table, recipe: Recipe, split: _Split) -> Quality:
    weights, demand = split.kitchen.mixed(table, recipe)
    return quality(split.queries[table], weights, demand)


def _popular(table: Table, split: _Split) -> Quality:
    """Return the quality of the plainest of lists: what is bought most of late."""
    items = len(split.kitchen.sales.items)
    demand = split.kitchen.sales.demand(split.kitchen.now - splits.FADE_DAYS)
    return quality(split.queries[table], sp.csr_matrix((items, items), dtype=np.float32), demand)


def _mean(found: Sequence[Quality]) -> Quality:
    return Quality(float(np.mean([q.ndcg for q in found])), float(np.mean([q.hit for q in found])))


def _rounded(measured: Quality | None, name: str) -> float | None:
    return None if measured is None else round(float(getattr(measured, name)), 4)
