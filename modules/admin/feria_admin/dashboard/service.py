"""The dashboard: sums of the reports for the last days, and the parts that modules contribute."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from feria_admin.analytics import sums
from feria_admin.analytics.columns import Column, columns_of, said, values_of
from feria_admin.analytics.keeping import sources
from feria_admin.analytics.periods import midnight
from feria_admin.analytics.spans import zone_of
from feria_admin.dashboard.schemas import DashboardOut, DashboardQuery, FigureOut, PartOut, PeriodOut
from feria_core import clock
from feria_core.auth import current_principal
from feria_core.contracts.admin import DASHBOARD_PARTS, DashboardPart
from feria_core.contracts.analytics import Source
from feria_core.contracts.money import Money
from feria_core.http.request import locale
from feria_core.runtime import core_settings, registry

# Shown under which name: the report and the column that it is; those of modules that are off are not there.
FIGURES = {
    "revenue": ("sales", "total"),
    "orders": ("sales", "orders"),
    "average_order_value": ("sales", "average_order"),
    "conversion": ("funnel", "conversion"),
}
DAYS = {"today": 0, "7d": 6, "30d": 29}
OWN_MEMBERS = ("low_stock", "open_returns", "failed_jobs")
Sums = Mapping[str, Mapping[str, int]]


async def dashboard(query: DashboardQuery) -> DashboardOut:
    """Return how the shop stands, as far as who asks may know. Raises Invalid for an unknown zone."""
    zone, now = zone_of(query.tz), clock.now()
    currency = query.currency or core_settings().currency
    parts = [await _part(part) for part in registry().all(DASHBOARD_PARTS) if _may_see(part)]
    return DashboardOut(
        at=now,
        tz=zone.key,
        currency=currency,
        periods=await _periods(now, zone, currency),
        parts=parts,
        **{part.name: part.value for part in parts if part.name in OWN_MEMBERS and isinstance(part.value, int)},
    )


def _may_see(part: DashboardPart) -> bool:
    return part.permission in current_principal().permissions


async def _part(part: DashboardPart) -> PartOut:
    value = await part.value()
    return PartOut(
        name=part.name,
        title=said(part.title, locale()),
        kind="money" if isinstance(value, Money) else "count",
        value=_money(value.amount, value.currency) if isinstance(value, Money) else value,
        is_work=part.is_work,
        section=part.section,
        query=dict(part.query),
    )


async def _periods(now: datetime, zone: ZoneInfo, currency: str) -> dict[str, PeriodOut]:
    """Return each period with its figures; every source is added up once, between all moments that matter."""
    starts = {name: _start(now, zone, days) for name, days in DAYS.items()}
    before = {name: start - (now - start) for name, start in starts.items()}
    moments = sorted({*starts.values(), *before.values()})
    wanted = [source for source in sources() if source.report in {report for report, _ in FIGURES.values()}]
    counted = await _counted(wanted, moments, now, currency)

    def between(since: datetime, until: datetime) -> Sums:
        total: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for index, start in enumerate(moments):
            if since <= start < until:
                for report, values in counted[index].items():
                    for name, value in values.items():
                        total[report][name] += value
        return total

    return {
        name: PeriodOut(
            start=start,
            end=now,
            figures=_figures(wanted, between(start, now), between(before[name], start), currency),
        )
        for name, start in starts.items()
    }


def _start(now: datetime, zone: ZoneInfo, days: int) -> datetime:
    return midnight(now.astimezone(zone).date() - timedelta(days=days), zone)


async def _counted(
    wanted: Sequence[Source], moments: Sequence[datetime], now: datetime, currency: str
) -> list[dict[str, dict[str, int]]]:
    """Return from each moment to the next, by report, what was counted."""
    found: list[dict[str, dict[str, int]]] = [defaultdict(lambda: defaultdict(int)) for _ in moments]
    if moments[0] >= now:
        return found
    parts = await sums.parts_of(wanted, moments[0], now)
    for source in wanted:
        for part in await sums.by_period(source, parts[source.name], moments):
            if part.currency in ("", currency):
                for measure, count in zip(source.measures, part.counts, strict=True):
                    found[part.period][source.report][measure.name] += count
    return found


def _figures(wanted: Sequence[Source], now: Sums, before: Sums, currency: str) -> list[FigureOut]:
    columns: dict[str, dict[str, Column]] = {}
    for report in {source.report for source in wanted}:
        members = [source for source in wanted if source.report == report]
        columns[report] = {column.name: column for column in columns_of(members)}
    shown: list[FigureOut] = []
    for name, (report, column) in FIGURES.items():
        known = columns.get(report, {})
        if column in known:
            value, then = (_value(known, sums_.get(report, {}), column, currency) for sums_ in (now, before))
            title = said(known[column].title, locale())
            shown.append(FigureOut(name=name, title=title, kind=known[column].kind, value=value, before=then))
    return shown


def _value(known: Mapping[str, Column], counted: Mapping[str, int], column: str, currency: str) -> Any:
    return values_of(list(known.values()), counted, currency)[column]


def _money(amount: int, currency: str) -> Any:
    return {"amount": amount, "currency": currency}
