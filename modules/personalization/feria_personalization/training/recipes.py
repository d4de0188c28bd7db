"""What a table of neighbours can be mixed from, and which mixtures are tried for each table.

Ingredients and mixtures were chosen on sales before 2011-08-01 of the Online Retail data set, on two time splits
inside that period (from 2011-04-01 and from 2011-06-01, two months each). Which of a table's mixtures is used is
decided by each training anew, on its own data.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

from feria_personalization.domain import Table
from feria_personalization.training import neighbours
from feria_personalization.training.sales import Sales, weighted

# What comes next is as good from 60 neighbours as from 200, and an answer asks with fifty products.
KEPT = {Table.BOUGHT_WITH: 100, Table.BASKET: 200, Table.NEXT: 60}
WALK_LENGTH = 200
DEMAND_DAYS = 14.0
# Baskets of so long ago count for a third: what is bought together changes with the seasons.
FADE_DAYS = 200.0
# A trend compares the last two weeks with so many days before.
USUAL_DAYS = 200.0


@dataclass(frozen=True)
class Recipe:
    """Ingredients with their shares, demand of late among them, and how much a trend counts: to the power `trend`."""

    parts: tuple[tuple[str, float], ...]
    demand: float = 0.0
    trend: float = 0.0

    @property
    def name(self) -> str:
        """The recipe in one line, for reports."""
        parts = [f"{share:g} {name}" for name, share in self.parts]
        parts += [f"{self.demand:g} demand"] if self.demand else []
        return " + ".join(parts) + (f", trend^{self.trend:g}" if self.trend else "")


_NEXT = (
    (("customers_30d", 1.0), ("customers", 0.4)),
    (("customers_60d", 1.0), ("customers", 0.4)),
    (("customers_60d", 1.0), ("baskets", 0.3)),
    (("baskets", 1.0),),
)
_BASKET = (
    (("baskets", 1.0),),
    (("baskets_200d", 1.0),),
    (("baskets_200d", 1.0), ("walk_rare_200d", 0.15)),
    (("baskets_200d", 1.0), ("walk_rare_200d", 0.15), ("customers", 0.1)),
)
_BOUGHT_WITH = (
    (("walk", 1.0),),
    (("walk_200d", 1.0),),
    (("walk_200d", 1.0), ("customers_60d", 0.07), ("customers_strong", 0.07)),
)
RECIPES: dict[Table, tuple[Recipe, ...]] = {
    Table.NEXT: tuple(Recipe(parts, 0.2, trend) for parts in _NEXT for trend in (0.0, 0.15, 0.3, 0.45)),
    Table.BASKET: tuple(Recipe(parts, 0.0, trend) for parts in _BASKET for trend in (0.0, 0.1)),
    Table.BOUGHT_WITH: tuple(Recipe(parts, 0.0, trend) for parts in _BOUGHT_WITH for trend in (0.0, 0.1, 0.2)),
}
# Where there is too little to choose by.
DEFAULTS = {
    Table.NEXT: Recipe((("customers_60d", 1.0), ("baskets", 0.3)), 0.2, 0.15),
    Table.BASKET: Recipe((("baskets_200d", 1.0), ("walk_rare_200d", 0.15))),
    Table.BOUGHT_WITH: Recipe((("walk_200d", 1.0),)),
}


@dataclass
class Kitchen:
    """The ingredients from the sales before `now`, each made once and when it is first asked for."""

    sales: Sales
    now: float
    min_support: int = 1
    _made: dict[str, sp.csr_matrix] = field(default_factory=dict)

    def mixed(self, table: Table, recipe: Recipe) -> tuple[sp.csr_matrix, NDArray[np.float32]]:
        """Return the table's weights, item to item, and what each item gets from demand alone."""
        weights = sum((share * self.ingredient(name) for name, share in recipe.parts[1:]), start=self._first(recipe))
        trend = self._trend**recipe.trend
        scaled = (weights @ sp.diags_array(trend.astype(np.float32))).tocsr()
        if table is not Table.NEXT or self.min_support > 1:
            scaled = neighbours.where_met(scaled, self._counted, self.min_support)
        return neighbours.best(scaled, KEPT[table]), (recipe.demand * self._demand * trend).astype(np.float32)

    def ingredient(self, name: str) -> sp.csr_matrix:
        """Return one ingredient, scaled so that the ten best neighbours of an item have 1 in the mean."""
        if name not in self._made:
            raw = self._makers[name]()
            self._made[name] = raw / _typical(raw)
        return self._made[name]

    def _first(self, recipe: Recipe) -> sp.csr_matrix:
        name, share = recipe.parts[0]
        return share * self.ingredient(name)

    @cached_property
    def _makers(self) -> dict[str, Callable[[], sp.csr_matrix]]:
        return {
            "customers_30d": lambda: self._by_customers(30.0, 100.0),
            "customers_60d": lambda: self._by_customers(60.0, 100.0),
            "customers": lambda: self._by_customers(None, 100.0),
            "customers_strong": lambda: self._by_customers(None, 1000.0),
            "baskets": lambda: _ridge(self._baskets_by_size(None), 5.0),
            "baskets_200d": lambda: _ridge(self._baskets_by_size(FADE_DAYS), 3.0),
            "walk": lambda: self._walk(0.1, None),
            "walk_200d": lambda: self._walk(0.1, FADE_DAYS),
            "walk_rare_200d": lambda: self._walk(0.5, FADE_DAYS),
        }

    def _baskets_by_size(self, fade_days: float | None) -> sp.csr_matrix:
        """Baskets x items: a basket counts less the larger and, with `fade_days`, the older it is."""
        matrix = self.sales.by_basket()
        weights = np.maximum(matrix.getnnz(axis=1), 1) ** -0.5
        return weighted(matrix, weights if fade_days is None else weights * self._freshness(fade_days))

    def _walk(self, beta: float, fade_days: float | None) -> sp.csr_matrix:
        freshness = None if fade_days is None else self._freshness(fade_days)
        return neighbours.walk(
            self.sales.by_basket(), beta=beta, count=WALK_LENGTH, row_power=0.6, freshness=freshness
        )  # fmt: skip

    def _freshness(self, fade_days: float) -> NDArray[np.float64]:
        return self.sales.freshness(now=self.now, fade_days=fade_days)

    def _by_customers(self, fade_days: float | None, strength: float) -> sp.csr_matrix:
        return _ridge(self.sales.by_customer(now=self.now, fade_days=fade_days), strength)

    @cached_property
    def _counted(self) -> sp.csr_matrix:
        """In how many baskets two items met."""
        return neighbours.meetings(self.sales.by_basket())

    @cached_property
    def _demand(self) -> NDArray[np.float32]:
        late = self.sales.demand(self.now - DEMAND_DAYS)
        return late / max(float(np.sort(late)[-10:].mean()) if len(late) else 0.0, 1e-9)

    @cached_property
    def _trend(self) -> NDArray[np.float64]:
        """How much more an item is sold of late than it usually is; one more sale in each keeps it finite."""
        late = (self.sales.demand(self.now - DEMAND_DAYS) + 1.0) / DEMAND_DAYS
        usual = (self.sales.demand(self.now - USUAL_DAYS) + 1.0) / USUAL_DAYS
        return np.asarray(late / usual, np.float64)


def _ridge(matrix: sp.csr_matrix, strength: float) -> sp.csr_matrix:
    together = neighbours.meetings(matrix)
    return neighbours.local_ridge(together, neighbours.nearest(together), strength)


def _typical(weights: sp.csr_matrix) -> float:
    """Return the mean of the ten largest weights of a row, over the rows that have any; 1 where none has."""
    top = neighbours.best(weights, 10)
    rows = int((np.diff(top.indptr) > 0).sum())
    return float(top.data.sum()) / (10 * rows) or 1.0 if rows else 1.0
