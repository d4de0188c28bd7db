"""How much a term tells in each of the products that have it: of all of them, in two bytes each.

So any product's impact is found without asking the database: a search of a million products takes its candidates from
the best of each word and scores these exactly. Pure.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from feria_catalog.proved import bitmap_of, bytes_of, numbers_of, view_of
from feria_catalog.search.fields import CODE_IMPACT

Floats = NDArray[np.float64]
Numbers = NDArray[np.uint32]
# Places of products among those that were found.
Places = NDArray[np.intp]

# Changed products are kept beside the arrays until there are so many of them.
MAX_CHANGED = 500
# Impacts have four digits (search/fields.py) and are 1 at most, but for those of whole codes.
_PRECISION, _CODE = 10_000, 65_535
# What is stored is a REAL: scores are counted with exactly that.
_IMPACTS = (np.arange(_CODE + 1) / _PRECISION).astype(np.float32).astype(np.float64)
_IMPACTS[_CODE] = CODE_IMPACT
_BITS = np.uint32(63)
_ONE = np.uint64(1)
_NOWHERE = np.empty(0, np.intp)


@dataclass(frozen=True)
class Known:
    """The impacts of a term, by the places of the products that have it, ascending."""

    places: Places
    impacts: Floats


class Impacts:
    """The impacts of one term. Numbers that are asked for are ascending."""

    def __init__(self, products: bytes = b"", impacts: bytes = b"") -> None:
        """Take both as PostgreSQL sends them, in any order; it is the same in both."""
        numbers = view_of(numbers_of("I", products))
        told = np.frombuffer(numbers_of("f", impacts), np.float32)
        order = np.argsort(numbers)
        self._numbers = _numbers(numbers[order])
        self._steps = np.minimum(np.rint(told[order] * _PRECISION), _CODE).astype(np.uint16)
        # By number; 0 where the product no longer has the term.
        self._changed: dict[int, int] = {}
        # Searches that find few products ask for none of these.
        self._bests: dict[int, tuple[BitMap, float]] = {}

    @property
    def size(self) -> int:
        """About how many bytes this takes."""
        bests = sum(bytes_of(products) for products, _ in self._bests.values())
        return 1200 + self._numbers.size + self._steps.nbytes + bests + 200 * len(self._changed)

    @property
    def is_worn(self) -> bool:
        """Whether so much has changed that it is better loaded anew."""
        return len(self._changed) > MAX_CHANGED

    def put(self, no: int, impact: float) -> None:
        """Let the product have the term with this impact, 0 for one that no longer has it."""
        self._changed[no] = min(round(impact * _PRECISION), _CODE)

    def known(self, numbers: Numbers) -> Known:
        """Return the impacts of those among the numbers that have the term."""
        places, at = self._numbers.found(numbers)
        found = Known(places, _IMPACTS[self._steps[at]])
        return self._with_changed(found, numbers) if self._changed else found

    def above(self, impact: float) -> BitMap:
        """Return those whose impact is `impact` or more."""
        found = bitmap_of(self._numbers.all()[_IMPACTS[self._steps] >= impact])
        for no, step in self._changed.items():
            (found.add if _IMPACTS[step] >= impact else found.discard)(no)
        return found

    def best(self, count: int) -> tuple[BitMap, float]:
        """Return at least the `count` products with the greatest impacts, and what no other's impact exceeds.

        Where these are all that have the term, that is 0.
        """
        if count not in self._bests:
            self._bests[count] = self._first(count)
        products, floor = self._bests[count]
        return products | BitMap(self._changed) if self._changed else products, floor

    def _first(self, count: int) -> tuple[BitMap, float]:
        numbers = self._numbers.all()
        if len(numbers) <= count:
            return bitmap_of(numbers), 0.0
        # Of equals the newest.
        keys = self._steps.astype(np.uint64) << np.uint64(32) | numbers
        keys = np.partition(keys, len(keys) - count)[-count:]
        return bitmap_of(np.sort(keys).astype(np.uint32)), float(_IMPACTS[int(keys.min()) >> 32])

    def _with_changed(self, found: Known, numbers: Numbers) -> Known:
        changed = view_of(BitMap(self._changed).to_array())
        among, at = common(numbers, changed)
        steps = np.array([self._changed[no] for no in changed[at].tolist()], np.uint16)
        stays = ~np.isin(found.places, among)
        places = np.append(found.places[stays], among[steps > 0])
        impacts = np.append(found.impacts[stays], _IMPACTS[steps[steps > 0]])
        order = np.argsort(places)
        return Known(places[order], impacts[order])


class _Listed:
    """A set of numbers, four bytes each."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers
        self.size = numbers.nbytes

    def all(self) -> Numbers:
        return self._numbers

    def found(self, numbers: Numbers) -> tuple[Places, Places]:
        """Return the places of those numbers that are in the set, and which ones of the set these are."""
        return common(numbers, self._numbers)


class _Ranked:
    """A set of many numbers, as a bit for each number there could be, and how many come before each 64 of these."""

    def __init__(self, numbers: Numbers) -> None:
        is_in = np.zeros((int(numbers[-1]) // 64 + 1) * 64, np.bool_)
        is_in[numbers] = True
        self._words = np.packbits(is_in, bitorder="little").view("<u8").astype(np.uint64)
        counts = np.bitwise_count(self._words).astype(np.uint32)
        self._before = np.cumsum(counts, dtype=np.uint32) - counts
        self.size = self._words.nbytes + self._before.nbytes

    def all(self) -> Numbers:
        bits = np.unpackbits(self._words.astype("<u8").view(np.uint8), bitorder="little")
        return np.flatnonzero(bits).astype(np.uint32)

    def found(self, numbers: Numbers) -> tuple[Places, Places]:
        """Return the places of those numbers that are in the set, and which ones of the set these are."""
        numbers = numbers[: np.searchsorted(numbers, np.uint32(min(64 * len(self._words), 2**32 - 1)))]
        at = numbers >> np.uint32(6)
        words, bits = self._words[at], _ONE << (numbers & _BITS).astype(np.uint64)
        places = np.flatnonzero(words & bits)
        lower = np.bitwise_count(words[places] & (bits[places] - _ONE))
        return places, self._before[at[places]].astype(np.intp) + lower


def _numbers(ascending: Numbers) -> _Listed | _Ranked:
    """Return the set in the form that takes less."""
    spread = int(ascending[-1]) * 3 // 16 if len(ascending) else 0
    return _Ranked(ascending) if 4 * len(ascending) > spread > 0 else _Listed(ascending)


def common(one: NDArray[np.integer], other: NDArray[np.integer]) -> tuple[Places, Places]:
    """Return where in each of two ascending arrays the numbers stand that are in both; the shorter one is sought."""
    if len(one) > len(other):
        second, first = common(other, one)
        return first, second
    if not len(one):
        return _NOWHERE, _NOWHERE
    at = np.searchsorted(other, one)
    hits = np.flatnonzero(other[np.minimum(at, len(other) - 1)] == one)
    return hits, at[hits]
