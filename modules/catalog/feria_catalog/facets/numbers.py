"""Numbers of products as slices of bits: ranges and orders of any set of products in a few operations on bitmaps."""

from __future__ import annotations

from array import array
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from pyroaring import BitMap

from feria_catalog.proved import view_of

# Of so many products the numbers are simply sorted: faster than going on bit by bit.
FEW = 100
# Of so many the order of all is made: NumPy sorts these faster than a few operations on bitmaps of a million take.
SORTED = 100_000


class Numbers:
    """A number of 0 or more for each of many products.

    The slice of a bit holds the products in whose number it is set. A range takes two operations on bitmaps a bit,
    and so do the first twenty of a set in the numbers' order, whether the set has a thousand products or a million.
    """

    def __init__(self) -> None:
        self._slices: list[BitMap] = []
        self._plain = array("q")

    def value(self, no: int) -> int:
        """Return the product's number, 0 for one that was never given any."""
        return self._plain[no] if no < len(self._plain) else 0

    def values(self, products: NDArray[np.uint32]) -> NDArray[np.int64]:
        """Return the products' numbers, in their order."""
        found = np.zeros(len(products), np.int64)
        known = products < len(self._plain)
        found[known] = np.frombuffer(self._plain, np.int64)[products[known]] if len(self._plain) else 0
        return found

    def put(self, no: int, number: int) -> None:
        """Let the product have this number."""
        self.reserve(no)
        differs = self._plain[no] ^ number
        self._plain[no] = number
        self._widen(differs)
        while differs:
            lowest = differs & -differs
            bit = self._slices[lowest.bit_length() - 1]
            (bit.add if number & lowest else bit.discard)(no)
            differs ^= lowest

    def put_all(self, number: int, products: array[int], members: BitMap) -> None:
        """Let products that have no number yet have this one; `members` are the same products."""
        for no in products:
            self._plain[no] = number
        self._widen(number)
        for bit, found in enumerate(self._slices):
            if number >> bit & 1:
                found.update(members)

    def reserve(self, no: int) -> None:
        """Make room for numbers up to that of product `no`."""
        missing = no + 1 - len(self._plain)
        if missing > 0:
            # Some more than is needed, since products come one after the other.
            self._plain.frombytes(bytes(8 * (missing + len(self._plain) // 8 + 64)))

    def compare(self, within: BitMap, number: int) -> tuple[BitMap, BitMap, BitMap]:
        """Return those of `within` whose number is less than, equal to and more than `number`."""
        if number < 0:
            return BitMap(), BitMap(), within
        if number.bit_length() > len(self._slices):
            return within, BitMap(), BitMap()
        less, equal, more = BitMap(), within, BitMap()
        for bit in range(len(self._slices) - 1, -1, -1):
            found = self._slices[bit]
            if number >> bit & 1:
                less |= equal - found
                equal = equal & found
            else:
                more |= equal & found
                equal = equal - found
            if not equal:
                break
        return less, equal, more

    def at_least(self, within: BitMap, number: int) -> BitMap:
        """Return those of `within` whose number is `number` or more."""
        _, equal, more = self.compare(within, number)
        return equal | more

    def at_most(self, within: BitMap, number: int) -> BitMap:
        """Return those of `within` whose number is `number` or less."""
        less, equal, _ = self.compare(within, number)
        return less | equal

    def first(self, within: BitMap, count: int, *, is_descending: bool) -> list[int]:
        """Return the first `count` of `within` in the order of (number, product), or the last ones, descending."""
        sure, open_ = BitMap(), within
        for bit in range(len(self._slices) - 1, -1, -1):
            if len(open_) <= FEW:
                break
            found = self._slices[bit]
            nearer = open_ & found if is_descending else open_ - found
            if len(sure) + len(nearer) >= count:
                open_ = nearer
            else:
                sure |= nearer
                open_ = open_ - nearer
        if len(open_) > FEW:  # all bits were looked at: these have the same number
            open_ = _end_of(open_, count - len(sure), is_descending=is_descending)
        chosen = [*sure, *open_]
        return sorted(chosen, key=lambda no: (self.value(no), no), reverse=is_descending)[:count]

    def nth(self, within: BitMap, place: int) -> int:
        """Return the number that stands at `place` (from 0) among those of `within`, in ascending order."""
        open_, number = within, 0
        for bit in range(len(self._slices) - 1, -1, -1):
            if len(open_) <= FEW:
                return sorted(map(self.value, open_))[place]
            lower = open_ - self._slices[bit]
            if place < len(lower):
                open_ = lower
            else:
                place -= len(lower)
                number |= 1 << bit
                open_ = open_ & self._slices[bit]
        return number

    def after(self, within: BitMap, number: int, no: int, *, is_descending: bool) -> BitMap:
        """Return those of `within` that follow (number, no) in the order."""
        less, equal, more = self.compare(within, number)
        ties = BitMap(equal)
        if is_descending:
            ties.remove_range(no, 2**32)
            return less | ties
        ties.remove_range(0, no + 1)
        return more | ties

    def ordered(self, products: BitMap) -> Order:
        """Return the order of the products' numbers."""
        if len(products) <= SORTED:
            return _Sorted(self.values(view_of(products.to_array())))
        return _Sliced(self, products)

    def _widen(self, number: int) -> None:
        while len(self._slices) < number.bit_length():
            self._slices.append(BitMap())


class Order(Protocol):
    """The numbers of a set of products in ascending order."""

    def nth(self, place: int) -> int:
        """Return the number that stands at `place`, from 0."""

    def below(self, number: int) -> int:
        """Return how many are less than `number`."""


class _Sorted:
    def __init__(self, values: NDArray[np.int64]) -> None:
        self._values = np.sort(values)

    def nth(self, place: int) -> int:
        return int(self._values[place])

    def below(self, number: int) -> int:
        return int(np.searchsorted(self._values, number))


class _Sliced:
    def __init__(self, numbers: Numbers, products: BitMap) -> None:
        self._numbers, self._products = numbers, products

    def nth(self, place: int) -> int:
        return self._numbers.nth(self._products, place)

    def below(self, number: int) -> int:
        return len(self._numbers.compare(self._products, number)[0])


def _end_of(ties: BitMap, count: int, *, is_descending: bool) -> BitMap:
    return ties[len(ties) - count :] if is_descending else ties[:count]
