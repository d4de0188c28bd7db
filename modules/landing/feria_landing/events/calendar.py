"""Events as iCalendar (RFC 5545). Imports icalendar, so it is itself imported where a file is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import urlsplit

from icalendar import Calendar, Event, vRecur

from feria_core.db import Row
from feria_core.html import plain_text
from feria_core.runtime import core_settings
from feria_landing.events.recurrence import last_moment, zone
from feria_landing.events.shown import page_url, timing_of

_STATUS = {"scheduled": "CONFIRMED", "postponed": "TENTATIVE", "cancelled": "CANCELLED"}
PRODUCT = "-//Feria//landing//EN"


def calendar_file(rows: Sequence[Row]) -> bytes:
    """Return the events as one calendar, with the time zones that they name."""
    file = Calendar()
    file.add("prodid", PRODUCT)
    file.add("version", "2.0")
    file.add("method", "PUBLISH")
    file.add("x-wr-calname", core_settings().shop_name)
    for row in rows:
        file.add_component(_event(row))
    if rows:
        first = min(row["starts_at"] for row in rows).year
        last = max(max(row["starts_at"], row["updated_at"]) for row in rows).year
        file.add_missing_timezones(first_date=date(first - 1, 1, 1), last_date=date(last + 11, 1, 1))
    return bytes(file.to_ical())


def _event(row: Row) -> Event:
    event = Event()
    host = urlsplit(core_settings().public_url).hostname or "localhost"
    event.add("uid", f"{row['id']}@{host}")
    event.add("dtstamp", row["updated_at"].astimezone(UTC))
    event.add("last-modified", row["updated_at"].astimezone(UTC))
    event.add("created", row["created_at"].astimezone(UTC))
    event.add("sequence", row["version"] - 1)
    event.add("summary", row["title"])
    event.add("status", _STATUS[row["event_status"]])
    event.add("url", page_url(row["slug"]))
    text = plain_text(row["description_html"]) or row["summary"]
    for name, value in (("description", text), ("location", _place(row)), ("categories", list(row["tags"]))):
        if value:
            event.add(name, value)
    _add_times(event, row)
    return event


def _add_times(event: Event, row: Row) -> None:
    timing = timing_of(row)
    event.add("dtstart", _local(timing.starts_at, timing.time_zone))
    if timing.ends_at is not None:
        event.add("dtend", _local(timing.ends_at, timing.time_zone))
    if timing.rrule is not None:
        rule: Any = vRecur.from_ical(timing.rrule)
        if (last := last_moment(timing)) is not None:
            rule["UNTIL"] = [last]
        event.add("rrule", rule)
    if timing.exdates:
        event.add("exdate", [_local(moment, timing.time_zone) for moment in timing.exdates])


def _local(moment: datetime, time_zone: str) -> datetime:
    """Return the time in its zone; in UTC in the second run of an hour that the clock repeats, which has no name."""
    local = moment.astimezone(zone(time_zone))
    return moment.astimezone(UTC) if local.fold or time_zone == "UTC" else local


def _place(row: Row) -> str | None:
    place: str | None = row["location"] or (row["url"] if row["is_online"] else None)
    return place
