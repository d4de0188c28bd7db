"""Forms: what stands in them at first, and the body that comes of what was typed."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from feria_admin.pages.cells import is_money
from feria_admin.pages.drawn import member
from feria_admin.pages.fields import Field
from feria_admin.pages.texts import say
from feria_core.money import exponent

Typed = Mapping[str, str]
MAX_DIGITS = 30


class NotReadable(Exception):
    """What was typed is nothing that the field can hold; the sentence says why."""


@dataclass
class Form:
    """Fields with what stands in them, by the name of the control."""

    fields: tuple[Field, ...]
    values: dict[str, str] = field(default_factory=dict)
    errors: dict[str, str] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)
    problem: Mapping[str, Any] | None = None


def filled_in(fields: tuple[Field, ...], thing: Mapping[str, Any] | None, *, currency: str) -> Form:
    """Return the form as it is first shown: the thing's members, else the defaults."""
    values: dict[str, str] = {}
    for each in leaves(fields):
        value = each.default if thing is None else member(thing, each.name)
        if each.kind == "money":
            known = is_money(value)
            values[f"{each.name}.currency"] = value["currency"] if known else currency
            values[each.name] = _decimal(value) if known else ""
        else:
            values[each.name] = _shown(each, value)
    return Form(fields, values)


def leaves(fields: tuple[Field, ...]) -> Iterator[Field]:
    """Give the fields that have a control."""
    for each in fields:
        if each.kind == "group":
            yield from each.inner
        else:
            yield each


def body_of(form: Form, typed: Typed, *, is_change: bool, locale: str) -> dict[str, Any]:
    """Return the body of what was typed; `form` keeps it, with an error at each field that cannot be read.

    A change sends what differs from what stood there, and what the body always needs.
    """
    before = dict(form.values)
    switches = {each.name for each in leaves(form.fields) if each.kind == "flag"}
    for name in control_names(form.fields):
        # A switch that is off is not sent at all; of anything else that is missing, what stood there stays.
        form.values[name] = typed.get(name, "" if name in switches else before[name]).replace("\r\n", "\n")
    body: dict[str, Any] = {}
    for each in form.fields:
        if each.kind == "group":
            _put_group(body, each, form, before, is_change=is_change, locale=locale)
        else:
            _put(body, each, form, before, is_change=is_change, locale=locale)
    return body


def control_names(fields: tuple[Field, ...]) -> Iterator[str]:
    """Give the name of each control."""
    for each in leaves(fields):
        yield each.name
        if each.kind == "money":
            yield f"{each.name}.currency"


def explain(form: Form, problem: Mapping[str, Any]) -> None:
    """Write the API's refusal to the fields that it is about, and the rest above the form."""
    form.problem = problem
    names = set(control_names(form.fields)) | {each.name for each in form.fields}
    for error in problem.get("errors") or ():
        place = [str(part) for part in error.get("loc", ())][1:]
        message = str(error.get("message", ""))
        for length in range(len(place), 0, -1):
            name = ".".join(place[:length])
            if name in names:
                form.errors.setdefault(name, message)
                break
        else:
            form.general.append(": ".join(filter(None, (".".join(place), message))))


def _put_group(body: dict[str, Any], group: Field, form: Form, before: Typed, *, is_change: bool, locale: str) -> None:
    names = list(control_names((group,)))
    if is_change and not group.is_required and all(form.values[name] == before.get(name, "") for name in names):
        return
    inner: dict[str, Any] = {}
    for each in group.inner:
        _put(inner, each, form, {}, is_change=False, locale=locale)
    typed = any(form.values[each.name] for each in group.inner if each.kind != "flag")
    if typed or group.is_required or any(value is True for value in inner.values()):
        body[group.name] = inner
    elif is_change and group.is_nullable:
        body[group.name] = None


def _put(body: dict[str, Any], each: Field, form: Form, before: Typed, *, is_change: bool, locale: str) -> None:
    name, text = each.name.rpartition(".")[2], form.values[each.name]
    names = list(control_names((each,)))
    is_same = all(form.values[part] == before.get(part, "") for part in names)
    if is_change and is_same and not each.is_required and each.kind != "version":
        return
    if not text.strip() and each.kind != "flag":
        if is_change and not is_same:
            body[name] = _emptied(each)
        elif each.is_required and each.kind in ("text", "long", "lines"):
            body[name] = [] if each.kind == "lines" else ""
        return
    try:
        value = _read(each, text, form, locale)
    except NotReadable as error:
        form.errors[each.name] = str(error)
        return
    if each.kind == "flag" and value is None:
        if is_change:
            body[name] = None
        return
    body[name] = value


def _emptied(each: Field) -> Any:
    """Return what takes a value away: empty text where it may be empty, since null may mean that it stays."""
    if each.kind == "lines":
        return []
    may_be_empty = each.kind in ("text", "long") and not each.min_length
    return "" if may_be_empty or not each.is_nullable else None


def _read(each: Field, text: str, form: Form, locale: str) -> Any:  # noqa: PLR0911 - a table
    match each.kind:
        case "flag":
            return {"true": True, "false": False}.get(text, None if each.is_nullable else False)
        case "number" | "version":
            return _integer(text, locale)
        case "decimal":
            return float(_number(text, locale))
        case "money":
            return _money(text, form.values[f"{each.name}.currency"], locale)
        case "lines":
            lines = [line.strip() for line in text.split("\n") if line.strip()]
            return [_integer(line, locale) for line in lines] if each.item_type == "integer" else lines
        case "json":
            return _json(text, locale)
        case "moment":
            return _moment(text, locale)
    return text


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


def _decimal(value: Mapping[str, Any]) -> str:
    return f"{Decimal(value['amount']).scaleb(-exponent(value['currency'])):f}"


def _shown(each: Field, value: Any) -> str:
    if value is None:
        return ""
    match each.kind:
        case "flag":
            return "true" if value else "false" if each.is_nullable else ""
        case "lines" if isinstance(value, list):
            return "\n".join(str(item) for item in value)
        case "json":
            return json.dumps(value, ensure_ascii=False, indent=2)
        case "moment":
            return _local(str(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _local(value: str) -> str:
    """Return a moment as `datetime-local` takes it, in UTC to the second."""
    try:
        at = datetime.fromisoformat(value)
    except ValueError:
        return ""
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S") if at.tzinfo else ""
