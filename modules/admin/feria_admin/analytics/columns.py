"""The columns of a report: what its sources measure, and what is worked out from that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Literal

from feria_admin.analytics.schemas import ColumnOut
from feria_core.contracts.admin import Text
from feria_core.contracts.analytics import Balance, Rate, Source

Kind = Literal["count", "money", "rate"]
_SHARE = Decimal("0.0001")


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
    for column in columns:
        numbers[column.name] = _number(column, sums, numbers)
    return {column.name: _shown(column, numbers[column.name], currency) for column in columns}


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


def _number(column: Column, sums: Mapping[str, int], worked_out: Mapping[str, Any]) -> Any:
    extra = column.worked_out
    if extra is None:
        return sums.get(column.name, 0)
    if isinstance(extra, Balance):
        return worked_out[extra.of] - sum(worked_out.get(name, 0) for name in extra.less)
    whole = worked_out[extra.whole]
    if not whole:
        return None
    result = Decimal(worked_out[extra.part]) / whole
    if column.kind == "money":
        return int(result.quantize(Decimal(1), rounding=ROUND_HALF_UP))
    return float(result.quantize(_SHARE, rounding=ROUND_HALF_UP))


def _shown(column: Column, number: Any, currency: str) -> Any:
    if column.kind == "money" and number is not None:
        return {"amount": number, "currency": currency}
    return number
