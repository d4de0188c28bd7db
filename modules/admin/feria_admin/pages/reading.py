"""What is typed into one control, as the API takes it; and what the API gave, as the control shows it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from feria_admin.pages.cells import decimal, is_money, share
from feria_admin.pages.fields import Field
from feria_admin.pages.texts import say
from feria_core.money import exponent

MAX_DIGITS = 30
CURRENCY_LENGTH = 3


class NotReadable(Exception):
    """What was typed is nothing that the field can hold; the sentence says why."""


def read(each: Field, text: str, currency: str, locale: str) -> Any:  # noqa: PLR0911 - a table
    """Return the value of what was typed. Raises NotReadable."""
    match each.kind:
        case "flag":
            return {"true": True, "false": False}.get(text, None if each.is_nullable else False)
        case "lines":
            lines = [line.strip() for line in text.split("\n") if line.strip()]
            return [_integer(line, locale) for line in lines] if each.item_type == "integer" else lines
        case "columns":
            return [_columns(each, line, currency, locale) for line in text.split("\n") if line.strip()]
        case "pairs":
            return _pairs(each, text, currency, locale)
        case "json":
            return _json(text, locale)
        case "moment":
            return _moment(text, locale)
    return _counted(each, text, currency, locale)


def _counted(each: Field, text: str, currency: str, locale: str) -> Any:  # noqa: PLR0911 - a table
    match each.kind:
        case "number" | "version":
            return _integer(text, locale)
        case "decimal":
            return float(_number(text, locale))
        case "money":
            return _money(text, currency, locale)
        case "minor":
            return _money(text, currency, locale)["amount"]
        case "percent":
            return _share(text, locale)
        case "amount":
            return _amount(text, currency, locale)
    return text


def shown(each: Field, value: Any, currency: str) -> str:  # noqa: PLR0911 - a table
    """Return what stands in the control of a value; `currency` is the shop's."""
    if value is None:
        return ""
    match each.kind:
        case "flag":
            return "true" if value else "false" if each.is_nullable else ""
        case "lines" if isinstance(value, list):
            return "\n".join(str(item) for item in value)
        case "columns" if isinstance(value, list):
            return "\n".join(_columns_shown(each, one, currency) for one in value)
        case "pairs" if isinstance(value, Mapping):
            return "\n".join(f"{name}: {_pair_shown(each, one)}" for name, one in value.items())
        case "json":
            return json.dumps(value, ensure_ascii=False, indent=2)
        case "moment":
            return _local(str(value))
    return _counted_shown(each, value, currency)


def _counted_shown(each: Field, value: Any, currency: str) -> str:
    if each.kind == "amount" and is_money(value):
        return f"{decimal(value)} {value['currency']}"
    if each.kind == "minor" and isinstance(value, int):
        return decimal({"amount": value, "currency": currency})
    if each.kind == "percent":
        return share(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _integer(text: str, locale: str) -> int:
    number = _number(text, locale)
    if number != number.to_integral_value():
        raise NotReadable(f"{text[:MAX_DIGITS]} {say('number_invalid', locale)}")
    return int(number)


def _number(text: str, locale: str) -> Decimal:
    try:
        number = Decimal(text.strip())
    except InvalidOperation as error:
        raise NotReadable(f"{text[:MAX_DIGITS]} {say('number_invalid', locale)}") from error
    if not number.is_finite() or abs(number.adjusted()) > MAX_DIGITS:
        raise NotReadable(f"{text[:MAX_DIGITS]} {say('number_invalid', locale)}")
    return number


def _money(text: str, currency: str, locale: str) -> dict[str, Any]:
    currency = currency.strip().upper()
    try:
        minor = _number(text.strip().replace(",", "."), locale).scaleb(exponent(currency))
    except NotReadable:
        minor = Decimal("0.5")
    if minor != minor.to_integral_value():
        raise NotReadable(f"{text[:MAX_DIGITS]} {say('money_invalid', locale)}")
    return {"amount": int(minor), "currency": currency}


def _share(text: str, locale: str) -> str:
    """Return a percentage as the decimal text that it is of one: "13" is "0.13"."""
    share = _number(text.strip().rstrip("%").replace(",", "."), locale).scaleb(-2)
    return f"{share.normalize():f}"


def _columns(each: Field, line: str, currency: str, locale: str) -> dict[str, Any]:
    """Return what a line holds: a value for each member, with colons between them; none stands for null."""
    values = [value.strip() for value in line.split(":")]
    if len(values) != len(each.inner):
        raise NotReadable(f"{line.strip()[:MAX_DIGITS]}: {say('columns_invalid', locale)}")
    pairs = zip(each.inner, values, strict=True)
    return {one.name.rpartition(".")[2]: read(one, value, currency, locale) if value else None for one, value in pairs}


def _columns_shown(each: Field, value: Any, currency: str) -> str:
    members = (value.get(one.name.rpartition(".")[2]) if isinstance(value, Mapping) else None for one in each.inner)
    return ": ".join(shown(one, member, currency) for one, member in zip(each.inner, members, strict=True))


def _amount(text: str, currency: str, locale: str) -> Any:
    """A bare number is a percentage, one with a currency is money."""
    number, _, unit = text.strip().rstrip("%").rstrip().rpartition(" ")
    if number and len(unit) == CURRENCY_LENGTH and unit.isalpha():
        return _money(number, unit or currency, locale)
    share = _number(text.strip().rstrip("%").replace(",", "."), locale)
    return int(share) if share == share.to_integral_value() else float(share)


def _pairs(each: Field, text: str, currency: str, locale: str) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for line in filter(str.strip, text.split("\n")):
        name, colon, value = line.partition(":")
        if not colon or not name.strip():
            raise NotReadable(f"{line[:MAX_DIGITS]}: {say('pairs_hint', locale)}")
        pairs[name.strip()] = _pair(each, value.strip(), currency, locale)
    return pairs


def _pair(each: Field, value: str, currency: str, locale: str) -> Any:
    if each.item_type == "money":
        number, _, unit = value.rpartition(" ")
        return _money(number or unit, unit if number else currency, locale) if value else None
    if each.item_type == "array":
        return [one.strip() for one in value.split(",") if one.strip()]
    return _literal(value) if each.item_type != "text" else value


def _literal(value: str) -> Any:
    """Return the value that a word stands for: 5 and true are themselves, "5" is a text, the rest is as written."""
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        return value


def _pair_shown(each: Field, value: Any) -> str:
    if is_money(value):
        return f"{decimal(value)} {value['currency']}"
    if each.item_type == "array" and isinstance(value, list):
        return ", ".join(str(one) for one in value)
    if isinstance(value, str) and "\n" not in value and (each.item_type == "text" or _literal(value) == value):
        return value
    return json.dumps(value, ensure_ascii=False)


def _json(text: str, locale: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise NotReadable(f"{say('json_invalid', locale)}: {error}") from error


def _moment(text: str, locale: str) -> str:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise NotReadable(f"{text[:MAX_DIGITS]} {say('moment_invalid', locale)}") from error
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).isoformat()


def _local(value: str) -> str:
    """Return a moment as `datetime-local` takes it, in UTC to the second."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return ""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if at.tzinfo else ""
