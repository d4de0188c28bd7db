"""What visitors read of events."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Any

from feria_core import cache, clock
from feria_core.errors import BadRequest
from feria_core.http import decode_cursor, encode_cursor
from feria_core.ids import parse_id
from feria_landing.errors import EventUnknown
from feria_landing.events import repository, shown
from feria_landing.events.filters import Filters
from feria_landing.events.schemas import EventOut, EventPage, EventQuery, EventsFileQuery

TAG = "landing-events"
# What a slug can be; anything else is in no table.
SLUG = re.compile(r"[a-z0-9-]{1,120}")
SHOWN_OCCURRENCES = 50
# Of what is over, a calendar that is subscribed to keeps the last month; and so many events a file holds at most.
KEPT_IN_FILE, FILE_EVENTS = timedelta(days=31), 1000


class Moved(Exception):
    """The slug is an old one."""

    def __init__(self, slug: str) -> None:
        super().__init__(slug)
        self.slug = slug


async def listed(query: EventQuery) -> EventPage:
    """Return a page of occurrences, the earliest first (past ones: the latest), and how many there are in all."""
    now, filters = clock.now(), Filters.of(query)
    counted = await repository.count(filters, now)
    cache.until(counted["next_edge"])
    rows = await repository.page(filters, now, _position(query.cursor), query.limit + 1)
    items = [shown.card(row) for row in rows[: query.limit]]
    more = None
    if len(rows) > query.limit:
        more = encode_cursor(items[-1].starts_at.isoformat(), str(items[-1].id))
    return EventPage(items=items, next_cursor=more, total=counted["total"])


async def find(key: str) -> EventOut:
    """Return the event of that id or slug. Raises EventUnknown, or Moved for an old slug."""
    row = await _shown_row(key)
    spans = await repository.occurrences(row["id"], clock.now(), SHOWN_OCCURRENCES)
    cache.until(min((span["ends_at"] for span in spans if span["ends_at"] > clock.now()), default=None))
    return shown.page(row, spans)


async def file_of(key: str) -> bytes:
    """Return one event as a calendar file. Raises as `find`."""
    from feria_landing.events.calendar import calendar_file

    return calendar_file([await _shown_row(key)])


async def file_of_all(query: EventsFileQuery) -> bytes:
    """Return the events that are not over since a month as one calendar file."""
    from feria_landing.events.calendar import calendar_file

    now = clock.now()
    cache.until(await repository.next_edge(now))
    leaves = await repository.next_edge(now - KEPT_IN_FILE)
    cache.until(leaves + KEPT_IN_FILE if leaves else None)
    return calendar_file(await repository.current(now, now - KEPT_IN_FILE, query.tag, query.kind, FILE_EVENTS))


async def _shown_row(key: str) -> Any:
    now, event_id = clock.now(), parse_id(key)
    if event_id is None and not SLUG.fullmatch(key):
        raise EventUnknown(key)
    row = await (repository.by_id(event_id, now) if event_id else repository.by_slug(key, now))
    if row is not None and row["is_shown"]:
        return row
    moved = await repository.moved_to(key, now)
    if moved is not None:
        raise Moved(moved)
    raise EventUnknown(key)


def _position(cursor: str | None) -> tuple[datetime, Any] | None:
    position = decode_cursor(cursor, 2)
    if position is None:
        return None
    try:
        moment, event_id = datetime.fromisoformat(str(position[0])), parse_id(str(position[1]))
    except ValueError:
        moment, event_id = None, None
    if moment is None or event_id is None or moment.tzinfo is None:
        raise BadRequest("The cursor belongs to another list: leave it away to begin at the start.")
    return moment, event_id
