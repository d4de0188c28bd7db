"""What a list is asked for, as bitmaps: one for each filter, so that each facet can be counted without its own."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import reduce

from pyroaring import BitMap

from feria_catalog.documents.columns import attribute_token
from feria_catalog.facets.index import FacetIndex, chosen
from feria_catalog.facets.values import brand_token, category_token
from feria_catalog.listing.filters import Filters
from feria_core.text import slug_of

# How filters are named among themselves; those of attributes as in the query, "attr.<code>".
CATEGORY, BRAND, PRICE, RATING, IN_STOCK, ON_SALE = "category", "brand", "price", "rating", "in_stock", "on_sale"
COLLECTION = "collection"
ATTRIBUTE = "attr."


@dataclass
class Selection:
    """The products that are shown and found, and those that each filter keeps."""

    found: BitMap
    kept: dict[str, BitMap] = field(default_factory=dict)

    def all(self) -> BitMap:
        """Return what every filter keeps."""
        return chosen([self.found, *self.kept.values()])

    def without(self, name: str) -> BitMap:
        """Return what every filter but this one keeps."""
        return chosen([self.found, *(kept for other, kept in self.kept.items() if other != name)])


def select(index: FacetIndex, filters: Filters, now: datetime, *, matching: BitMap | None = None) -> Selection:
    """Return the products that are shown at `now`, of `matching` alone where a search found those."""
    shown = index.schedule.shown(now)
    selection = Selection(shown if matching is None else shown & matching)
    kept = selection.kept
    if filters.category is not None:
        kept[CATEGORY] = index.members(category_token(filters.category))
    if filters.brands:
        kept[BRAND] = _any([index.members(brand_token(slug_of(brand))) for brand in filters.brands])
    for name, wish in ((IN_STOCK, filters.in_stock), (ON_SALE, filters.on_sale)):
        if wish is not None:
            kept[name] = index.flags[name] if wish else index.products - index.flags[name]
    for code, values in filters.attributes.items():
        kept[ATTRIBUTE + code] = _any([index.members(attribute_token(code, value)) for value in values])
    for code, (low, high) in filters.ranges.items():
        within = index.in_range(code, low, high)
        name = ATTRIBUTE + code
        kept[name] = kept[name] & within if name in kept else within
    if filters.numbers is not None:
        kept[COLLECTION] = BitMap(filters.numbers)
    if filters.rule is not None:
        kept[COLLECTION] = select(index, filters.rule, now).all()
    _keep_numbers(index, filters, selection)
    return selection


def _keep_numbers(index: FacetIndex, filters: Filters, selection: Selection) -> None:
    """Add the ranges; they are worked out among what was found."""
    if filters.price_min is not None or filters.price_max is not None:
        kept = selection.found
        if filters.price_min is not None:
            kept = index.numbers["price_amount"].at_least(kept, filters.price_min)
        if filters.price_max is not None:
            kept = index.numbers["price_amount"].at_most(kept, filters.price_max)
        selection.kept[PRICE] = kept
    if filters.rating_min is not None:
        least = -int(-filters.rating_min * 100 // 1)
        selection.kept[RATING] = index.numbers["rating"].at_least(selection.found, least)


def _any(bitmaps: list[BitMap]) -> BitMap:
    return reduce(lambda some, other: some | other, bitmaps)
