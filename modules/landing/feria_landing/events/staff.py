"""Events for staff: made, changed while nobody else was faster, deleted."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import asyncpg

from feria_core import audit, cache, clock, db
from feria_core.errors import Invalid
from feria_core.html import clean_html, plain_text, render_markdown
from feria_core.http import Page, decode_cursor, encode_cursor
from feria_core.http.bodies import validate
from feria_core.ids import new_id, parse_id
from feria_landing.errors import EventSlugTaken, EventUnknown, check_version
from feria_landing.events import repository, shown, slugs
from feria_landing.events.listing import SHOWN_OCCURRENCES, TAG
from feria_landing.events.recurrence import RecurrenceError, Timing, normal_rule, occurrences, zone
from feria_landing.events.schemas import AdminEvent, AdminEventQuery, AdminEventRow, EventBody, EventPatch
from feria_landing.folding import fold, patterns, slug_of

_LISTED = """
SELECT id, slug, title, kind, status, publish_at, event_status, starts_at, ends_at, time_zone, rrule, version,
    updated_at
FROM landing_event WHERE ($1::text IS NULL OR status = $1) AND search_text LIKE ALL ($2::text[])
    AND ($3::uuid IS NULL OR id < $3) ORDER BY id DESC LIMIT $4
"""
_STORED = tuple(name for name in EventBody.model_fields if name != "status")


async def listed(query: AdminEventQuery) -> Page[AdminEventRow]:
    """Return a page of events, drafts too, those made last first."""
    position = decode_cursor(query.cursor, 1)
    before = parse_id(str(position[0])) if position else None
    rows = await db.fetch_all(_LISTED, query.status, patterns(query.q or ""), before, query.limit + 1)
    items = [AdminEventRow(**{**row, "status": shown.status_of(row)}) for row in rows[: query.limit]]
    more = encode_cursor(str(items[-1].id)) if len(rows) > query.limit else None
    return Page[AdminEventRow](items=items, next_cursor=more)


async def find(event_id: str) -> AdminEvent:
    """Return one event. Raises EventUnknown."""
    return await _view(await _row(event_id))


async def create(body: EventBody) -> AdminEvent:
    """Make an event; it is shown at once, or from `publish_at` on. Raises Invalid, EventSlugTaken."""
    spans = _spans(body)
    event_id = new_id()
    async with db.transaction():
        if body.slug is not None:
            await slugs.claim(body.slug, event_id)
            if not await repository.insert(event_id, _values(body, body.slug)):
                raise EventSlugTaken(body.slug)
        else:
            await _insert_with_free_slug(event_id, body)
        await repository.write_occurrences(event_id, spans)
        cache.touch(TAG)
        made = await find(str(event_id))
        await audit.record("landing.event.created", "event", event_id, after=_audited(made))
        return made


async def edit(event_id: str, patch: EventPatch) -> AdminEvent:
    """Change what `patch` names. Raises EventUnknown, StaleVersion, Invalid, EventSlugTaken."""
    given = patch.model_dump(exclude_unset=True, exclude={"version"})
    async with db.transaction():
        row = await _row(event_id, lock=True)
        check_version(row["version"], patch.version)
        before = await _view(row)
        stored = {name: row[name] for name in _STORED} | {"status": row["status"]}
        body = validate(EventBody, stored | given, where="body")
        slug = body.slug or row["slug"]
        if slug != row["slug"]:
            await slugs.claim(slug, row["id"])
            await slugs.retire(row["slug"], row["id"])
        spans = _spans(body)
        try:
            await repository.update(row["id"], _values(body, slug))
        except asyncpg.UniqueViolationError as error:
            raise EventSlugTaken(slug) from error
        await repository.write_occurrences(row["id"], spans)
        cache.touch(TAG)
        changed = await find(str(row["id"]))
        await _audit_change(before, changed)
        return changed


async def remove(event_id: str) -> None:
    """Delete the event with its occurrences and old slugs. Raises EventUnknown."""
    async with db.transaction():
        row = await _row(event_id, lock=True)
        before = _audited(await _view(row))
        await repository.delete(row["id"])
        cache.touch(TAG)
        await audit.record("landing.event.deleted", "event", row["id"], before=before)


async def _row(event_id: str, *, lock: bool = False) -> Any:
    known = parse_id(event_id)
    if known is None or (lock and not await repository.lock(known)):
        raise EventUnknown(event_id)
    row = await repository.by_id(known, clock.now())
    if row is None:
        raise EventUnknown(event_id)
    return row


async def _view(row: Any) -> AdminEvent:
    spans = await repository.occurrences(row["id"], clock.now(), SHOWN_OCCURRENCES)
    return shown.for_staff(row, spans)


async def _insert_with_free_slug(event_id: UUID, body: EventBody) -> None:
    """Write the event under a slug of its title that nobody has or had; twins of one title get two."""
    wished, attempt = slug_of(body.title), 1
    while True:
        slug = slugs.numbered(wished, attempt)
        if await slugs.is_free(slug) and await repository.insert(event_id, _values(body, slug)):
            return
        attempt += 1


def _spans(body: EventBody) -> list[Any]:
    """Return the occurrences. Raises Invalid where the times make no sense."""
    if body.ends_at is not None and body.ends_at <= body.starts_at:
        raise Invalid.field("body", "ends_at", code="ends_before_start", message="An event must end after it begins.")
    if body.status == "scheduled" and body.publish_at is None:
        raise Invalid.field("body", "publish_at", code="missing", message="A scheduled event needs publish_at.")
    try:
        zone(body.time_zone)
        return occurrences(_timing(body), clock.now())
    except RecurrenceError as error:
        raise Invalid.field("body", error.field, code=error.code, message=error.message) from error


def _timing(body: EventBody) -> Timing:
    rule = normal_rule(body.rrule) if body.rrule else None
    return Timing(body.starts_at, body.ends_at, body.time_zone, rule, tuple(sorted(set(body.exdates))))


def _values(body: EventBody, slug: str) -> tuple[Any, ...]:
    timing = _timing(body)
    html = render_markdown(body.description) if body.format == "markdown" else clean_html(body.description)
    tags = list(dict.fromkeys(body.tags))
    words = " ".join((body.title, body.summary, plain_text(html), body.location or "", body.kind, *tags))
    return (
        slug, body.title, body.summary, body.description, body.format, html, body.kind, tags,
        "draft" if body.status == "draft" else "published", body.publish_at, body.event_status, body.starts_at,
        body.ends_at, body.time_zone, timing.rrule, list(timing.exdates), timing.is_endless, body.location or None,
        body.is_online, body.url, body.capacity or None, body.image_url, body.image_alt, fold(words), clock.now(),
    )  # fmt: skip


def _audited(event: AdminEvent) -> dict[str, Any]:
    return event.model_dump(
        mode="json", exclude={"jsonld", "occurrences", "description_html", "ics_url", "starts_local", "image"}
    )


async def _audit_change(before: AdminEvent, after: AdminEvent) -> None:
    old, new = _audited(before), _audited(after)
    changed = [name for name in new if old[name] != new[name] and name not in {"version", "updated_at"}]
    await audit.record(
        "landing.event.changed", "event", after.id,
        before={name: old[name] for name in changed}, after={name: new[name] for name in changed},
    )  # fmt: skip
