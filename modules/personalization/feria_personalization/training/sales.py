"""What was sold, as arrays: the input of everything that is learned from purchases."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import scipy.sparse as sp
from numpy.typing import NDArray

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]
NOBODY = -1


@dataclass(frozen=True)
class Sales:
    """Lines of sales: line n sold `items[item[n]]` in basket `basket[n]` to `customers[customer[n]]` on day `day[n]`.

    Days are counted from 1970 with their fraction; the customer is NOBODY where unknown.
    """

    items: Sequence[Hashable]
    customers: Sequence[Hashable]
    baskets: int
    item: Ints
    basket: Ints
    customer: Ints
    day: Floats

    @property
    def first_day(self) -> float:
        """The day of the first line, 0 without any."""
        return float(self.day.min()) if len(self.day) else 0.0

    @property
    def last_day(self) -> float:
        """The day of the last line, 0 without any."""
        return float(self.day.max()) if len(self.day) else 0.0

    def between(self, since: float, until: float) -> Sales:
        """Return the lines of days from `since` to before `until`; items, customers and baskets keep their numbers."""
        keep = (self.day >= since) & (self.day < until)
        return replace(
            self, item=self.item[keep], basket=self.basket[keep], customer=self.customer[keep], day=self.day[keep]
        )

    def by_basket(self) -> sp.csr_matrix:
        """Return baskets x items, 1 for what was in a basket."""
        return self._binary(self.basket, self.item, self.baskets)

    def freshness(self, *, now: float, fade_days: float) -> Floats:
        """Return how much each basket counts: 1 for one of `now`, less for one long before."""
        last = np.full(self.baskets, now)
        last[self.basket] = self.day
        return np.asarray(np.exp((last - now) / fade_days), np.float64)

    def by_customer(self, *, now: float, fade_days: float | None = None) -> sp.csr_matrix:
        """Return customers x items: 1 for what was ever bought, less for what was last bought long before `now`."""
        known = self.customer != NOBODY
        pairs = self.customer[known].astype(np.int64) * len(self.items) + self.item[known]
        weights = np.ones(len(pairs)) if fade_days is None else np.exp((self.day[known] - now) / fade_days)
        unique, positions = np.unique(pairs, return_inverse=True)
        newest = np.zeros(len(unique), np.float32)
        np.maximum.at(newest, positions, weights.astype(np.float32))
        rows, columns = np.divmod(unique, max(len(self.items), 1))
        return sp.csr_matrix((newest, (rows, columns)), shape=(len(self.customers), len(self.items)))

    def demand(self, since: float) -> NDArray[np.float32]:
        """Return in how many baskets each item was since that day."""
        late = self.day >= since
        pairs = np.unique(self.basket[late].astype(np.int64) * len(self.items) + self.item[late])
        return np.bincount(pairs % max(len(self.items), 1), minlength=len(self.items)).astype(np.float32)

    def _binary(self, rows: Ints, columns: Ints, height: int) -> sp.csr_matrix:
        matrix = sp.csr_matrix(
            (np.ones(len(rows), np.float32), (rows, columns)), shape=(height, len(self.items)), dtype=np.float32
        )
        matrix.data[:] = 1.0
        return matrix


def weighted(matrix: sp.csr_matrix, weights: Floats) -> sp.csr_matrix:
    """Return the matrix with each row scaled so that what it says of two items counts by its weight."""
    return _scaled(matrix, np.sqrt(weights))


def _scaled(matrix: sp.csr_matrix, factors: NDArray[np.float64]) -> sp.csr_matrix:
    """Return the matrix with each row multiplied by its factor."""
    scaled: sp.csr_matrix = (sp.diags_array(factors.astype(np.float32)) @ matrix).tocsr()
    return scaled
