"""The lines of a basket by number, so that what prices them handles lists of whole numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING
from uuid import UUID

if TYPE_CHECKING:
    from feria_promotions.pricing.facts import Line


class Sheet:
    """The lines by ascending id; a line's *place* is its index in each of the lists.

    `asked` is what each line costs before promotions, flash prices included: what thresholds count. What is left to
    take from is a list of the same length that belongs to one way of pricing.
    """

    def __init__(self, lines: Sequence[Line], taken: Sequence[Mapping[UUID, int]] = ()) -> None:
        """Take the lines in any order, and what flash sales have taken off them, by line."""
        self.lines = sorted(lines, key=lambda line: line.id)
        self.ids = [line.id for line in self.lines]
        self.quantities = [line.quantity for line in self.lines]
        self.totals = [line.unit_price * line.quantity for line in self.lines]
        self.all: Sequence[int] = range(len(self.lines))
        self.asked = self.totals
        if any(taken):
            self.asked = [
                total - sum(amounts.get(line_id, 0) for amounts in taken)
                for line_id, total in zip(self.ids, self.totals, strict=True)
            ]

    def of(self, places: Sequence[int], column: Sequence[int]) -> Sequence[int]:
        """Return a column's numbers at these places, which ascend; where all are meant that is the column itself."""
        return column if len(places) == len(column) else [column[place] for place in places]

    def by_id(self, places: Sequence[int], numbers: Sequence[int]) -> dict[UUID, int]:
        """Return the numbers, those above zero, by the ids of the lines at these places."""
        ids = self.ids if len(places) == len(self.ids) else [self.ids[place] for place in places]
        found = dict(zip(ids, numbers, strict=True))
        return {line_id: number for line_id, number in found.items() if number > 0} if 0 in numbers else found
