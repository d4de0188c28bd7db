"""The facets of a list, as they go out."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from feria_catalog.custom_fields import definitions as custom_fields
from feria_catalog.custom_fields.definitions import PREFIX as FIELD
from feria_catalog.documents.columns import attribute_token
from feria_catalog.facets import prices
from feria_catalog.facets.counting import Counter
from feria_catalog.facets.index import FacetIndex
from feria_catalog.facets.selecting import ATTRIBUTE, BRAND, CATEGORY, IN_STOCK, ON_SALE, PRICE, RATING, Selection
from feria_catalog.facets.values import BRAND as BRAND_CODE
from feria_catalog.facets.values import CATEGORY as CATEGORY_CODE
from feria_catalog.facets.values import brand_token, category_token, value_in
from feria_catalog.folding import label_of
from feria_catalog.listing.filters import Filters
from feria_core.text import slug_of

# "4 and more", "3 and more", ...
STARS = (4, 3, 2, 1)
ATTRIBUTES = """
SELECT code, name, type, unit, is_filterable FROM catalog_attribute WHERE code = ANY($1::text[])
"""

Json = dict[str, Any]


@dataclass
class Facet:
    """One facet with its counts; `parameter` is the query's name for it."""

    code: str
    parameter: str
    name: str
    type: str
    values: list[Json]
    is_more: bool = False
    unit: str | None = None
    low: float | None = None
    high: float | None = None
    ranges: list[Json] = field(default_factory=list)

    def out(self) -> Json:
        """Return the facet as schemas.FacetOut has it."""
        return {
            "code": self.code, "parameter": self.parameter, "name": self.name, "type": self.type, "unit": self.unit,
            "values": self.values, "more": self.is_more, "min": self.low, "max": self.high, "ranges": self.ranges,
        }  # fmt: skip


# Counted facets that a process remembers, some kilobytes each, until a product changes.
REMEMBERED = 256


def count_facets(index: FacetIndex, selection: Selection, filters: Filters, *, codes: int, values: int) -> list[Facet]:
    """Return every facet of a list with its counts; the answer of before where nothing has changed since."""
    digest = hashlib.blake2b(selection.found.serialize(), digest_size=16).digest()
    key = (digest, repr(filters), codes, values)
    found: list[Facet] | None = index.counted.pop(key, None)
    if found is None:
        found = Facets(index, selection, filters, codes=codes, values=values).found
    index.counted[key] = found
    if len(index.counted) > REMEMBERED:
        index.counted.popitem(last=False)
    return [replace(facet) for facet in found]


class Facets:
    """Counts every facet of a list, each without its own filter. All of it happens before the next `await`."""

    def __init__(self, index: FacetIndex, selection: Selection, filters: Filters, *, codes: int, values: int) -> None:
        self._index = index
        self._selection = selection
        self._filters = filters
        self._values = values
        self._all = Counter(index, selection.all())
        self.found = [*self._fixed(), *self._attributes(codes)]

    def _fixed(self) -> list[Facet]:
        chosen_category = [self._filters.category] if self._filters.category is not None else []
        slugs = [slug_of(brand) for brand in self._filters.brands]
        return [
            self._listed(CATEGORY, "Category", CATEGORY_CODE, list(map(category_token, chosen_category))),
            self._listed(BRAND, "Brand", BRAND_CODE, list(map(brand_token, slugs))),
            self._prices(),
            self._ratings(),
            self._flag(IN_STOCK, "In stock", chosen=self._filters.in_stock),
            self._flag(ON_SALE, "On sale", chosen=self._filters.on_sale),
        ]

    def _attributes(self, limit: int) -> list[Facet]:
        asked = dict.fromkeys([*self._filters.attributes, *self._filters.ranges])
        names = dict.fromkeys([*self._all.codes(limit), *(name for name in asked if name in self._index.codes)])
        found = []
        for name in names:
            tokens = [attribute_token(name, value) for value in self._filters.attributes.get(name, ())]
            facet = self._listed(ATTRIBUTE + name, label_of(name), name, tokens)
            facet.code = name
            if name.startswith(FIELD):
                facet.parameter = name
            found.append(facet)
        return found

    def _listed(self, parameter: str, label: str, code: str, chosen: Sequence[str]) -> Facet:
        """Return the facet of a code's values; those that were chosen are always among them."""
        ids = self._index.ids
        selected = {ids[token] for token in chosen if token in ids}
        counted = self._counter(parameter).values(code, self._values, sorted(selected))
        values = []
        for value_id, count in counted.counts:
            value = self._index.values[value_id]
            values.append(
                {"value": value_in(value.token), "label": value.label, "count": count, "selected": value_id in selected}
            )
        return Facet(
            parameter, parameter, label, "list", values, counted.is_more, low=counted.low, high=counted.high
        )  # fmt: skip

    def _prices(self) -> Facet:
        parts = prices.ranges(self._index.numbers["price_amount"], self._products(PRICE))
        rows = [{"min": part.low, "max": part.high, "count": part.count} for part in parts]
        low, high = (parts[0].low, parts[-1].high) if parts else (None, None)
        return Facet(PRICE, PRICE, "Price", "price", [], low=low, high=high, ranges=rows)

    def _ratings(self) -> Facet:
        products = self._products(RATING)
        ratings = self._index.numbers["rating"].ordered(products)
        values, least = [], self._filters.rating_min
        for stars in STARS:
            count = len(products) - ratings.below(stars * 100)
            if count:
                row = {"value": str(stars), "label": f"{stars}+", "count": count, "selected": least == stars}
                values.append(row)
        return Facet(RATING, "rating_min", "Rating", "rating", values)

    def _flag(self, name: str, label: str, *, chosen: bool | None) -> Facet:
        products = self._products(name)
        yes = products.intersection_cardinality(self._index.flags[name])
        values = [
            {"value": value, "label": text, "count": count, "selected": chosen is (value == "true")}
            for value, text, count in (("true", "Yes", yes), ("false", "No", len(products) - yes))
            if count
        ]
        return Facet(name, name, label, "boolean", values)

    def _products(self, name: str) -> Any:
        return self._selection.without(name)

    def _counter(self, name: str) -> Counter:
        """Return the counter of everything but the facet's own filter."""
        return Counter(self._index, self._products(name)) if name in self._selection.kept else self._all


def attributes_of(facets: Sequence[Facet]) -> list[str]:
    """Return the attributes that `named` is to know, by code."""
    return [facet.code for facet in facets if facet.parameter.startswith(ATTRIBUTE)]


async def named(facets: Sequence[Facet], known: Mapping[str, Mapping[str, Any]]) -> list[Json]:
    """Return the facets as they go out, with the names and units of attributes as they are now.

    `known` are rows of ATTRIBUTES by code. Attributes that are no longer filtered by are left out.
    """
    fields = await custom_fields.load() if any(facet.code.startswith(FIELD) for facet in facets) else {}
    out = []
    for facet in facets:
        own = fields.get(facet.code.removeprefix(FIELD)) if facet.code.startswith(FIELD) else None
        if own is not None:
            facet.name, facet.type = own.definition.name, own.definition.type
        row = known.get(facet.code) if facet.parameter.startswith(ATTRIBUTE) else None
        if row is not None:
            if not row["is_filterable"]:
                continue
            facet.name, facet.type, facet.unit = row["name"], row["type"], row["unit"]
        out.append(facet.out())
    return out
