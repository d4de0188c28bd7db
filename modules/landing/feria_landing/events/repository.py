"""Statements about events and their occurrences."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from feria_core import db
from feria_core.db import Row
from feria_landing.events.filters import Filters

COLUMNS = (
    "slug", "title", "summary", "description", "format", "description_html", "kind", "tags", "status", "publish_at",
    "event_status", "starts_at", "ends_at", "time_zone", "rrule", "exdates", "is_endless", "location", "is_online",
    "url", "capacity", "image_url", "image_alt", "search_text", "updated_at",
)  # fmt: skip
_NAMES = ", ".join(COLUMNS)
_VALUES = ", ".join(f"${number}" for number in range(2, len(COLUMNS) + 2))
_INSERT = (
    f"INSERT INTO landing_event (id, {_NAMES}, created_at) VALUES ($1, {_VALUES}, ${len(COLUMNS) + 1})"
    " ON CONFLICT (slug) DO NOTHING"
)
_UPDATE = (
    "UPDATE landing_event SET version = version + 1, "
    + ", ".join(f"{name} = ${number}" for number, name in enumerate(COLUMNS, start=2))
    + " WHERE id = $1"
)
# A published event is shown from its moment on: judged when it is read, so no job is needed.
SHOWN = "e.status = 'published' AND (e.publish_at IS NULL OR e.publish_at <= $1)"
_MATCHES = f"""
{SHOWN} AND ($2::timestamptz IS NULL OR o.ends_at >= $2) AND ($3::timestamptz IS NULL OR o.starts_at < $3)
AND ($4::boolean IS NULL OR (o.ends_at > $1) = $4) AND ($5::text IS NULL OR e.tags @> ARRAY[$5::text])
AND ($6::text IS NULL OR e.kind = $6) AND e.search_text LIKE ALL ($7::text[])
"""
_JOINED = "FROM landing_occurrence o JOIN landing_event e ON e.id = o.event_id"
# The next moments at which a list changes by itself: something is published, or over.
_COUNT = f"""
SELECT (SELECT count(*) {_JOINED} WHERE {_MATCHES}) AS total, least(
    (SELECT min(publish_at) FROM landing_event WHERE status = 'published' AND publish_at > $1),
    (SELECT min(ends_at) FROM landing_occurrence WHERE ends_at > $1)) AS next_edge
"""
_CARD = """
e.id, e.slug, e.title, e.summary, e.kind, e.tags, e.time_zone, e.rrule IS NOT NULL AS is_recurring, e.event_status,
e.location, e.is_online, e.image_url, e.image_alt, o.starts_at,
CASE WHEN e.ends_at IS NOT NULL THEN o.ends_at END AS ends_at
"""
_PAGE = (
    f"SELECT {_CARD} {_JOINED} WHERE {_MATCHES}"
    " AND ($8::timestamptz IS NULL OR (o.starts_at, o.event_id) {sign} ($8, $9::uuid))"
    " ORDER BY o.starts_at {order}, o.event_id {order} LIMIT $10"
)
_ONE = f"SELECT e.id, {_NAMES}, version, created_at, {SHOWN} AS is_shown FROM landing_event e WHERE "
_OCCURRENCES = """
(SELECT starts_at, ends_at FROM landing_occurrence WHERE event_id = $1 AND ends_at > $2 ORDER BY starts_at LIMIT $3)
UNION ALL
(SELECT starts_at, ends_at FROM (
    SELECT starts_at, ends_at FROM landing_occurrence
    WHERE event_id = $1 AND NOT EXISTS (SELECT FROM landing_occurrence WHERE event_id = $1 AND ends_at > $2)
    ORDER BY starts_at DESC LIMIT $3) AS past ORDER BY starts_at)
"""
_CURRENT = f"""
SELECT e.id, {_NAMES}, version, created_at FROM landing_event e
WHERE {SHOWN} AND EXISTS (SELECT FROM landing_occurrence o WHERE o.event_id = e.id AND o.ends_at > $2)
    AND ($3::text IS NULL OR e.tags @> ARRAY[$3::text]) AND ($4::text IS NULL OR e.kind = $4)
