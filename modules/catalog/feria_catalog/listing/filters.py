"""What a list is asked for, as conditions on documents. Values travel apart from the text."""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from feria_catalog.documents.columns import attribute_token
from feria_core.text import slug_of


@dataclass(frozen=True)
class Filters:
    """What products must be like; None and empty ask for nothing."""

    category: str | None = None
    brands: Sequence[str] = ()
    price_min: int | None = None
    price_max: int | None = None
    in_stock: bool | None = None
    on_sale: bool | None = None
    rating_min: Decimal | None = None
    attributes: Mapping[str, Sequence[str]] = field(default_factory=dict)
    # Bounds of numbers in the attribute's normalised unit, both included; None is no bound.
    ranges: Mapping[str, tuple[float | None, float | None]] = field(default_factory=dict)
    # The products of a collection: numbers for one by hand, filters for one by rule.
    numbers: Collection[int] | None = None
    rule: Filters | None = None


class Statement:
    """The values of a statement that is being put together; `add` returns the place of a value."""

    def __init__(self) -> None:
        self.values: list[Any] = []

    def add(self, value: Any) -> str:
        """Take one more value; return its placeholder."""
        self.values.append(value)
        return f"${len(self.values)}"


def conditions(filters: Filters, statement: Statement, now: Any) -> list[str]:
    """Return the conditions that shown products must meet, at the time `now`."""
    at = statement.add(now)
    found = [f"d.listed_from <= {at}", f"d.listed_until > {at}"]
    if filters.category is not None:
        found.append(f"d.category_path @> ARRAY[{statement.add(filters.category)}::text]")
    if filters.brands:
        found.append(f"d.brand_slug = ANY({statement.add([slug_of(brand) for brand in filters.brands])}::text[])")
    if filters.price_min is not None:
        found.append(f"d.price_amount >= {statement.add(filters.price_min)}")
    if filters.price_max is not None:
        found.append(f"d.price_amount <= {statement.add(filters.price_max)}")
    if filters.rating_min is not None:
        found.append(f"d.rating >= {statement.add(filters.rating_min)}")
    for name, wish in (("in_stock", filters.in_stock), ("on_sale", filters.on_sale)):
        if wish is not None:
            found.append(f"d.{name} = {statement.add(wish)}")
    for code, values in filters.attributes.items():
        tokens = [attribute_token(code, value) for value in values]
        found.append(f"d.attribute_values && {statement.add(tokens)}::text[]")
    for code, (low, high) in filters.ranges.items():
        least = statement.add(-math.inf if low is None else low)
        most = statement.add(math.inf if high is None else high)
        found.append(
            "d.attribute_values && ARRAY(SELECT v.token FROM catalog_facet_value v"
            f" WHERE v.code = {statement.add(code)} AND v.number BETWEEN {least}::float8 AND {most}::float8)"
        )
    return found
