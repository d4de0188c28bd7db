"""Definitions of attributes, and the values that fit them. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from feria_catalog import units
from feria_core.text import fold

# Those that staff choose from.
TYPES = ("text", "int", "decimal", "bool", "enum", "multi", "date")
# Those that attributes have which nobody declared, by the first value seen; any value fits them.
SEEN_TYPES = ("text", "number", "boolean", "list")
NUMERIC = frozenset(("int", "decimal", "number"))
LEVELS = ("product", "variant")
MAX_TEXT = 1000
MAX_VALUES = 50
# Beyond this JSON readers lose digits.
MAX_NUMBER = 2**53
MAX_DECIMALS = 10


class BadValue(ValueError):
    """A value does not fit its attribute; `code` is stable, the text is a sentence with the value."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Definition:
    """An attribute as staff declared it, or as its first value made it."""

    code: str
    name: str
    type: str
    unit: str | None = None
    group: str | None = None
    is_filterable: bool = True
    allowed_values: tuple[str, ...] = ()
    level: str = "product"
    position: int = 0
    is_declared: bool = False

    def fit(self, value: Any) -> Any:
        """Return the value as it is stored. Raises BadValue where the attribute takes no such value."""
        if not self.is_declared:
            return plain(value)
        return _FITS[self.type](self, value)

    def number(self, value: Any) -> Decimal | None:
        """Return the value as a number of the attribute's own unit, a date as its day; None where it has none."""
        return number_of(self.type, self.unit, value)


def plain(value: Any) -> Any:
    """Return the value as JSON knows it: numbers that JSON readers would bend are text."""
    if isinstance(value, Decimal):
        if not value.is_finite() or abs(value) > MAX_NUMBER:
            return str(value)
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, int) and abs(value) > MAX_NUMBER:
        return str(value)
    return value


def number_of(type_: str, unit: str | None, value: Any) -> Decimal | None:
    """Return the number behind a stored value: what ranges and facets compare."""
    if isinstance(value, bool):
        return None
    if type_ in NUMERIC:
        if isinstance(value, (int, float, Decimal)):
            return Decimal(str(value))
        return units.number_in(value, unit) if isinstance(value, str) else None
    if type_ == "date" and isinstance(value, str):
        return _day(value)
    return None


def shown(type_: str, unit: str | None, value: Any) -> tuple[Any, str | None]:
    """Return value and unit as pages show them: "1.5 kg" of an attribute in grams is 1.5 and kg."""
    if type_ in NUMERIC and isinstance(value, str):
        quantity = units.parse(value)
        if quantity is not None and quantity.unit is not None:
            return plain(quantity.value), quantity.unit
    return value, unit


def plain_number(number: Decimal) -> str:
    """Return the number as filters write it: 1500, 1.5, without exponent or zeros at the end."""
    written = format(number, "f")
    return written.rstrip("0").rstrip(".") if "." in written else written


def _day(text: str) -> Decimal | None:
    try:
        return Decimal(date.fromisoformat(text).toordinal())
    except ValueError:
        return None


def _text(definition: Definition, value: Any) -> str:
    if isinstance(value, (int, Decimal, float)) and not isinstance(value, bool):
        return str(plain(value))
    if not isinstance(value, str) or not value.strip() or len(value) > MAX_TEXT:
        raise BadValue("wrong_type", f"{definition.name} takes text of 1 to {MAX_TEXT} characters.")
    return value.strip()


def _decimal(definition: Definition, value: Any) -> Any:
    unit = definition.unit
    if isinstance(value, bool) or not isinstance(value, (int, float, Decimal, str)):
        raise BadValue("wrong_type", f"{definition.name} takes a number{_with_unit(unit)}.")
    if not isinstance(value, str):
        _bounded(definition, Decimal(str(value)))
        return plain(value)
    quantity = units.parse(value)
    number = units.number_in(value, unit)
    if quantity is None or number is None:
        raise BadValue("wrong_type", f"{definition.name} takes a number{_with_unit(unit)}, not '{value[:60]}'.")
    _bounded(definition, number)
    if quantity.unit is None or quantity.unit == unit:
        return plain(quantity.value)
    return f"{plain_number(quantity.value)} {quantity.unit}"


def _int(definition: Definition, value: Any) -> Any:
    stored = _decimal(definition, value)
    number = definition.number(stored)
    if number is None or number != number.to_integral_value():
        raise BadValue("wrong_type", f"{definition.name} takes a whole number{_with_unit(definition.unit)}.")
    return stored


def _bounded(definition: Definition, number: Decimal) -> None:
    if not number.is_finite() or abs(number) > MAX_NUMBER:
        raise BadValue("too_large", f"{definition.name} takes numbers up to {MAX_NUMBER}.")


def _bool(definition: Definition, value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadValue("wrong_type", f"{definition.name} takes true or false.")
    return value


def _enum(definition: Definition, value: Any) -> str:
    written = _text(definition, str(value).lower() if isinstance(value, bool) else value)
    by_fold = {fold(allowed): allowed for allowed in definition.allowed_values}
    if definition.allowed_values and fold(written) not in by_fold:
        some = ", ".join(definition.allowed_values[:10])
        raise BadValue("not_allowed", f"{definition.name} takes one of: {some}; not '{written[:60]}'.")
    return by_fold.get(fold(written), written)


def _multi(definition: Definition, value: Any) -> list[str]:
    values = value if isinstance(value, list) else [value]
    if not 1 <= len(values) <= MAX_VALUES:
        raise BadValue("wrong_type", f"{definition.name} takes 1 to {MAX_VALUES} values.")
    return list(dict.fromkeys(_enum(definition, one) for one in values))


def _date(definition: Definition, value: Any) -> str:
    if not isinstance(value, str) or _day(value.strip()) is None:
        raise BadValue("wrong_type", f"{definition.name} takes a day, like 2026-11-20.")
    return date.fromisoformat(value.strip()).isoformat()


def _with_unit(unit: str | None) -> str:
    return f", alone or with a unit like '{unit}'" if unit else ""


_FITS: Mapping[str, Any] = {
    "text": _text, "int": _int, "decimal": _decimal, "bool": _bool, "enum": _enum, "multi": _multi, "date": _date,
    "number": _decimal, "boolean": _bool, "list": _multi,
}  # fmt: skip
