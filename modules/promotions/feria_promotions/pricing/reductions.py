"""What a promotion takes off, once it applies: how much of each line. Amounts are minor units."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from feria_core.money import split
from feria_promotions.pricing.quote import Rule

if TYPE_CHECKING:
    from feria_promotions.pricing.facts import Line, Selection

BASIS = 10_000  # a percentage in basis points: 1,250 is 12.5 %


@dataclass(slots=True)
class Open:
    """A line, what is asked for it before promotions (what thresholds count), and what is left to take from.

    `left` falls as promotions take from the line; only the engine lowers it.
    """

    line: Line
    asked: int
    left: int


@dataclass(frozen=True)
class Cut:
    """What a reduction takes off each line by its id; `shipping` off the shipping, None leaves it alone."""

    amounts: Mapping[UUID, int]
    shipping: int | None = None


@dataclass(frozen=True)
class Missed:
    """Why nothing is taken off; `missing` is what would have to be added: units, or minor units of money."""

    rule: Rule
    missing: int | None = None


class Reduction(Protocol):
    """One kind of promotion."""

    def cut(self, selected: Sequence[Open], everything: Sequence[Open]) -> Cut | Missed:
        """Return what is taken off; lines come sorted by id, `selected` are those that the conditions name."""
        ...


@dataclass(frozen=True)
class Percent:
    """So many basis points of what is left of the selected lines, up to `cap`."""

    basis_points: int
    cap: int | None = None

    def cut(self, selected: Sequence[Open], everything: Sequence[Open]) -> Cut | Missed:
        del everything
        lefts = [one.left for one in selected]
        return _spread(_percent_of(sum(lefts), self.basis_points), self.cap, selected, lefts)


@dataclass(frozen=True)
class Fixed:
    """An amount off the selected lines together; never more than is left of them."""

    amount: int

    def cut(self, selected: Sequence[Open], everything: Sequence[Open]) -> Cut | Missed:
        del everything
        return _spread(self.amount, None, selected, [one.left for one in selected])


@dataclass(frozen=True)
class Tier:
    """From `threshold` on: so many basis points, or else an amount."""

    threshold: int
    basis_points: int = 0
    amount: int = 0


@dataclass(frozen=True)
class Tiers:
    """The highest tier that the selected lines reach, by `quantity` or by `total`."""

    by: str
    tiers: tuple[Tier, ...]

    def cut(self, selected: Sequence[Open], everything: Sequence[Open]) -> Cut | Missed:
        del everything
        reached = sum([one.line.quantity if self.by == "quantity" else one.asked for one in selected])
        tiers = sorted(self.tiers, key=lambda tier: tier.threshold)
        fitting = [tier for tier in tiers if tier.threshold <= reached]
        if not fitting:
            return Missed(Rule.TIER_NOT_REACHED, tiers[0].threshold - reached if tiers else None)
        tier, lefts = fitting[-1], [one.left for one in selected]
        wanted = _percent_of(sum(lefts), tier.basis_points) if tier.basis_points else tier.amount
        return _spread(wanted, None, selected, lefts)


@dataclass(frozen=True)
class FreeShipping:
    """The shipping, up to `cap`; without one, all of it (`ANY_SHIPPING` stands for that)."""

    cap: int | None = None

    def cut(self, selected: Sequence[Open], everything: Sequence[Open]) -> Cut | Missed:
        del everything
        return Cut({}, ANY_SHIPPING if self.cap is None else self.cap) if selected else Missed(Rule.NO_ITEM_SELECTED)


# More than any shipping costs, and small enough to be added up.
ANY_SHIPPING = 10**15


@dataclass(frozen=True)
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

    def cut(self, selected: Sequence[Open], everything: Sequence[Open]) -> Cut | Missed:
        bought = sum(one.line.quantity for one in selected)
        if self.gets is None:
            rounds, pool = bought // (self.buy + self.get), list(selected)
            short = self.buy + self.get - bought
        else:
            given = [one for one in everything if self.gets.names(one.line) and not self.gets.excludes(one.line)]
            rounds, pool, short = self._apart(selected, given)
        if rounds == 0:
            return Missed(Rule.NOT_ENOUGH_BOUGHT, max(short, 1))
        units = min(rounds if self.times is None else min(rounds, self.times), MAX_ROUNDS) * self.get
        return self._give(units, pool)

    def _apart(self, selected: Sequence[Open], given: Sequence[Open]) -> tuple[int, list[Open], int]:
        """Return rounds, what is given from, and how many are short; what is in both sets is bought, not given."""
        ids = {one.line.id for one in selected}
        pool = [one for one in given if one.line.id not in ids]
        bought = sum(one.line.quantity for one in selected)
        rounds = bought // self.buy
        if rounds and not pool:
            return 0, pool, self.get
        return rounds, pool, self.buy - bought

    def _give(self, units: int, pool: Sequence[Open]) -> Cut | Missed:
        amounts: dict[UUID, int] = {}
        for one in sorted(pool, key=lambda one: (one.line.unit_price, one.line.id)):
            taken = min(units, one.line.quantity)
            if taken <= 0:
                break
            units -= taken
            # A share of what is left of the line, so that earlier discounts are not given back.
            amounts[one.line.id] = _percent_of(one.left * taken // one.line.quantity, self.basis_points)
        return Cut(_positive(amounts)) if any(amounts.values()) else Missed(Rule.NOTHING_LEFT)


# Far more rounds than units fit into a basket; it keeps the arithmetic small.
MAX_ROUNDS = 1_000_000


@dataclass(frozen=True)
class Gift:
    """So many units of a variant for nothing, where they are in the basket; the shop offers to add them."""

    variant_id: UUID
    quantity: int = 1

    def cut(self, selected: Sequence[Open], everything: Sequence[Open]) -> Cut | Missed:
        if not any(one.line.variant_id != self.variant_id for one in selected):
            return Missed(Rule.NO_ITEM_SELECTED)
        units, amounts = self.quantity, dict[UUID, int]()
        for one in everything:
            if one.line.variant_id == self.variant_id and units:
                taken = min(units, one.line.quantity)
                units -= taken
                amounts[one.line.id] = one.left * taken // one.line.quantity
        if not amounts:
            return Missed(Rule.GIFT_NOT_IN_BASKET, self.quantity)
        return Cut(_positive(amounts)) if any(amounts.values()) else Missed(Rule.NOTHING_LEFT)


def _percent_of(amount: int, basis_points: int) -> int:
    """Return the share, rounded half up."""
    return (amount * basis_points + BASIS // 2) // BASIS


def _spread(wanted: int, cap: int | None, selected: Sequence[Open], lefts: Sequence[int]) -> Cut | Missed:
    """Return `wanted`, within `cap` and what is left (`lefts`, by line), split over the lines by largest remainder."""
    if not selected:
        return Missed(Rule.NO_ITEM_SELECTED)
    left = sum(lefts)
    amount = min(wanted, left if cap is None else min(cap, left))
    if amount <= 0:
        return Missed(Rule.NOTHING_LEFT)
    # In proportion to what is left, no share exceeds its line: amount <= left.
    shares = split(amount, lefts)
    return Cut({one.line.id: share for one, share in zip(selected, shares, strict=True) if share})


def _positive(amounts: Mapping[UUID, int]) -> dict[UUID, int]:
    return {line_id: amount for line_id, amount in amounts.items() if amount > 0}
