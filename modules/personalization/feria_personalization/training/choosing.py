"""Learning the tables of purchases: which mixture is best is measured on the data's own past."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
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

# Of the work, so much is measuring.
MEASURING = 0.7

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


@dataclass
class _Trials:
    """What was measured of one table: the quality of each mixture and of popular items, a figure for each split."""

    recipes: Sequence[Recipe]
    qualities: dict[Recipe, list[Quality]] = field(default_factory=dict)
    popular: list[Quality] = field(default_factory=list)
    queries: int = 0

    def best(self, default: Recipe) -> Recipe:
        """Return the mixture that was best over the splits, `default` where there was too little to measure by."""
        if not self.popular:
            return default
        return max(self.recipes, key=lambda recipe: _mean(self.qualities[recipe]).ndcg)


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
    trials = {table: _Trials(RECIPES[table]) for table in tables}
    # One split after the other, each forgotten before the next: together they would not fit into the memory of one.
    for number in range(SPLITS):
        _try(_split(known, now, number, min_support), trials, partial(_tell_part, tell, number))
    kitchen, learned = Kitchen(known, now, min_support), {}
    for number, (table, tried) in enumerate(trials.items()):
        tell(f"learning {table.name.lower()}", MEASURING + (1 - MEASURING) * number / len(trials))
        recipe = tried.best(DEFAULTS[table])
        weights, demand = kitchen.mixed(table, recipe)
        measured = _mean(tried.qualities[recipe]) if tried.popular else None
        popular = _mean(tried.popular) if tried.popular else None
        learned[table] = Learned(weights, demand, recipe, measured, popular, tried.queries)
    return learned


def _tell_part(tell: Progress, number: int, share: float) -> None:
    tell(f"measuring {number + 1} of {SPLITS}", MEASURING * (number + share) / SPLITS)


def _split(sales: Sales, now: float, number: int, min_support: int) -> _Split:
    """Return the questions of one of the last spans, with what was known when it began."""
    span = min(SPLIT_DAYS, (now - sales.first_day) / 5.0)
    since = now - (number + 1) * span
    queries = splits.asked(sales, since, since + span)
    return _Split(Kitchen(sales.between(-np.inf, since), since, min_support), queries)


def _try(split: _Split, trials: Mapping[Table, _Trials], tell: Callable[[float], None]) -> None:
    """Measure every mixture of every table on the split's questions, where they are enough to tell anything."""
    for number, (table, tried) in enumerate(trials.items()):
        tell(number / len(trials))
        queries = split.queries[table]
        if len(queries) < FEWEST_QUERIES:
            continue
        tried.queries += len(queries)
        tried.popular.append(_popular(table, split))
        for recipe in tried.recipes:
            weights, demand = split.kitchen.mixed(table, recipe)
            tried.qualities.setdefault(recipe, []).append(quality(queries, weights, demand))


def _popular(table: Table, split: _Split) -> Quality:
    """Return the quality of the plainest of lists: what is bought most of late."""
    items = len(split.kitchen.sales.items)
    demand = split.kitchen.sales.demand(split.kitchen.now - splits.FADE_DAYS)
    return quality(split.queries[table], sp.csr_matrix((items, items), dtype=np.float32), demand)


def _mean(found: Sequence[Quality]) -> Quality:
    return Quality(float(np.mean([q.ndcg for q in found])), float(np.mean([q.hit for q in found])))


def _rounded(measured: Quality | None, name: str) -> float | None:
    return None if measured is None else round(float(getattr(measured, name)), 4)
