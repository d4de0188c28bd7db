"""Ranges of prices that cut a list into parts of about the same size, at round numbers. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from pyroaring import BitMap

from feria_catalog.facets.numbers import Numbers

PARTS = 5


@dataclass(frozen=True)
class PriceRange:
    """Prices from `low` up to and including `high`, in minor units, as price_min and price_max take them."""

    low: int
    high: int
    count: int


def ranges(prices: Numbers, products: BitMap) -> list[PriceRange]:
    """Return ranges that together hold every product, in ascending order; none of them is empty."""
    if not products:
        return []
    order, last = prices.ordered(products), len(products) - 1
    low, high = order.nth(0), order.nth(last)
    cuts = {_rounded(order.nth(len(products) * part // PARTS)) for part in range(1, PARTS)}
    found, told, begin = [], 0, low
    for end in [*sorted(cut for cut in cuts if low < cut <= high), high + 1]:
        below = order.below(end)
        if below > told:
            found.append(PriceRange(begin, end - 1, below - told))
            told, begin = below, end
    return found


def _rounded(price: int) -> int:
    """Return the price with its first two digits, rounded: 19,950 is 20,000."""
    unit: int = 10 ** max(0, len(str(price)) - 2)
    return (price + unit // 2) // unit * unit