ORDER BY e.starts_at, e.id LIMIT $5
"""
_NEXT_EDGE = """
SELECT least((SELECT min(publish_at) FROM landing_event WHERE status = 'published' AND publish_at > $1),
             (SELECT min(ends_at) FROM landing_occurrence WHERE ends_at > $1))
"""


async def count(filters: Filters, now: datetime) -> Row:
    """Return `total`, and `next_edge`: when a list changes by itself."""
    row = await db.fetch_one(_COUNT, now, *filters.values())
    assert row is not None  # noqa: S101 - aggregates always return a row
    return row


async def page(filters: Filters, now: datetime, after: Sequence[Any] | None, limit: int) -> Sequence[Row]:
    """Return occurrences with what their cards show, from behind `after` (time and event) on."""
    sql = _PAGE.format(sign="<", order="DESC") if filters.is_past else _PAGE.format(sign=">", order="ASC")
    at, event_id = after or (None, None)
    return await db.fetch_all(sql, now, *filters.values(), at, event_id, limit)


async def by_id(event_id: UUID, now: datetime) -> Row | None:
    """Return the event with `is_shown`, whether visitors see it now."""
    return await db.fetch_one(_ONE + "e.id = $2", now, event_id)


async def by_slug(slug: str, now: datetime) -> Row | None:
    """Likewise by its present slug."""
    return await db.fetch_one(_ONE + "e.slug = $2", now, slug)


async def lock(event_id: UUID) -> bool:
    """Lock the event's row; False where there is none."""
    return await db.fetch_value("SELECT 1 FROM landing_event WHERE id = $1 FOR UPDATE", event_id) is not None


async def moved_to(slug: str, now: datetime) -> str | None:
    """Return the present slug of the event that had this one, where visitors see it."""
    found: str | None = await db.fetch_value(
        "SELECT e.slug FROM landing_event_slug s JOIN landing_event e ON e.id = s.event_id"
        f" WHERE s.slug = $2 AND {SHOWN}",
        now, slug,
    )  # fmt: skip
    return found


async def occurrences(event_id: UUID, now: datetime, limit: int) -> Sequence[Row]:
    """Return the next occurrences, or the last of an event that is over."""
    return await db.fetch_all(_OCCURRENCES, event_id, now, limit)


async def current(now: datetime, since: datetime, tag: str | None, kind: str | None, limit: int) -> Sequence[Row]:
    """Return the shown events that are not over since `since`."""
    return await db.fetch_all(_CURRENT, now, since, tag, kind, limit)


async def next_edge(now: datetime) -> datetime | None:
    """Return when something is published or over next."""
    found: datetime | None = await db.fetch_value(_NEXT_EDGE, now)
    return found


async def insert(event_id: UUID, values: Sequence[Any]) -> bool:
    """Write an event; False where another has its slug."""
    return bool(await db.execute(_INSERT, event_id, *values))


async def update(event_id: UUID, values: Sequence[Any]) -> None:
    """Write the event's columns anew. Raises asyncpg.UniqueViolationError where another has its slug."""
    await db.execute(_UPDATE, event_id, *values)


async def delete(event_id: UUID) -> None:
    """Delete the event, its occurrences and old slugs."""
    await db.execute("DELETE FROM landing_event WHERE id = $1", event_id)


async def write_occurrences(event_id: UUID, spans: Sequence[tuple[datetime, datetime]]) -> None:
    """Let these be the event's occurrences."""
    await db.execute("DELETE FROM landing_occurrence WHERE event_id = $1", event_id)
    await db.execute(
        "INSERT INTO landing_occurrence (event_id, starts_at, ends_at)"
        " SELECT $1, s, e FROM unnest($2::timestamptz[], $3::timestamptz[]) AS span (s, e)",
        event_id, [start for start, _ in spans], [end for _, end in spans],
    )  # fmt: skip
