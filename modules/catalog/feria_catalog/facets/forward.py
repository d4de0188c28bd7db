"""The values of each product by its number: what is taken back at a change, and how few products are counted."""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import chain

# Changed rows are kept beside the arrays until there are so many of them.
MAX_CHANGED = 100_000


class Forward:
    """Ids of values by product, four bytes each, in one array; rows that changed since stand in a dictionary."""

    def __init__(self) -> None:
        self._ids = array("I")
        self._begins = array("I", [0])
        self._changed: dict[int, Sequence[int]] = {}

    def of(self, no: int) -> Sequence[int]:
        """Return the ids of the product's values, ascending; none for a product that is not known."""
        changed = self._changed.get(no)
        if changed is not None:
            return changed
        if no + 1 >= len(self._begins):
            return ()
        return self._ids[self._begins[no] : self._begins[no + 1]]

    def append(self, no: int, ids: array[int]) -> None:
        """Add a product whose number is greater than that of all before."""
        self._begins.extend([len(self._ids)] * (no + 1 - len(self._begins)))
        self._ids.extend(ids)
        self._begins.append(len(self._ids))

    def put(self, no: int, ids: Sequence[int]) -> None:
        """Let the product have these values."""
        self._changed[no] = array("I", ids)
        if len(self._changed) > MAX_CHANGED:
            self._merge()

    def counts(self, products: Iterable[int]) -> Counter[int]:
        """Return how many of the products have each value."""
        return Counter(chain.from_iterable(map(self.of, products)))

    def _merge(self) -> None:
        merged = Forward()
        last = max(len(self._begins) - 2, max(self._changed, default=0))
        for no in range(last + 1):
            merged.append(no, array("I", self.of(no)))
        self._ids, self._begins, self._changed = merged._ids, merged._begins, {}
