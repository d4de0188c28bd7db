"""Stretches of time as people of a zone count them: hours, days, weeks, months, over every change of the clocks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Literal
from zoneinfo import ZoneInfo, available_timezones

Interval = Literal["hour", "day", "week", "month"]
QUARTER, HOUR, DAY = timedelta(minutes=15), timedelta(hours=1), timedelta(days=1)
MOST_PERIODS = 10_000
# The longest that one of them is short of: how many there are at least is known before they are made.
_LENGTH = {"hour": HOUR, "day": DAY, "week": 7 * DAY, "month": 31 * DAY}
_HOUR_LENGTH = len("2026-11-28T18")


class TooMany(Exception):
    """More than MOST_PERIODS intervals lie in the range."""


@dataclass(frozen=True)
class Period:
    """An interval, cut to the range that was asked for; `label` names it as people there do."""

    start: datetime
    end: datetime
    label: str


@cache
def zone_names() -> frozenset[str]:
    """Return the names of the IANA database that are known here."""
    return frozenset(available_timezones())


def floor(moment: datetime, step: timedelta = QUARTER) -> datetime:
    """Return the last multiple of `step` (a divisor of a day in UTC) at or before the moment."""
    midnight = moment.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + (moment - midnight) // step * step


def ceiling(moment: datetime, step: timedelta = QUARTER) -> datetime:
    """Return the first multiple of `step` at or after the moment."""
    below = floor(moment, step)
    return below if below == moment else below + step


def month_of(moment: datetime) -> datetime:
    """Return the beginning of the moment's month in UTC."""
    return moment.astimezone(UTC).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def next_month(month: datetime) -> datetime:
    """Return the beginning of the month after the one that begins here."""
    return month_of(month + 32 * DAY)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the first moment of the day in the zone; where the clocks leave midnight out, the first after it."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def divide(since: datetime, until: datetime, interval: Interval, zone: ZoneInfo) -> list[Period]:
    """Return the intervals from `since` to `until`, without gap and overlap. Raises TooMany."""
    if (until - since) / _LENGTH[interval] > MOST_PERIODS:
        raise TooMany
    starts = _hours(since, zone) if interval == "hour" else _days(since.astimezone(zone).date(), interval, zone)
    periods: list[Period] = []
    start, label = next(starts)
    while start < until:
        following, following_label = next(starts)
        # A day that a zone left out (Samoa, 30 December 2011) begins and ends in one moment.
        if max(start, since) < following:
            periods.append(Period(max(start, since), min(following, until), label))
        if len(periods) > MOST_PERIODS:
            raise TooMany
        start, label = following, following_label
    return periods


def _days(day: date, interval: Interval, zone: ZoneInfo) -> Iterator[tuple[datetime, str]]:
    while True:
        if interval == "week":
            day -= timedelta(days=day.weekday())
            label = "{}-W{:02}".format(*day.isocalendar()[:2])
            following = day + timedelta(days=7)
        elif interval == "month":
            day = day.replace(day=1)
            label, following = f"{day:%Y-%m}", (day + timedelta(days=32)).replace(day=1)
        else:
            label, following = day.isoformat(), day + timedelta(days=1)
        yield midnight(day, zone), label
        day = following


def _hours(since: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, str]]:
    """Give the hours of the zone's clocks; where these are set, an hour ends, and what is repeated is another one."""
    start = since.astimezone(UTC)
    local = start.astimezone(zone)
    start -= timedelta(minutes=local.minute, seconds=local.second, microseconds=local.microsecond)
    if start.astimezone(zone).utcoffset() != local.utcoffset():
        start = _change(start, since.astimezone(UTC), zone)
    while True:
        local = start.astimezone(zone)
        suffix = _offset(local)
        # Most days the clocks are not set: their hours need no look at the zone.
        is_even = local.minute == 0 and (start + DAY).astimezone(zone).utcoffset() == local.utcoffset()
        if is_even:
            for hour in range(24):
                ahead = hour * HOUR
                yield start + ahead, f"{(local + ahead).isoformat()[:_HOUR_LENGTH]}:00{suffix}"
            start += DAY
            continue
        yield start, f"{local.isoformat()[:_HOUR_LENGTH]}:00{suffix}"
        following = start + HOUR - timedelta(minutes=local.minute)
        if following.astimezone(zone).utcoffset() != local.utcoffset():
            following = _change(start, following, zone)
        start = following


def _change(before: datetime, after: datetime, zone: ZoneInfo) -> datetime:
    """Return the quarter of an hour at which the clocks are set between the two."""
    old, moment = before.astimezone(zone).utcoffset(), ceiling(before)
    while moment.astimezone(zone).utcoffset() == old and moment < after:
        moment += QUARTER
    return moment


def _offset(local: datetime) -> str:
    text = f"{local:%z}"
    return f"{text[:3]}:{text[3:5]}"
