"""What is known of values by their ids, as arrays: their codes, how many products have them, their numbers."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]


class ValueTable:
    """Columns of values; ids grow densely, so an array by id wastes little."""

    def __init__(self) -> None:
        self._codes = np.full(1024, -1, np.int32)
        self.sizes = np.zeros(1024, np.int32)
        self.numbers = np.full(1024, np.nan)
        self._code_ids: dict[str, int] = {}
        self.names: list[str] = []
        self.size = 0
        self._by_code: tuple[Ints, Ints] | None = None

    def name(self, value_id: int, code: str, number: float | None) -> None:
        """Take a value, new or with another number."""
        self._reserve(value_id)
        code_id = self._code_ids.setdefault(code, len(self.names))
        if code_id == len(self.names):
            self.names.append(code)
        self._codes[value_id] = code_id
        self.numbers[value_id] = np.nan if number is None else number
        self._by_code = None

    def add(self, value_id: int, products: int) -> None:
        """Let so many products more, or less, have the value."""
        self.sizes[value_id] += products

    def by_code(self) -> tuple[Ints, Ints]:
        """Return the ids of all values, those of a code together, and where each code of `names` begins."""
        if self._by_code is None:
            ids = np.flatnonzero(self._codes >= 0)
            codes = self._codes[ids]
            order = np.argsort(codes, kind="stable")
            self._by_code = ids[order], np.searchsorted(codes[order], np.arange(len(self.names)))
        return self._by_code

    def products_by_code(self) -> dict[str, int]:
        """Return by code how many products its values have, one with two values counted twice."""
        ids, begins = self.by_code()
        sums = np.add.reduceat(self.sizes[ids], begins, dtype=np.int64) if len(begins) else np.empty(0, np.int64)
        return dict(zip(self.names, sums.tolist(), strict=True))

    def of(self, code: str, ids: Ints, begins: Ints) -> slice:
        """Return where the values of a code stand among `ids`."""
        code_id = self._code_ids.get(code)
        if code_id is None:
            return slice(0, 0)
        following = begins[code_id + 1] if code_id + 1 < len(begins) else len(ids)
        return slice(int(begins[code_id]), int(following))

    def _reserve(self, value_id: int) -> None:
        self.size = max(self.size, value_id + 1)
        missing = self.size - len(self._codes)
        if missing > 0:
            more = missing + len(self._codes) // 2
            self._codes = np.append(self._codes, np.full(more, -1, np.int32))
            self.sizes = np.append(self.sizes, np.zeros(more, np.int32))
            self.numbers = np.append(self.numbers, np.full(more, np.nan))


class Counts:
    """How many products of a set have each value; `counts` is an array by id."""

    def __init__(self, table: ValueTable, counts: Ints) -> None:
        self._table = table
        self._ids, self._begins = table.by_code()
        self._counts = counts[self._ids]

    def codes(self) -> Iterator[tuple[int, str]]:
        """Give (bound, code), the greatest first: no code is had by more products than the sum of its counts."""
        if not len(self._begins):
            return
        sums = np.add.reduceat(self._counts, self._begins)
        names = self._table.names
        for code_id in np.argsort(-sums):
            if not sums[code_id]:
                return
            yield int(sums[code_id]), names[code_id]

    def best(self, code: str, limit: int) -> tuple[list[tuple[int, int]], bool]:
        """Return (id, count) of the most frequent values, then by frequency in the shop, then by id; whether more."""
        ids, counts = self._of(code)
        is_more = len(ids) > limit
        if is_more and limit:
            kept = counts >= np.partition(counts, len(counts) - limit)[len(counts) - limit]
            ids, counts = ids[kept], counts[kept]
        order = np.lexsort((ids, -self._table.sizes[ids], -counts))[:limit]
        return list(zip(ids[order].tolist(), counts[order].tolist(), strict=True)), is_more

    def bounds(self, code: str) -> tuple[float | None, float | None]:
        """Return the least and greatest number among the values of a code that any of the products has."""
        numbers = self._table.numbers[self._of(code)[0]]
        numbers = numbers[~np.isnan(numbers)]
        return (float(numbers.min()), float(numbers.max())) if len(numbers) else (None, None)

    def _of(self, code: str) -> tuple[Ints, Ints]:
        part = self._table.of(code, self._ids, self._begins)
        counts = self._counts[part]
        found = np.flatnonzero(counts)
        return self._ids[part][found], counts[found]
