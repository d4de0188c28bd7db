"""Reports by name: their rows by interval or by key, with totals, as sources and listings of the modules give them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feria_admin.analytics import sums
from feria_admin.analytics.columns import Column, columns_of, said, shown, values_of
from feria_admin.analytics.keeping import sources
from feria_admin.analytics.periods import MOST_PERIODS, Period, TooMany, divide
from feria_admin.analytics.schemas import ColumnOut, ReportNameOut, ReportNamesOut, ReportOut, ReportQuery
from feria_admin.analytics.spans import Span, span_of, zone_of
from feria_admin.errors import ReportUnknown
from feria_core.contracts.analytics import ANALYTICS_LISTINGS, Listing, Source
from feria_core.contracts.money import Money
from feria_core.errors import Invalid
from feria_core.http.request import locale
from feria_core.runtime import core_settings, registry


@dataclass(frozen=True)
class _Wanted:
    """What a report is made from."""

    sources: Sequence[Source]
    columns: Sequence[Column]
    span: Span
    currency: str

    @property
    def keyed(self) -> Source | None:
        return next((source for source in self.sources if source.has_keys), None)


def document(found: ReportOut) -> dict[str, Any]:
    """Return the report as JSON has it."""
    shown: dict[str, Any] = {
        (field.serialization_alias or name): getattr(found, name) for name, field in ReportOut.model_fields.items()
    }
    return {**shown, "columns": [column.model_dump() for column in found.columns]}


def names() -> ReportNamesOut:
    """Return every report of this deployment with its columns."""
    by_name: dict[str, list[Source]] = defaultdict(list)
    for source in sources():
        by_name[source.report].append(source)
    found = [_named(name, members) for name, members in by_name.items()]
    found += [
        ReportNameOut(name=each.name, title=said(each.title, locale()), by=["row"], columns=_listing_columns(each))
        for each in registry().all(ANALYTICS_LISTINGS)
    ]
    return ReportNamesOut(items=found)


async def report(name: str, query: ReportQuery) -> ReportOut:
    """Return the report. Raises ReportUnknown where no enabled module has it, Invalid for what cannot be shown."""
    zone = zone_of(query.tz)
    span = span_of(query.since, query.until, zone)
    members = sources(name)
    if not members:
        return await _listed(name, query, span)
    wanted = _Wanted(members, columns_of(members), span, query.currency or core_settings().currency)
    by = query.by or ("key" if wanted.keyed else "interval")
    if by == "key" and wanted.keyed is None:
        raise Invalid.field("query", "by", code="no_keys", message=f"The report '{name}' is by interval only.")
    periods = _periods(span, query) if by == "interval" else [Period(span.since, span.until, "")]
    parts = await sums.parts_of(members, span.since, span.until)
    by_period, currencies = await _by_period(wanted, parts, periods)
    if wanted.keyed is not None and by == "key":
        items = await _by_key(wanted, wanted.keyed, parts[wanted.keyed.name], query)
    else:
        items = [_interval(wanted, period, by_period[index]) for index, period in enumerate(periods)]
    totals: dict[str, int] = defaultdict(int)
    for counted in by_period.values():
        for column, value in counted.items():
            totals[column] += value
    # Thousands of intervals are worked out here, and need no second look.
    return ReportOut.model_construct(
        name=name,
        title=said(members[0].title, locale()),
        start=span.since,
        end=span.until,
        tz=zone.key,
        interval=query.interval,
        by=by,
        currency=wanted.currency,
        currencies=sorted(currencies),
        columns=[shown(column, locale()) for column in wanted.columns],
        items=items,
        totals=values_of(wanted.columns, totals, wanted.currency),
    )


def _named(name: str, members: Sequence[Source]) -> ReportNameOut:
    columns = [shown(column, locale()) for column in columns_of(members)]
    has_keys = any(source.has_keys for source in members)
    return ReportNameOut(
        name=name,
        title=said(members[0].title, locale()),
        by=["key", "interval"] if has_keys else ["interval"],
        columns=columns,
    )


def _periods(span: Span, query: ReportQuery) -> list[Period]:
    try:
        return divide(span.since, span.until, query.interval, span.zone)
    except TooMany as error:
        message = f"There are more than {MOST_PERIODS} intervals: ask for a shorter range or a longer interval."
        raise Invalid.field("query", "interval", code="too_many_intervals", message=message) from error


async def _by_period(
    wanted: _Wanted, parts: Mapping[str, sums.Parts], periods: Sequence[Period]
) -> tuple[Mapping[int, dict[str, int]], set[str]]:
    """Return the sums of each measure by the period's index, and the currencies that occur."""
    found: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    currencies: set[str] = set()
    starts = [period.start for period in periods]
    for source in wanted.sources:
        for part in await sums.by_period(source, parts[source.name], starts):
            currencies.add(part.currency)
            if part.currency in ("", wanted.currency):
                for measure, count in zip(source.measures, part.counts, strict=True):
                    found[part.period][measure.name] += count
    return found, currencies - {""}


async def _by_key(wanted: _Wanted, source: Source, parts: sums.Parts, query: ReportQuery) -> list[dict[str, Any]]:
    measures = [measure.name for measure in source.measures]
    chosen = (query.sort or f"-{measures[0]}").removeprefix("-")
    if chosen not in measures:
        message = f"Sort by one of {', '.join(measures)}, with `-` before it for the most first."
        raise Invalid.field("query", "sort", code="unknown_column", message=message)
    is_descending = (query.sort or "-").startswith("-")
    rows = await sums.by_key(
        source, parts, wanted.currency, order=measures.index(chosen), is_descending=is_descending, limit=query.limit
    )
    titles = await source.titles([row["key"] for row in rows], locale()) if source.titles and rows else {}
    columns = columns_of([source])
    return [
        {
            "key": row["key"],
            "title": titles.get(row["key"], row["key"]),
            **values_of(columns, dict(zip(measures, row["counts"], strict=True)), wanted.currency),
        }
        for row in rows
    ]


def _interval(wanted: _Wanted, period: Period, counted: Mapping[str, int]) -> dict[str, Any]:
    return {
        "start": period.start,
        "end": period.end,
        "label": period.label,
        **values_of(wanted.columns, counted, wanted.currency),
    }


async def _listed(name: str, query: ReportQuery, span: Span) -> ReportOut:
    listing = next((each for each in registry().all(ANALYTICS_LISTINGS) if each.name == name), None)
    if listing is None:
        raise ReportUnknown(name)
    found = await listing.rows(span.since, span.until, query.limit)
    columns = _listing_columns(listing)
    return ReportOut.model_construct(
        name=name,
        title=said(listing.title, locale()),
        start=span.since,
        end=span.until,
        tz=span.zone.key,
        interval=query.interval,
        by="row",
        currency=core_settings().currency,
        currencies=sorted({value.currency for row in found for value in row if isinstance(value, Money)}),
        columns=columns,
        items=[{c.name: _plain(value) for c, value in zip(columns, row, strict=True)} for row in found],
        totals={},
    )


def _listing_columns(listing: Listing) -> list[ColumnOut]:
    return [ColumnOut(name=name, title=said(title, locale()), kind=kind) for name, title, kind in listing.columns]


def _plain(value: object) -> object:
    if isinstance(value, Money):
        return {"amount": value.amount, "currency": value.currency}
    return value if isinstance(value, (int, str, datetime)) or value is None else str(value)
