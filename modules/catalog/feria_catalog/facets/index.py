"""The bitmaps of one process: which products have which value, and their numbers. No I/O."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from pyroaring import BitMap

from feria_catalog.documents.columns import ALWAYS, NEVER
from feria_catalog.facets.forward import Forward
from feria_catalog.facets.numbers import Numbers
from feria_catalog.facets.schedule import Schedule
from feria_catalog.facets.table import ValueTable
from feria_catalog.proved import numbers_of

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NUMBERS = ("price_amount", "rating", "rating_rank", "popularity", "created_at")
FLAGS = ("in_stock", "on_sale")


@dataclass
class Code:
    """The values of one attribute, of brands or of categories, each with its products."""

    present: BitMap = field(default_factory=BitMap)
    members: dict[int, BitMap] = field(default_factory=dict)
    ordered: list[int] | None = None
    numbered: list[tuple[float, int]] | None = None


@dataclass(frozen=True)
class Value:
    """A value as catalog_facet_value has it."""

    id: int
    token: str
    code: str
    label: str
    number: float | None


class FacetIndex:
    """What is known of all products. Bitmaps that come out are not the caller's to change."""

    def __init__(self) -> None:
        self.products = BitMap()
        self.values: dict[int, Value] = {}
        self.ids: dict[str, int] = {}
        self.codes: dict[str, Code] = {}
        self.flags: dict[str, BitMap] = {name: BitMap() for name in FLAGS}
        self.numbers: dict[str, Numbers] = {name: Numbers() for name in NUMBERS}
        self.forward = Forward()
        self.table = ValueTable()
        self.schedule = Schedule()
        # Facets that were counted since the last change: pages and orders of one list have the same.
        self.counted: OrderedDict[Hashable, Any] = OrderedDict()
        self._codes_by_size: list[tuple[int, str]] | None = None
        self._single_valued: frozenset[str] | None = None

    def name_values(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """Take the names and numbers of values, new or changed."""
        self.counted.clear()
        for row in rows:
            value = Value(**row)
            self.values[value.id] = value
            self.ids[value.token] = value.id
            code = self.codes.setdefault(value.code, Code())
            code.members.setdefault(value.id, BitMap())
            self.table.name(value.id, value.code, value.number)
            code.ordered = code.numbered = None

    def put(self, row: Mapping[str, Any]) -> None:
        """Take a product's row in place of what was known of it; moments are in microseconds since 1970."""
        self.counted.clear()
        no, ids = row["product_no"], row["value_ids"]
        before, after = set(self.forward.of(no)), set(ids)
        if before != after:
            self._move(no, before, after)
            self.forward.put(no, ids)
        self.products.add(no)
        for name in FLAGS:
            (self.flags[name].add if row[name] else self.flags[name].discard)(no)
        self.numbers["price_amount"].put(no, row["price_amount"] or 0)
        self.numbers["rating"].put(no, row["rating"])
        self.numbers["rating_rank"].put(no, row["rating_rank"])
        self.numbers["popularity"].put(no, row["popularity"])
        self.numbers["created_at"].put(no, max(0, row["created_at"]))
        self.schedule.put(no, moment(row["listed_from"]), moment(row["listed_until"]))

    def members(self, token: str) -> BitMap:
        """Return the products that have the value; none for a value that nobody has."""
        value_id = self.ids.get(token)
        return self._members(value_id) if value_id is not None else BitMap()

    def in_range(self, name: str, low: float | None, high: float | None) -> BitMap:
        """Return the products that have a value of the attribute whose number is in the range, bounds included."""
        code = self.codes.get(name)
        if code is None:
            return BitMap()
        found = [
            code.members[value_id]
            for number, value_id in self.numbered(name)
            if (low is None or number >= low) and (high is None or number <= high)
        ]
        return BitMap.union(*found) if found else BitMap()

    def numbered(self, name: str) -> list[tuple[float, int]]:
        """Return the (number, id) of the attribute's values that have one, ascending."""
        code = self.codes[name]
        if code.numbered is None:
            numbers = ((self.values[i].number, i) for i in code.members)
            code.numbered = sorted((number, i) for number, i in numbers if number is not None)
        return code.numbered

    def by_size(self, name: str) -> list[int]:
        """Return the ids of the code's values, the most frequent first, then by id."""
        code = self.codes[name]
        if code.ordered is None:
            code.ordered = sorted(code.members, key=lambda i: (-len(code.members[i]), i))
        return code.ordered

    def codes_by_size(self) -> list[tuple[int, str]]:
        """Return (number of products, code), the most frequent first, then by code."""
        if self._codes_by_size is None:
            sizes = [(len(code.present), name) for name, code in self.codes.items()]
            self._codes_by_size = sorted(sizes, key=lambda row: (-row[0], row[1]))
        return self._codes_by_size

    def single_valued(self) -> frozenset[str]:
        """Return the codes of which no product has more than one value."""
        if self._single_valued is None:
            values = self.table.products_by_code()
            self._single_valued = frozenset(n for n, code in self.codes.items() if values[n] == len(code.present))
        return self._single_valued

    def load(self, part: str, key: int, products: bytes) -> None:
        """Take products, as big-endian numbers, that have a value, a number or a flag; none of them is known yet."""
        numbers = numbers_of("I", products)
        members = BitMap(numbers)
        if part == "value":
            value = self.values[key]
            code = self.codes[value.code]
            code.members[key] |= members
            code.present |= members
            self.table.add(key, len(members))
        elif part == "listed_from":
            self.schedule.put_all(moment(key), members)
        elif part == "listed_until":
            self.schedule.end_all(moment(key), members)
        elif part in self.flags:
            self.flags[part] |= members
        else:
            self.numbers[part].put_all(max(0, key), numbers, members)

    def load_products(self, products: bytes, counts: bytes, values: bytes) -> None:
        """Take the products of a part: their numbers, how many values each has, and these as array_send() has them."""
        numbers, words, at = numbers_of("I", products), numbers_of("I", values), 0
        self.products |= BitMap(numbers)
        for column in self.numbers.values():
            column.reserve(numbers[-1])
        for no, count in zip(numbers, numbers_of("I", counts), strict=True):
            # Dimensions, a flag and the element type; of one dimension its length and lower bound; then for each
            # element its length and itself.
            begin = at + (5 if count else 3)
            at = begin + 2 * count
            self.forward.append(no, words[begin + 1 : at : 2])

    def loaded(self) -> None:
        """Forget the orders that were made while parts were missing."""
        self._codes_by_size = self._single_valued = None
        for code in self.codes.values():
            code.ordered = None

    def _members(self, value_id: int) -> BitMap:
        return self.codes[self.values[value_id].code].members[value_id]

    def _move(self, no: int, before: set[int], after: set[int]) -> None:
        for value_id in before - after:
            self._touched(value_id).members[value_id].discard(no)
            self.table.add(value_id, -1)
        for value_id in after - before:
            self._touched(value_id).members[value_id].add(no)
            self.table.add(value_id, 1)
        had, has = self._names(before), self._names(after)
        for name in had - has:
            self.codes[name].present.discard(no)
        for name in has - had:
            self.codes[name].present.add(no)
        self._codes_by_size = self._single_valued = None

    def _touched(self, value_id: int) -> Code:
        code = self.codes[self.values[value_id].code]
        code.ordered = None
        return code

    def _names(self, ids: Iterable[int]) -> set[str]:
        return {self.values[value_id].code for value_id in ids}


def moment(number: int) -> datetime:
    """Return the moment of so many microseconds since 1970."""
    return min(max(_EPOCH + timedelta(microseconds=number), ALWAYS), NEVER)


def chosen(bitmaps: Sequence[BitMap]) -> BitMap:
    """Return what all of the bitmaps have, the smallest first; they are at least one."""
    smallest, *others = sorted(bitmaps, key=len)
    for other in others:
        smallest = smallest & other
    return smallest
