"""Adding up a source over stretches of time: what is kept, and what is counted at this look."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from feria_admin.analytics import repository as rows
from feria_admin.analytics.keeping import joined
from feria_admin.analytics.periods import DAY, ceiling, floor, month_of, next_month
from feria_core.contracts.analytics import Figure, Source
from feria_core.db import Row

Spans = list[tuple[datetime, datetime]]
# So many stretches are counted at a look; of more the kept sums stand in, until they are counted again.
MOST_FRESH = 40


@dataclass(frozen=True)
class Parts:
    """A stretch of time as two: what is read from kept sums, and what is counted now."""

    kept: Spans = field(default_factory=list)
    fresh: Spans = field(default_factory=list)


@dataclass(frozen=True)
class Sum:
    """What was counted of a source in the period of that index, in one currency ("" without money)."""

    period: int
    currency: str
    counts: Sequence[int]


async def parts_of(sources: Sequence[Source], since: datetime, until: datetime) -> dict[str, Parts]:
    """Return for each source by name where its figures in the stretch come from; two statements for all."""
    names = [source.name for source in sources]
    states, stale = await rows.states(names), await rows.stale(names, since, until)
    return {
        source.name: _parts(source, states.get(source.name), stale.get(source.name, []), since, until)
        for source in sources
    }


async def by_period(source: Source, parts: Parts, starts: Sequence[datetime]) -> list[Sum]:
    """Return the sums of the periods that begin at `starts`; the first is where the stretch begins."""
    found: list[Sum] = []
    if parts.kept:
        kept = await rows.by_period(source.name, len(source.measures), starts, parts.kept)
        found += [Sum(row["period"] - 1, row["currency"], row["counts"]) for row in kept]
    for since, until in parts.fresh:
        for figure in await source.figures(since, until):
            # The quarter of an hour in which the stretch begins has begun before it.
            period = bisect_right(starts, max(figure.at, since)) - 1
            found.append(Sum(period, figure.currency or "", figure.values))
    return found


async def by_key(
    source: Source, parts: Parts, currency: str, *, order: int, is_descending: bool, limit: int
) -> Sequence[Row]:
    """Return key and counts of those with the most (or least) of a measure over the whole stretch."""
    months, days, edges = _by_calendar(parts.kept)
    fresh: list[Figure] = []
    for since, until in joined(sorted([*parts.fresh, *edges])):
        fresh += await source.figures(since, until)
    return await rows.by_key(
        source.name,
        len(source.measures),
        currency=currency,
        days=days,
        months=months,
        fresh=[(figure.key, figure.values) for figure in fresh if (figure.currency or currency) == currency],
        order=order,
        is_descending=is_descending,
        limit=limit,
    )


def _parts(source: Source, state: Row | None, stale: list[datetime], since: datetime, until: datetime) -> Parts:
    if state is None or list(state["measures"]) != [measure.name for measure in source.measures]:
        return Parts([], [(since, until)])
    start, end = max(ceiling(since), state["kept_from"]), min(floor(until), state["kept_until"])
    if start >= end:
        return Parts([], [(since, until)])
    # Before the first row there is nothing, kept or not.
    fresh = joined([(since, start)] if since >= state["kept_from"] else [])
    kept: Spans = []
    position = start
    for day in stale:
        low, high = max(day, position), min(day + DAY, end)
        if low >= high or len(fresh) >= MOST_FRESH:
            continue
        kept.append((position, low))
        fresh = joined([*fresh, (low, high)])
        position = high
    kept.append((position, end))
    return Parts(joined(kept), joined([*fresh, (end, until)]))


def _by_calendar(spans: Spans) -> tuple[list[datetime], list[datetime], Spans]:
    """Return the spans as whole months, whole days, and what is left at their ends, all in UTC."""
    months: list[datetime] = []
    days: list[datetime] = []
    edges: Spans = []
    for since, until in spans:
        day, last = ceiling(since, DAY), floor(until, DAY)
        if day > last:
            edges.append((since, until))
            continue
        edges += joined([(since, day)]) + joined([(last, until)])
        while day < last:
            if day == month_of(day) and next_month(day) <= last:
                months.append(day)
                day = next_month(day)
            else:
                days.append(day)
                day += DAY
    return months, days, edges
