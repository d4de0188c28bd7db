"""Attributes of products as they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from feria_catalog.domain import AttributeValue
from feria_catalog.folding import attribute_code

# Beyond this JSON readers lose digits.
_MAX_NUMBER = 2**53


def stored(attributes: Mapping[str, AttributeValue]) -> dict[str, Any]:
    """Return the attributes by code, with values as JSON knows them."""
    return {attribute_code(name): stored_value(value) for name, value in attributes.items()}


def type_of(value: Any) -> str:
    """Return the type that an attribute gets from the first value seen."""
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, (int, float)):
        return "number"
    return "list" if isinstance(value, list) else "text"


def stored_value(value: AttributeValue) -> Any:
    """Return the value as JSON knows it: numbers that JSON readers would bend are text."""
    if isinstance(value, (str, list)):
        return value
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value) > _MAX_NUMBER:
            return str(value)
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, int) and abs(value) > _MAX_NUMBER:
        return str(value)
    return value
