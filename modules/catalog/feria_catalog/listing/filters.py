"""What a list is asked for, and the values of statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any


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
