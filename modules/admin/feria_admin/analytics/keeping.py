"""Keeping figures: what has passed is summed once, what an event has changed is summed again."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from feria_admin.analytics import repository as rows
from feria_admin.analytics.periods import DAY, QUARTER, ceiling, floor, month_of, next_month
from feria_core import clock, db, events
from feria_core.contracts.analytics import ANALYTICS_SOURCES, Figure, Source
from feria_core.runtime import registry

MARK = "admin.mark_figures"
# A transaction that was begun before is over by now, and its rows are seen: core ends them after a minute.
FRESH = timedelta(hours=1)
# Statements end after ten seconds: stretches grow while one is counted much quicker, and shrink before it is not.
QUICK_S, SLOW_S = 0.3, 2.0
LONGEST, MOST_STALE = timedelta(days=31), 200


@dataclass(frozen=True)
class Bite:
    """A stretch that was counted: of which source, how much of it is done, of how much."""

    source: str
    done: timedelta
    whole: timedelta


def sources(report: str | None = None) -> list[Source]:
    """Return the sources of the enabled modules, those of one report where it is named."""
    return [source for source in registry().all(ANALYTICS_SOURCES) if report in (None, source.report)]


async def listen() -> None:
    """Hear from now on the events that change figures."""
    names = {event.name for source in sources() for event in source.events}
    async with db.transaction():
        await events.set_interest(MARK, sorted(names))


async def mark(event_id: UUID) -> None:
    """Note the days whose figures the event may have changed, in the caller's transaction; repeats safely."""
    stored = await events.stored(event_id)
    kind = events.known().get(stored.name) if stored else None
    if stored is None or kind is None:
        return
    event = events.decode(orjson.dumps(stored.payload), kind)
    for source in sources():
        if kind in source.events and source.touched is not None:
            moments = await source.touched(event)
            if moments:
                await rows.mark(source.name, sorted({floor(moment, DAY) for moment in moments}))


async def keep() -> None:
    """Count what has passed since the last time, and again what events have changed."""
    for source in sources():
        async for _ in kept(source):
            pass
        while await _recount_stale(source):
            pass


async def kept(source: Source) -> AsyncIterator[Bite]:
    """Count what has passed since the last time, bite by bite, each in a transaction of its own."""
    if not await _begin(source):
        return
    target, step, start = _target(source), DAY, None
    while True:
        began = time.monotonic()
        async with db.transaction():
            state = await rows.locked(source.name)
            if state is None or state["kept_until"] >= target:
                return
            since = state["kept_until"]
            until = _end(since, step, target)
            await _count(source, since, until, reach=until)
            await rows.extend(source.name, until)
        start = start or since
        yield Bite(source.name, until - start, target - start)
        step = _next_step(step, time.monotonic() - began)


async def rebuilt(source: Source) -> AsyncIterator[Bite]:
    """Count everything again of which the rows are there; goes on where a rebuild was broken off."""
    async for bite in kept(source):
        yield bite
    first = await source.kept_since()
    states = await rows.states([source.name])
    if first is None or source.name not in states:
        return
    kept_from, step = states[source.name]["kept_from"], DAY
    start = complete_from(first, kept_from)
    while True:
        began = time.monotonic()
        async with db.transaction():
            state = await rows.locked(source.name)
            if state is None:
                return
            since = max(state["rebuilt_until"] or start, start)
            if since >= state["kept_until"]:
                await rows.note_rebuild(source.name, None)
                return
            until = _end(since, step, state["kept_until"])
            await _count(source, since, until, reach=state["kept_until"])
            await rows.note_rebuild(source.name, until, begins=start)
        yield Bite(source.name, until - start, state["kept_until"] - start)
        step = _next_step(step, time.monotonic() - began)


def complete_from(first: datetime, kept_from: datetime) -> datetime:
    """Return the first day that can be counted again: of one whose rows are there in part only, some are gone."""
    day = floor(first, DAY)
    return day if day <= kept_from else ceiling(first, DAY)


def _target(source: Source) -> datetime:
    return floor(clock.now() - FRESH, DAY if source.has_keys else QUARTER)


async def _begin(source: Source) -> bool:
    """Return whether there is something to keep; a source that counts other things than before begins anew."""
    measures = [measure.name for measure in source.measures]
    async with db.transaction():
        state = await rows.locked(source.name)
        if state is not None and list(state["measures"]) != measures:
            await rows.forget(source.name)
            state = None
        if state is None:
            first = await source.kept_since()
            if first is None:
                return False
            await rows.begin(source.name, measures, floor(first, DAY))
    return True


async def _recount_stale(source: Source) -> bool:
    """Count some days again; return whether there may be more."""
    async with db.transaction():
        state = await rows.locked(source.name)
        if state is None:
            return False
        days = await rows.take_stale(source.name, MOST_STALE)
        for since, until in joined((day, min(day + DAY, state["kept_until"])) for day in days):
            await _count(source, since, until, reach=state["kept_until"])
    return len(days) == MOST_STALE


def joined(spans: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return the spans, in their order, with those that touch as one; empty ones are left out."""
    found: list[tuple[datetime, datetime]] = []
    for since, until in spans:
        if found and since <= found[-1][1]:
            found[-1] = found[-1][0], max(until, found[-1][1])
        elif since < until:
            found.append((since, until))
    return found


async def _count(source: Source, since: datetime, until: datetime, *, reach: datetime) -> None:
    """Write the sums of the stretch anew; all before `reach` is kept then. The caller holds the source's lock."""
    figures = await source.figures(since, until)
    await rows.clear(source.name, since, until)
    await rows.add(source.name, "quarter", summed(figures, lambda figure: (figure.at, "")))
    if not source.has_keys:
        return
    await rows.add(source.name, "day", summed(figures, lambda figure: (floor(figure.at, DAY), figure.key)))
    month = month_of(since)
    while month < until:
        following = next_month(month)
        if following <= reach:
            await rows.sum_month(source.name, month, following, len(source.measures))
        month = following


def summed(
    figures: Sequence[Figure], place: Callable[[Figure], tuple[datetime, str]]
) -> list[tuple[datetime, str, str, list[int]]]:
    """Return the figures added up by what `place` says of each: moment and key."""
    sums: dict[tuple[datetime, str, str], list[int]] = defaultdict(list)
    for figure in figures:
        at, key = place(figure)
        known = sums[at, key, figure.currency or ""]
        known[:] = [a + b for a, b in zip(known, figure.values, strict=True)] if known else figure.values
    return [(at, key, currency, counts) for (at, key, currency), counts in sorted(sums.items())]


def _end(since: datetime, step: timedelta, target: datetime) -> datetime:
    """Return the end of a stretch from `since` on: at midnight, in one month."""
    return min(floor(since + step, DAY) if since + step < target else target, next_month(month_of(since)), target)


def _next_step(step: timedelta, seconds: float) -> timedelta:
    if seconds < QUICK_S:
        return min(step * 2, LONGEST)
    return max(step / 2, DAY) if seconds > SLOW_S else step
