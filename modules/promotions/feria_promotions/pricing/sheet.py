"""The lines of a basket by number, so that what prices them handles lists of whole numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter, mul
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from feria_promotions.pricing.facts import Line

# By what lines are chosen, and of what names of that kind a line has.
NAMES: Mapping[str, Callable[[Line], Iterable[object]]] = {
    "products": lambda line: (line.product_id,),
    "variants": lambda line: (line.variant_id,),
    "brands": lambda line: (line.brand,),
    "categories": attrgetter("categories"),
    "collections": attrgetter("collections"),
}


class Sheet:
    """The lines by ascending id; a line's *place* is its index in each of the lists.

    `asked` is what each line costs before promotions, flash prices included: what thresholds count. What is left to
    take from is a list of the same length that belongs to one way of pricing.
    """

    def __init__(self, lines: Sequence[Line], taken: Sequence[Mapping[UUID, int]] = ()) -> None:
        """Take the lines in any order, and what flash sales have taken off them, by line."""
        self.lines = sorted(lines, key=attrgetter("id"))
        self.ids = [line.id for line in self.lines]
        self.quantities = [line.quantity for line in self.lines]
        self.prices = [line.unit_price for line in self.lines]
        self.totals = list(map(mul, self.prices, self.quantities))
        self.all: Sequence[int] = range(len(self.lines))
        self.asked = self.totals
        self._named: dict[str, Mapping[object, Sequence[int]]] = {}
        if any(taken):
            self.asked = [
                total - sum(amounts.get(line_id, 0) for amounts in taken)
                for line_id, total in zip(self.ids, self.totals, strict=True)
            ]

    def of(self, places: Sequence[int], column: Sequence[int]) -> Sequence[int]:
        """Return a column's numbers at these places, which ascend; where all are meant that is the column itself."""
        return column if len(places) == len(column) else [column[place] for place in places]

    def ids_at(self, places: Sequence[int]) -> Sequence[UUID]:
        """Return the ids of the lines at these places, which ascend; of all of them always the very same list."""
        return self.ids if len(places) == len(self.ids) else [self.ids[place] for place in places]

    def named(self, names: Sequence[tuple[str, frozenset[Any]]]) -> set[int]:
        """Return the places of the lines that have one of these names, each with its kind, one that `NAMES` tells."""
        found = set[int]()
        for kind, some in names:
            places = self._named.get(kind)
            if places is None:
                places = self._named[kind] = self._by(NAMES[kind])
            found.update(*[places[name] for name in places.keys() & some])
        return found

    def _by(self, names_of: Callable[[Line], Iterable[object]]) -> Mapping[object, Sequence[int]]:
        found: dict[object, list[int]] = {}
        for place, line in enumerate(self.lines):
            for name in names_of(line):
                found.setdefault(name, []).append(place)
        return found

    @cached_property
    def by_price(self) -> Sequence[int]:
        """All places, those of the cheapest lines first; equals stay in their order."""
        return sorted(self.all, key=self.prices.__getitem__)
