"""Questions from the training data's own past: what would have been right to recommend then?"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence

import numpy as np
import scipy.sparse as sp

from feria_personalization.domain import PURCHASE_HALF_LIFE_DAYS, Table
from feria_personalization.training.measures import Queries
from feria_personalization.training.sales import NOBODY, Sales

FADE_DAYS = PURCHASE_HALF_LIFE_DAYS / np.log(2.0)
# Enough to tell mixtures apart, few enough that measuring stays short of learning.
MOST_QUERIES = 1500
LARGEST_BASKET = 50


def asked(sales: Sales, since: float, until: float) -> dict[Table, Queries]:
    """Return what each table would have been asked from `since` on, and what was bought until `until`."""
    before, after = sales.between(-np.inf, since), sales.between(since, until)
    sold = np.zeros(len(sales.items), np.bool_)
    sold[before.item] = True
    baskets = _baskets(after, sold)
    return {
        Table.NEXT: _next(before, after, sold, since),
        Table.BASKET: _of_baskets(baskets, len(sales.items), leave_out=1),
        Table.BOUGHT_WITH: _of_baskets(baskets, len(sales.items), leave_out=None),
    }


def histories(sales: Sales, customers: Sequence[int], now: float) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Return what these customers have bought, fading with its age, and the same unfaded: what is not shown again."""
    given = sales.by_customer(now=now, fade_days=float(FADE_DAYS))[list(customers)]
    return given, sales.by_customer(now=now)[list(customers)]


def _next(before: Sales, after: Sales, sold: np.ndarray, now: float) -> Queries:
    owned: dict[int, set[int]] = _by_customer(before)
    bought = _by_customer(after)
    relevant = {
        customer: {item for item in items if sold[item]} - owned[customer]
        for customer, items in bought.items()
        if customer in owned
    }
    asking = _some([customer for customer, items in relevant.items() if items])
    given, hidden = histories(before, asking, now)
    return Queries(given, hidden, [relevant[customer] for customer in asking])


def _by_customer(sales: Sales) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for customer, item in zip(sales.customer.tolist(), sales.item.tolist(), strict=True):
        if customer != NOBODY:
            found.setdefault(customer, set()).add(item)
    return found


def _baskets(sales: Sales, sold: np.ndarray) -> Mapping[int, list[int]]:
    """Return baskets of two to fifty items that were sold before, their items in an order drawn by lot."""
    found: dict[int, set[int]] = {}
    for basket, item in zip(sales.basket.tolist(), sales.item.tolist(), strict=True):
        if sold[item]:
            found.setdefault(basket, set()).add(item)
    chosen = _some([basket for basket, items in found.items() if 2 <= len(items) <= LARGEST_BASKET])  # noqa: PLR2004
    return {basket: sorted(found[basket], key=lambda item: (_lot(basket, item), item)) for basket in chosen}


def _of_baskets(baskets: Mapping[int, list[int]], items: int, *, leave_out: int | None) -> Queries:
    """Return the question for `leave_out` items of each basket, given the others; without it, all given the first."""
    given = [drawn[leave_out:] if leave_out else drawn[:1] for drawn in baskets.values()]
    relevant = [set(drawn[:leave_out] if leave_out else drawn[1:]) for drawn in baskets.values()]
    matrix = rows_of(given, items)
    return Queries(matrix, matrix, relevant)


def rows_of(given: Sequence[Sequence[int]], items: int) -> sp.csr_matrix:
    """Return a matrix with a row of ones for each list of items."""
    lengths = np.cumsum([0, *(len(row) for row in given)])
    columns = np.fromiter((item for row in given for item in row), np.int32, int(lengths[-1]))
    return sp.csr_matrix((np.ones(len(columns), np.float32), columns, lengths), shape=(len(given), items))


def _some(numbers: Sequence[int]) -> list[int]:
    """Return at most MOST_QUERIES of the numbers, drawn by a lot that is always the same."""
    return sorted(sorted(numbers, key=lambda number: (_lot(number), number))[:MOST_QUERIES])


def _lot(*numbers: int) -> int:
    return zlib.crc32(",".join(map(str, numbers)).encode())
