"""How many products of a set have each value. Exact, whatever is left out of the answer. Pure."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pyroaring import BitMap

from feria_catalog.facets.index import FacetIndex
from feria_catalog.facets.table import Counts
from feria_catalog.facets.values import BRAND, CATEGORY

# Up to so many products, and up to one in so many, their values are counted as they stand; beyond it bitmaps are faster
# (docs/decisions/0007): each of these takes the longer the more products there are in all.
FEW, ONE_IN = 12_000, 10


@dataclass(frozen=True)
class Counted:
    """The most frequent values of one code, by id; whether there are more; the numbers' bounds."""

    counts: Sequence[tuple[int, int]]
    is_more: bool
    low: float | None = None
    high: float | None = None


class Counter:
    """Counts the values of the products of one set."""

    def __init__(self, index: FacetIndex, products: BitMap) -> None:
        self._index = index
        self._products = products
        self._found: Counts | None = None
        if len(products) <= max(FEW, len(index.products) // ONE_IN):
            self._found = Counts(index.table, index.forward.counts(products, index.table.size))

    def codes(self, limit: int) -> list[str]:
        """Return the attributes that most of the products have, at most `limit`; codes of equal coverage by name.

        Once as many are found as are wanted, only a code that all products have more often than the last of them
        can still be among them: the others need not be counted.
        """
        found: list[tuple[int, str]] = []
        best: list[int] = []  # the greatest coverages, the least of them first
        exact = self._index.single_valued() if self._found is not None else frozenset[str]()
        for size, name in self._candidates():
            if not limit or (len(best) == limit and size < best[0]):
                break
            is_known = name in exact
            coverage = size if is_known else self._products.intersection_cardinality(self._index.codes[name].present)
            if coverage:
                found.append((coverage, name))
                (heapq.heappushpop if len(best) == limit else heapq.heappush)(best, coverage)
        return [name for _, name in heapq.nsmallest(limit, found, key=_most_first)]

    def names(self) -> list[str]:
        """Return the attributes that any of the products has."""
        codes = self._index.codes
        return [name for _, name in self._candidates() if self._products.intersect(codes[name].present)]

    def values(self, name: str, limit: int, always: Sequence[int] = ()) -> Counted:
        """Return the most frequent values of a code, at most `limit` and those that are always shown.

        Values of equal count stand in the order of their frequency in the whole shop, then of their ids.
        """
        code = self._index.codes.get(name)
        if code is None:
            return Counted([], is_more=False)
        counts, is_more = self._many(name, limit) if self._found is None else self._found.best(name, limit)
        shown = {value_id for value_id, _ in counts}
        counts += [
            (i, self._products.intersection_cardinality(code.members[i]))
            for i in always
            if i not in shown and i in code.members
        ]
        return Counted(counts, is_more, *self._bounds(name))

    def _candidates(self) -> Iterator[tuple[int, str]]:
        """Give (bound, attribute), the greatest bound first; no attribute is had by more of the products than that."""
        codes = iter(self._index.codes_by_size()) if self._found is None else self._found.codes()
        return (row for row in codes if row[1] not in (BRAND, CATEGORY))

    def _many(self, name: str, limit: int) -> tuple[list[tuple[int, int]], bool]:
        """Go through the values from the most frequent of the shop on; stop where no other can come in."""
        members = self._index.codes[name].members
        best: list[tuple[int, int, int]] = []  # (count, -place, id), the worst first
        is_more = False
        for place, value_id in enumerate(self._index.by_size(name)):
            found = members[value_id]
            if len(best) == limit and is_more and len(found) <= best[0][0]:
                break
            count = self._products.intersection_cardinality(found)
            if not count:
                continue
            if len(best) < limit:
                heapq.heappush(best, (count, -place, value_id))
            else:
                is_more = True
                heapq.heappushpop(best, (count, -place, value_id))
        return [(value_id, count) for count, _, value_id in sorted(best, reverse=True)], is_more

    def _bounds(self, name: str) -> tuple[float | None, float | None]:
        """Return the least and greatest number that one of the products has."""
        if self._found is not None:
            return self._found.bounds(name)
        numbered = self._index.numbered(name)
        if not numbered:
            return None, None
        members = self._index.codes[name].members
        low = next((n for n, i in numbered if self._products.intersect(members[i])), None)
        high = next((n for n, i in reversed(numbered) if self._products.intersect(members[i])), None)
        return low, high


def _most_first(row: tuple[int, str]) -> tuple[int, str]:
    return -row[0], row[1]
