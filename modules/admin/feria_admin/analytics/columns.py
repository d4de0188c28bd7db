"""The columns of a report: what its sources measure, and what is worked out from that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from feria_admin.analytics.schemas import ColumnOut
from feria_core.contracts.admin import Text
from feria_core.contracts.analytics import Balance, Rate, Source

Kind = Literal["count", "money", "rate"]
# Shares have four decimals.
SHARES = 10_000


@dataclass(frozen=True)
class Column:
    """A measure where `worked_out` is None."""

    name: str
    title: Text
    kind: Kind
    worked_out: Rate | Balance | None = None


def columns_of(sources: Sequence[Source]) -> list[Column]:
    """Return the columns, measures first; what lacks a part in this deployment is left out."""
    found = {m.name: Column(m.name, m.title, m.kind) for source in sources for m in source.measures}
    for source in sources:
        for extra in source.rates:
            kind = _kind(extra, found)
            if kind is not None:
                found[extra.name] = Column(extra.name, extra.title, kind, extra)
    return list(found.values())


def values_of(columns: Sequence[Column], sums: Mapping[str, int], currency: str) -> dict[str, Any]:
    """Return each column of a row as JSON has it."""
    numbers: dict[str, Any] = {}
    row: dict[str, Any] = {}
    for column in columns:
        name = column.name
        number = sums.get(name, 0) if column.worked_out is None else _worked_out(column, column.worked_out, numbers)
        numbers[name] = number
        is_money = column.kind == "money" and number is not None
        row[name] = {"amount": number, "currency": currency} if is_money else number
    return row


def shown(column: Column, locale: str) -> ColumnOut:
    """Return the column as it is answered."""
    return ColumnOut(name=column.name, title=said(column.title, locale), kind=column.kind)


def said(text: Text, locale: str) -> str:
    """Return the text in the language, in English where it is not there."""
    return text.get(locale) or text["en"]


def _kind(extra: Rate | Balance, known: Mapping[str, Column]) -> Kind | None:
    if isinstance(extra, Balance):
        return known[extra.of].kind if extra.of in known else None
    if extra.part not in known or extra.whole not in known:
        return None
    is_average = known[extra.part].kind == "money" and known[extra.whole].kind == "count"
    return "money" if is_average else "rate"


def _worked_out(column: Column, extra: Rate | Balance, numbers: Mapping[str, Any]) -> Any:
    if isinstance(extra, Balance):
        return numbers[extra.of] - sum(numbers.get(name, 0) for name in extra.less)
    part, whole = numbers[extra.part], numbers[extra.whole]
    if not whole:
        return None
    return _divided(part, whole) if column.kind == "money" else _divided(part * SHARES, whole) / SHARES


def _divided(part: int, whole: int) -> int:
    """Return the quotient, rounded half away from zero as money is."""
    quotient = (2 * abs(part) + abs(whole)) // (2 * abs(whole))
    return quotient if (part < 0) == (whole < 0) else -quotient
