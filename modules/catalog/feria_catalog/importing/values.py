"""Values of a row, checked: each function returns the value or raises RowRefused with a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from feria_catalog import folding
from feria_catalog.domain import AttributeValue, ImageUrl, MediaInput
from feria_catalog.importing import limits
from feria_catalog.importing.errors import RowRefused
from feria_core.money import MAX_AMOUNT, Money, exponent

STATUSES = ("published", "draft", "archived")
# As the staff's own route has it: every zone's moment is a date in UTC too.
EARLIEST, LATEST = datetime(1970, 1, 1, tzinfo=UTC), datetime(3000, 1, 1, tzinfo=UTC)
_DECIMAL = re.compile(r"[0-9]{1,18}(?:\.[0-9]{1,6})?", re.ASCII)
_WHOLE = re.compile(r"[0-9]{1,18}", re.ASCII)
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,10})?", re.ASCII)
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class Exact(str):
    """Text that is taken as it stands: blanks at its ends belong to it."""

    __slots__ = ()


def exact(value: Any) -> Any:
    """Return a JSON value with all its text, names in objects too, as exact text."""
    if isinstance(value, str):
        return Exact(value)
    if isinstance(value, list):
        return [exact(inner) for inner in value]
    if isinstance(value, dict):
        return {Exact(name): exact(inner) for name, inner in value.items()}
    return value


def shown(value: Any) -> str:
    """Return the value for a message: short, in quotes."""
    text = str(value)
    return f"'{text[:60]}...'" if len(text) > 60 else f"'{text}'"  # noqa: PLR2004 - enough to recognise it


def text(name: str, value: Any, max_length: int) -> str:
    """Return trimmed text of at most `max_length` characters, exact text untrimmed; numbers become text."""
    if isinstance(value, (int, Decimal)) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise RowRefused("invalid_text", f"{name} must be text.", name)
    if "\x00" in value:
        raise RowRefused("nul_character", f"{name} holds the NUL character, which cannot be stored: take it out.", name)
    if not value.isascii() and _SURROGATE.search(value):
        raise RowRefused("not_utf8", f"{name} is not valid UTF-8: save the file in UTF-8.", name)
    trimmed = str(value) if isinstance(value, Exact) else value.strip()
    if len(trimmed) > max_length:
        raise RowRefused(
            "too_long", f"{name} has {len(trimmed)} characters, {max_length} are the most: {shown(trimmed)}.", name
        )
    return trimmed


def required(name: str, value: Any, max_length: int) -> str:
    """Return text that is not empty."""
    found = text(name, "" if value is None else value, max_length)
    if not found:
        raise RowRefused(f"missing_{name}", f"{name} is empty: every row needs one.", name)
    return found


def optional(name: str, value: Any, max_length: int) -> str | None:
    """Return text, None where it is empty."""
    return None if value is None else text(name, value, max_length) or None


def decimal_price(name: str, value: Any, currency: str) -> Money:
    """Return the price that `value` writes in the currency's main unit, e.g. `19.99`."""
    written = value.strip() if isinstance(value, str) else str(value)
    places = exponent(currency)
    if written.startswith("-"):
        raise RowRefused("negative_price", f"{name} is {shown(written)}: a price is 0 or more.", name)
    if not _DECIMAL.fullmatch(written):
        raise RowRefused(
            "invalid_price",
            f"{name} is {shown(written)}: write digits and a point before decimals, like 1234.50, and no currency.",
            name,
        )
    minor = Decimal(written).scaleb(places)
    if minor != minor.to_integral_value():
        raise RowRefused("invalid_price", f"{name} is {shown(written)}: {currency} has {places} decimals.", name)
    return _bounded(name, int(minor), currency)


def minor_price(name: str, value: Any, currency: str) -> Money:
    """Return the price that `value` writes in whole minor units, e.g. `1999`."""
    return _bounded(name, _whole(name, value, "invalid_price", "whole minor units, like 1999"), currency)


def money(name: str, value: Any, currency: str) -> Money:
    """Return the price of `{"amount": 1999, "currency": "USD"}` or of a decimal as text."""
    if isinstance(value, str):
        return decimal_price(name, value, currency)
    if not isinstance(value, Mapping) or set(value) != {"amount", "currency"}:
        raise RowRefused(
            "invalid_price", f'{name} must be {{"amount": 1999, "currency": "{currency}"}} or "19.99".', name
        )
    check_currency(value["currency"], currency)
    return minor_price(name, value["amount"], currency)


def check_currency(found: Any, currency: str) -> None:
    """Refuse a price in another currency than the shop's."""
    if found != currency:
        raise RowRefused("wrong_currency", f"the price is in {shown(found)}, this shop sells in {currency}.", "price")


def count(name: str, value: Any, maximum: int) -> int:
    """Return a whole number from 0 to `maximum`."""
    number = _whole(name, value, f"invalid_{name}", "a whole number, 0 or more")
    if number > maximum:
        raise RowRefused(f"invalid_{name}", f"{name} is {number}: {maximum} is the most.", name)
    return number


