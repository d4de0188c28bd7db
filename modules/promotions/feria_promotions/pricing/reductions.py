"""What a promotion takes off, once it applies: how much of each line. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from feria_core.money import split
from feria_promotions.pricing.derived import derive, derived
from feria_promotions.pricing.quote import Rule
from feria_promotions.pricing.sheet import Sheet

if TYPE_CHECKING:
    from feria_promotions.pricing.facts import Selection

BASIS = 10_000  # a percentage in basis points: 1,250 is 12.5 %


@dataclass(slots=True)
class Cut:
    """What a reduction takes: `total` off the goods at `places`, `shipping` off the shipping, None leaves it alone.

    Places ascend, so that as many as there are lines are all of them. How the total falls on them is worked out where
    it is asked for: of rival promotions only the sums count.
    """

    total: int
    places: Sequence[int]
    weights: Sequence[int]
    shipping: int | None = None

    def saves(self, shipping: int) -> int:
        """Return what is saved by this alone, where shipping costs so much."""
        return self.total + min(shipping, self.shipping or 0)

    def shares(self) -> Sequence[int]:
        """Return what is taken at each place: the total in proportion to the weights, by largest remainder."""
        return split(self.total, self.weights) if self.total else [0] * len(self.places)


@dataclass(frozen=True, slots=True)
class Missed:
    """Why nothing is taken off; `missing` is what would have to be added: units, or minor units of money."""

    rule: Rule
    missing: int | None = None


class Reduction(Protocol):
    """One kind of promotion."""

    def cut(self, places: Sequence[int], left: Sequence[int], sheet: Sheet) -> Cut | Missed:
        """Return what is taken of what is `left` of each line; `places` are those that the conditions name."""
        ...


@dataclass(frozen=True, slots=True)
class Percent:
    """So many basis points of what is left of the selected lines, up to `cap`."""

    basis_points: int
    cap: int | None = None

    def cut(self, places: Sequence[int], left: Sequence[int], sheet: Sheet) -> Cut | Missed:
        weights = sheet.of(places, left)
        there = sum(weights)
        return _spread(_percent_of(there, self.basis_points), self.cap, places, weights, there)


@dataclass(frozen=True, slots=True)
class Fixed:
    """An amount off the selected lines together; never more than is left of them."""

    amount: int

    def cut(self, places: Sequence[int], left: Sequence[int], sheet: Sheet) -> Cut | Missed:
        weights = sheet.of(places, left)
        return _spread(self.amount, None, places, weights, sum(weights))


@dataclass(frozen=True, slots=True)
class Tier:
    """From `threshold` on: so many basis points, or else an amount."""

    threshold: int
    basis_points: int = 0
    amount: int = 0


@dataclass(frozen=True, slots=True)
class Tiers:
    """The highest tier that the selected lines reach, by `quantity` or by `total`."""

    by: str
    tiers: tuple[Tier, ...]
    # Of two of one threshold the later one counts.
    highest_first: Sequence[Tier] = derived()

    def __post_init__(self) -> None:
        derive(self, highest_first=sorted(self.tiers, key=lambda tier: tier.threshold)[::-1])

    def cut(self, places: Sequence[int], left: Sequence[int], sheet: Sheet) -> Cut | Missed:
        reached = sum(sheet.of(places, sheet.quantities if self.by == "quantity" else sheet.asked))
        tier = next((tier for tier in self.highest_first if tier.threshold <= reached), None)
        if tier is None:
            return Missed(Rule.TIER_NOT_REACHED, self.highest_first[-1].threshold - reached if self.tiers else None)
        weights = sheet.of(places, left)
        there = sum(weights)
        wanted = _percent_of(there, tier.basis_points) if tier.basis_points else tier.amount
        return _spread(wanted, None, places, weights, there)


@dataclass(frozen=True, slots=True)
class FreeShipping:
    """The shipping, up to `cap`; without one, all of it (`ANY_SHIPPING` stands for that)."""

    cap: int | None = None

    def cut(self, places: Sequence[int], left: Sequence[int], sheet: Sheet) -> Cut | Missed:
        del left, sheet
        if not places:
            return Missed(Rule.NO_ITEM_SELECTED)
        return Cut(0, (), (), ANY_SHIPPING if self.cap is None else self.cap)


# More than any shipping costs, and small enough to be added up.
ANY_SHIPPING = 10**15


@dataclass(frozen=True, slots=True)
class BuyGet:
    """Who buys `buy` of the selected lines gets `get` units cheaper by so many basis points, `times` over at most.

    `gets` selects what is got; None means of the same lines, where units that were bought are not given too. The
    cheapest units are given, so nobody gains by the order in which a basket was filled.
    """

    buy: int
    get: int
    basis_points: int = BASIS
    times: int | None = None
    gets: Selection | None = None

    def cut(self, places: Sequence[int], left: Sequence[int], sheet: Sheet) -> Cut | Missed:
        bought = sum(sheet.of(places, sheet.quantities))
        if self.gets is None:
            pool, rounds, short = places, bought // (self.buy + self.get), self.buy + self.get - bought
        else:
            # What is in both sets is bought, not given.
            pool = [place for place in self.gets.among(sheet) if place not in places]
            rounds, short = bought // self.buy, self.buy - bought
            if rounds and not pool:
                rounds, short = 0, self.get
        if rounds == 0:
            return Missed(Rule.NOT_ENOUGH_BOUGHT, max(short, 1))
        units = min(rounds if self.times is None else min(rounds, self.times), MAX_ROUNDS) * self.get
        return self._give(units, pool, left, sheet)

    def _give(self, units: int, pool: Sequence[int], left: Sequence[int], sheet: Sheet) -> Cut | Missed:
        amounts: dict[int, int] = {}
        for place in filter(set(pool).__contains__, sheet.by_price):
            quantity = sheet.quantities[place]
            taken = min(units, quantity)
            if taken <= 0:
                break
            units -= taken
            # A share of what is left of the line, so that earlier discounts are not given back.
            amounts[place] = _percent_of(left[place] * taken // quantity, self.basis_points)
        return _given(amounts)


# Far more rounds than units fit into a basket; it keeps the arithmetic small.
MAX_ROUNDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Gift:
    """So many units of a variant for nothing, where they are in the basket; the shop offers to add them."""

    variant_id: UUID
    quantity: int = 1

    def cut(self, places: Sequence[int], left: Sequence[int], sheet: Sheet) -> Cut | Missed:
        if all(sheet.lines[place].variant_id == self.variant_id for place in places):
            return Missed(Rule.NO_ITEM_SELECTED)
        units, amounts = self.quantity, dict[int, int]()
        for place, line in enumerate(sheet.lines):
            if line.variant_id == self.variant_id and units:
                taken = min(units, line.quantity)
                units -= taken
                amounts[place] = left[place] * taken // line.quantity
        return _given(amounts) if amounts else Missed(Rule.GIFT_NOT_IN_BASKET, self.quantity)


def _percent_of(amount: int, basis_points: int) -> int:
    """Return the share, rounded half up."""
    return (amount * basis_points + BASIS // 2) // BASIS


def _spread(wanted: int, cap: int | None, places: Sequence[int], weights: Sequence[int], there: int) -> Cut | Missed:
    """Return `wanted`, within `cap` and what is `there`, the sum of the weights: what is left at each place."""
    if not places:
        return Missed(Rule.NO_ITEM_SELECTED)
    amount = min(wanted, there if cap is None else min(cap, there))
    # In proportion to what is left, no share exceeds its line: amount <= there.
    return Cut(amount, places, weights) if amount > 0 else Missed(Rule.NOTHING_LEFT)


def _given(amounts: Mapping[int, int]) -> Cut | Missed:
    """Return what takes exactly these amounts, by place: weights that add up to the total are the shares."""
    total, places = sum(amounts.values()), sorted(amounts)
    return Cut(total, places, [amounts[place] for place in places]) if total > 0 else Missed(Rule.NOTHING_LEFT)
