"""The values of each product by its number: what is taken back at a change, and how products are counted."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from feria_catalog.proved import view_of

Ints = NDArray[np.int64]

# Changed rows are kept beside the arrays until there are so many of them, and one more for so many products.
MAX_CHANGED, PER_PRODUCTS = 1000, 50
# Products whose values are counted at a time: some megabytes of them.
AT_ONCE = 16_384


class Forward:
    """Ids of values by product, four bytes each, in one array; rows that changed since stand in a dictionary."""

    def __init__(self) -> None:
        self._ids = array("I")
        self._begins = array("I", [0])
        self._changed: dict[int, Sequence[int]] = {}
        self._changed_nos = BitMap()

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
        self._changed_nos.add(no)
        if len(self._changed) > MAX_CHANGED + len(self._begins) // PER_PRODUCTS:
            self._merge()

    def counts(self, products: BitMap, size: int) -> Ints:
        """Return how many of the products have each value: an array by id, at least `size` long."""
        changed = products & self._changed_nos
        known = products - self._changed_nos
        known.remove_range(len(self._begins) - 1, 2**32)
        counted = np.zeros(size, np.int64)
        for begin in range(0, len(known), AT_ONCE):
            more = np.bincount(self._gathered(known[begin : begin + AT_ONCE]), minlength=len(counted))
            counted = more + np.pad(counted, (0, len(more) - len(counted)))
        if changed:
            others = array("I", chain.from_iterable(self._changed[no] for no in changed))
            more = np.bincount(view_of(others), minlength=len(counted))
            more[: len(counted)] += counted
            return more
        return counted

    def _gathered(self, products: BitMap) -> NDArray[np.uint32]:
        """Return the values of all the products, one after the other."""
        numbers, begins = view_of(products.to_array()), view_of(self._begins)
        if not len(numbers):
            return np.empty(0, np.uint32)
        first, ends = begins[numbers], begins[numbers + 1]
        lengths = (ends - first).astype(np.int64)
        # Where each product's values begin in the result, less where they begin in the array.
        shifts = np.cumsum(lengths) - lengths - first
        found: NDArray[np.uint32] = view_of(self._ids)[np.arange(lengths.sum()) - np.repeat(shifts, lengths)]
        return found

    def _merge(self) -> None:
        """Take the changed rows into the array; what stands between two of them is copied as it is."""
        old, last = self._begins, max(len(self._begins) - 2, *self._changed)
        ids, copied = array("I"), 0
        lengths = np.zeros(last + 2, np.int64)
        lengths[1 : len(old)] = np.diff(view_of(old).astype(np.int64))
        for no, changed in sorted(self._changed.items()):
            begin, end = (old[no], old[no + 1]) if no + 1 < len(old) else (len(self._ids), len(self._ids))
            ids.extend(self._ids[copied:begin])
            ids.extend(changed)
            copied, lengths[no + 1] = end, len(changed)
        ids.extend(self._ids[copied:])
        self._ids, self._begins = ids, array("I", np.cumsum(lengths).astype(np.uint32).tobytes())
        self._changed, self._changed_nos = {}, BitMap()