def slug(value: Any) -> str | None:
    """Return the slug, None where there is none."""
    found = optional("slug", value, limits.SLUG)
    if found is not None and not _SLUG.fullmatch(found):
        message = f"slug is {shown(found)}: use a-z, 0-9 and single hyphens, like oak-table."
        raise RowRefused("invalid_slug", message, "slug")
    return found


def status(value: Any) -> str:
    """Return the status, `published` where none is given."""
    found = optional("status", value, 20) or "published"
    if found not in STATUSES:
        raise RowRefused("invalid_status", f"status is {shown(found)}: use one of {', '.join(STATUSES)}.", "status")
    return found


def category_path(value: Any, separator: str = ">") -> tuple[str, ...]:
    """Return the names from the root down, of `Furniture > Tables` or of a list of names."""
    if value is None:
        return ()
    parts = value if isinstance(value, list) else text("category", value, limits.DESCRIPTION).split(separator)
    names = (text("category", part, limits.CATEGORY) for part in parts)
    path = tuple(name for name in names if name)
    if len(path) > limits.CATEGORY_DEPTH:
        message = f"category has {len(path)} levels: {limits.CATEGORY_DEPTH} are the most."
        raise RowRefused("category_too_deep", message, "category")
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
            raise RowRefused("invalid_attribute", f"{name} is {shown(value)}: the number is too long.", name)
        return _plain_number(number)
    if isinstance(value, list):
        if len(value) > limits.ATTRIBUTE_VALUES:
            raise RowRefused(
                "invalid_attribute", f"{name} has {len(value)} values: {limits.ATTRIBUTE_VALUES} are the most.", name
            )
        return [text(name, part, limits.ATTRIBUTE_TEXT) for part in value]
    return text(name, value, limits.ATTRIBUTE_TEXT)


def moment(name: str, value: Any) -> datetime | None:
    """Return the moment that ISO 8601 text with an offset writes, None where it is empty."""
    written = optional(name, value, 40)
    if written is None:
        return None
    try:
        found = datetime.fromisoformat(written)
        if found.tzinfo is not None and EARLIEST <= found.astimezone(UTC) < LATEST:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise RowRefused(f"invalid_{name}", f"{name} is {shown(written)}: write it like 2026-11-20T18:00:00Z.", name)


def yes_or_no(name: str, value: Any) -> bool | None:
    """Return true or false, None where it is empty."""
    if value is None or isinstance(value, bool):
        return value
    written = optional(name, value, 10)
    if written not in (None, "true", "false"):
        raise RowRefused(f"invalid_{name}", f"{name} is {shown(written)}: write true or false.", name)
    return None if written is None else written == "true"


def media(value: Any) -> tuple[MediaInput, ...]:
    """Return pictures of the media store, of `[{"key": ..., "alt": ...}]` or of keys with blanks between.

    Their sizes are 0 until the store is asked.
    """
    entries = value.split() if isinstance(value, str) else value
    if not isinstance(entries, list) or len(entries) > limits.MEDIA:
        raise RowRefused("invalid_media", f"media must be a list of at most {limits.MEDIA} pictures.", "media")
    found = []
    for entry in entries:
        fields = {"key": entry} if isinstance(entry, str) else entry
        if not isinstance(fields, Mapping) or not set(fields) <= {"key", "alt"}:
            raise RowRefused("invalid_media", 'media must be like [{"key": "0a1b2c3d.webp", "alt": "Oak"}].', "media")
        key = required("media", fields.get("key"), limits.NAME)
        found.append(MediaInput(key, text("media", fields.get("alt") or "", limits.MEDIA_ALT), 0, 0))
    return tuple(found)


def images(value: Any) -> tuple[ImageUrl, ...]:
    """Return pictures to fetch, of `[{"url": ..., "alt": ...}]` or of addresses with blanks between."""
    entries = value.split() if isinstance(value, str) else value
    if not isinstance(entries, list) or len(entries) > limits.MEDIA:
        raise RowRefused("invalid_images", f"images must be a list of at most {limits.MEDIA} addresses.", "images")
    found: dict[str, ImageUrl] = {}
    for entry in entries:
        fields = {"url": entry} if isinstance(entry, str) else entry
        if not isinstance(fields, Mapping) or not set(fields) <= {"url", "alt"}:
            raise RowRefused("invalid_images", 'images must be like [{"url": "https://...", "alt": "Oak"}].', "images")
        url = required("images", fields.get("url"), limits.URL)
        if not url.lower().startswith(("https://", "http://")):
            raise RowRefused("invalid_images", f"{shown(url)} is no address: write https://...", "images")
        found.setdefault(url, ImageUrl(url, text("images", fields.get("alt") or "", limits.MEDIA_ALT)))
    return tuple(found.values())


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
        code = code.replace("invalid_price", "negative_price")
        raise RowRefused(code, f"{name} is {shown(written)}: use 0 or more.", name)
    if isinstance(value, bool) or not _WHOLE.fullmatch(written):
        raise RowRefused(code, f"{name} is {shown(written)}: write {shape}.", name)
    return int(written)


def _bounded(name: str, amount: int, currency: str) -> Money:
    if amount > MAX_AMOUNT:
        raise RowRefused("price_too_large", f"{name} is {amount} minor units: {MAX_AMOUNT} is the most.", name)
    return Money(amount, currency)
