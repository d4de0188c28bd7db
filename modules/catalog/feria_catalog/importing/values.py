"""Values of a row, checked: each function returns the value or raises RowRefused with a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Any

from feria_catalog import folding
from feria_catalog.domain import AttributeValue
from feria_catalog.importing import limits
from feria_catalog.importing.errors import RowRefused
from feria_core.money import MAX_AMOUNT, Money, exponent

STATUSES = ("published", "draft", "archived")
_DECIMAL = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,6})?", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,10})?", re.ASCII)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


def shown(value: Any) -> str:
    """Return the value for a message: short, in quotes."""
    text = str(value)
    return f"'{text[:60]}...'" if len(text) > 60 else f"'{text}'"  # noqa: PLR2004 - enough to recognise it


def text(name: str, value: Any, max_length: int) -> str:
    """Return trimmed text of at most `max_length` characters; numbers become text."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise RowRefused("invalid_text", f"{name} must be text.")
    if "\x00" in value:
        raise RowRefused("nul_character", f"{name} holds the NUL character, which cannot be stored: take it out.")
    if not value.isascii() and _SURROGATE.search(value):
        raise RowRefused("not_utf8", f"{name} is not valid UTF-8: save the file in UTF-8.")
    trimmed = value.strip()
    if len(trimmed) > max_length:
        raise RowRefused(
            "too_long", f"{name} has {len(trimmed)} characters, {max_length} are the most: {shown(trimmed)}."
        )
    return trimmed


def required(name: str, value: Any, max_length: int) -> str:
    """Return text that is not empty."""
    found = text(name, "" if value is None else value, max_length)
    if not found:
        raise RowRefused(f"missing_{name}", f"{name} is empty: every row needs one.")
    return found


def optional(name: str, value: Any, max_length: int) -> str | None:
    """Return text, None where it is empty."""
    return None if value is None else text(name, value, max_length) or None


def decimal_price(name: str, value: Any, currency: str) -> Money:
    """Return the price that `value` writes in the currency's main unit, e.g. `19.99`."""
    written = value.strip() if isinstance(value, str) else str(value)
    places = exponent(currency)
    if written.startswith("-"):
        raise RowRefused("negative_price", f"{name} is {shown(written)}: a price is 0 or more.")
    if not _DECIMAL.fullmatch(written):
        raise RowRefused(
            "invalid_price",
            f"{name} is {shown(written)}: write digits and a point before decimals, like 1234.50, and no currency.",
        )
    minor = Decimal(written).scaleb(places)
    if minor != minor.to_integral_value():
        raise RowRefused("invalid_price", f"{name} is {shown(written)}: {currency} has {places} decimals.")
    return _bounded(name, int(minor), currency)


def minor_price(name: str, value: Any, currency: str) -> Money:
    """Return the price that `value` writes in whole minor units, e.g. `1999`."""
    return _bounded(name, _whole(name, value, "invalid_price", "whole minor units, like 1999"), currency)


def money(name: str, value: Any, currency: str) -> Money:
    """Return the price of `{"amount": 1999, "currency": "USD"}` or of a decimal as text."""
    if isinstance(value, str):
        return decimal_price(name, value, currency)
    if not isinstance(value, Mapping) or set(value) != {"amount", "currency"}:
        raise RowRefused("invalid_price", f'{name} must be {{"amount": 1999, "currency": "{currency}"}} or "19.99".')
    check_currency(value["currency"], currency)
    return minor_price(name, value["amount"], currency)


def check_currency(found: Any, currency: str) -> None:
    """Refuse a price in another currency than the shop's."""
    if found != currency:
        raise RowRefused("wrong_currency", f"the price is in {shown(found)}, this shop sells in {currency}.")


def count(name: str, value: Any, maximum: int) -> int:
    """Return a whole number from 0 to `maximum`."""
    number = _whole(name, value, f"invalid_{name}", "a whole number, 0 or more")
    if number > maximum:
        raise RowRefused(f"invalid_{name}", f"{name} is {number}: {maximum} is the most.")
    return number


def slug(value: Any) -> str | None:
    """Return the slug, None where there is none."""
    found = optional("slug", value, limits.SLUG)
    if found is not None and not _SLUG.fullmatch(found):
        raise RowRefused("invalid_slug", f"slug is {shown(found)}: use a-z, 0-9 and single hyphens, like oak-table.")
    return found


