"""What pieces of an order cost, to the last minor unit: shares by largest remainder that add up exactly. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from feria_core.money import split
from feria_orders.domain import Line


@dataclass(frozen=True)
class Totals:
    """What an order costs, in minor units."""

    grand: int
    tax: int
    tax_included: bool


@dataclass(frozen=True)
class Cost:
    """What so many pieces cost: the goods with their tax, and their share of shipping with its tax."""

    goods: int = 0
    goods_tax: int = 0
    shipping: int = 0
    shipping_tax: int = 0

    def __add__(self, other: Cost) -> Cost:
        return Cost(
            self.goods + other.goods,
            self.goods_tax + other.goods_tax,
            self.shipping + other.shipping,
            self.shipping_tax + other.shipping_tax,
        )

    def without_shipping(self) -> Cost:
        """Return what the goods alone cost."""
        return Cost(self.goods, self.goods_tax)

    @property
    def amount(self) -> int:
        """All of it together."""
        return self.goods + self.shipping

    @property
    def tax(self) -> int:
        """The tax in it."""
        return self.goods_tax + self.shipping_tax


def costs(lines: Sequence[Line], totals: Totals) -> Mapping[UUID, Cost]:
    """Return what each line costs, all its pieces; together exactly the order's grand total.

    What the order costs beyond its lines is shipping, and is shared by what the lines cost. Where the order has
    more discount than its lines and its shipping say, every line bears its share of that.
    """
    goods = [line.total + (0 if totals.tax_included else line.tax) for line in lines]
    taxes = [line.tax for line in lines]
    if totals.grand < sum(goods):
        goods = split(totals.grand, goods)
        taxes = split(min(totals.tax, sum(taxes)), taxes)
    shipping = split(totals.grand - sum(goods), goods)
    shipping_tax = split(max(0, totals.tax - sum(taxes)), goods)
    shares = zip(goods, taxes, shipping, shipping_tax, strict=True)
    return {line.id: Cost(*share) for line, share in zip(lines, shares, strict=True)}


def part(cost: Cost, *, of: int, start: int, count: int) -> Cost:
    """Return what `count` of `of` pieces cost, those after the first `start`: parts of a line add up to the line."""
    return Cost(*(_part(value, of, start, count) for value in _values(cost)))


def _part(value: int, of: int, start: int, count: int) -> int:
    """Return the sum of the pieces' shares: the first `value % of` pieces bear one minor unit more."""

    def first(pieces: int) -> int:
        return pieces * (value // of) + min(pieces, value % of)

    return first(start + count) - first(start)


def _values(cost: Cost) -> tuple[int, int, int, int]:
    return cost.goods, cost.goods_tax, cost.shipping, cost.shipping_tax


def price_of(
    lines: Sequence[Line], totals: Totals, units: Mapping[UUID, int], *, start: str | None = "refunded"
) -> Mapping[UUID, Cost]:
    """Return what so many pieces of the lines cost, by line.

    They are the pieces after the first ones of which `start` counts so many; None begins at the first.
    """
    each = costs(lines, totals)
    return {
        line.id: part(each[line.id], of=line.quantity, start=getattr(line, start) if start else 0, count=units[line.id])
        for line in lines
        if units.get(line.id)
    }


def total(parts: Mapping[UUID, Cost]) -> Cost:
    """Return what the parts cost together."""
    return sum(parts.values(), Cost())