def status(value: Any) -> str:
    """Return the status, `published` where none is given."""
    found = optional("status", value, 20) or "published"
    if found not in STATUSES:
        raise RowRefused("invalid_status", f"status is {shown(found)}: use one of {', '.join(STATUSES)}.")
    return found


def category_path(value: Any, separator: str = ">") -> tuple[str, ...]:
    """Return the names from the root down, of `Furniture > Tables` or of a list of names."""
    if value is None:
        return ()
    parts = value if isinstance(value, list) else text("category", value, limits.DESCRIPTION).split(separator)
    names = [text("category", part, limits.CATEGORY) for part in parts]
    path = tuple(name for name in names if name)
    if len(path) > limits.CATEGORY_DEPTH:
        raise RowRefused("category_too_deep", f"category has {len(path)} levels: {limits.CATEGORY_DEPTH} are the most.")
    return path


@lru_cache(maxsize=8192)
def attribute_code(name: str) -> str:
    """Return `name` as a code: `Screen size` is `screen_size`."""
    written = text("attribute", name, limits.ATTRIBUTE_CODE)
    if not written:
        raise RowRefused("invalid_attribute", "an attribute has no name: give it one.")
    return folding.attribute_code(written)


def attribute_cell(name: str, cell: str) -> AttributeValue:
    """Return the value of a CSV cell: true and false, a number, a list with `|` between its parts, or text."""
    written = text(name, cell, limits.ATTRIBUTE_TEXT)
    if written in ("true", "false"):
        return written == "true"
    if _NUMBER.fullmatch(written):
        return _plain_number(Decimal(written))
    if "|" in written:
        return attribute(name, [part for part in written.split("|") if part.strip()])
    return written


def attribute(name: str, value: Any) -> AttributeValue:
    """Return the value of a JSON attribute: text, a number, true or false, or a list of texts."""
    if isinstance(value, bool):
        return value
    if isinstance(value, (int, Decimal)):
        number = Decimal(value)
        if abs(number) > limits.ATTRIBUTE_NUMBER or int(number.as_tuple().exponent) < -limits.ATTRIBUTE_DECIMALS:
            raise RowRefused("invalid_attribute", f"{name} is {shown(value)}: the number is too long.")
        return _plain_number(number)
    if isinstance(value, list):
        if len(value) > limits.ATTRIBUTE_VALUES:
            raise RowRefused(
                "invalid_attribute", f"{name} has {len(value)} values: {limits.ATTRIBUTE_VALUES} are the most."
            )
        return [text(name, part, limits.ATTRIBUTE_TEXT) for part in value]
    return text(name, value, limits.ATTRIBUTE_TEXT)


def options(values: Mapping[str, Any]) -> dict[str, str]:
    """Return what tells the variants of a product apart, e.g. `{"size": "160"}`."""
    if len(values) > limits.OPTIONS:
        raise RowRefused("too_many_options", f"a variant has {len(values)} options: {limits.OPTIONS} are the most.")
    return {
        required("option", name, limits.OPTION_NAME): required(f"option.{name}", value, limits.OPTION_VALUE)
        for name, value in values.items()
    }


def _plain_number(value: Decimal) -> int | Decimal:
    if value == value.to_integral_value():
        return int(value)
    return value.normalize()


def _whole(name: str, value: Any, code: str, shape: str) -> int:
    if isinstance(value, Decimal) and value == value.to_integral_value() and abs(value) <= MAX_AMOUNT:
        value = int(value)
    written = value.strip() if isinstance(value, str) else str(value)
    if written.startswith("-"):
        raise RowRefused(code.replace("invalid_price", "negative_price"), f"{name} is {shown(written)}: use 0 or more.")
    if isinstance(value, bool) or not _WHOLE.fullmatch(written):
        raise RowRefused(code, f"{name} is {shown(written)}: write {shape}.")
    return int(written)


def _bounded(name: str, amount: int, currency: str) -> Money:
    if amount > MAX_AMOUNT:
        raise RowRefused("price_too_large", f"{name} is {amount} minor units: {MAX_AMOUNT} is the most.")
    return Money(amount, currency)
