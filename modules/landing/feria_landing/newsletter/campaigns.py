"""Newsletters for staff: written, tried out, sent, stopped."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from feria_core import audit, clock, db
from feria_core.html import clean_html, render_markdown
from feria_core.http import Page, decode_cursor, encode_cursor
from feria_core.http.bodies import validate
from feria_core.http.request import locale
from feria_core.ids import new_id, parse_id
from feria_core.jobs import enqueue
from feria_landing.errors import NewsletterNotDraft, NewsletterNotRunning, NewsletterUnknown, check_version
from feria_landing.fields import address_of
from feria_landing.newsletter import sending
from feria_landing.newsletter.campaign_schemas import (
    NewsletterBody,
    NewsletterOut,
    NewsletterPatch,
    NewsletterQuery,
    ProgressOut,
    SendBody,
    TestBody,
)
from feria_landing.newsletter.signing_up import chosen_lists

_COLUMNS = (
    "n.id, n.subject, n.body, n.body_html, n.format, n.lists, n.locale, n.state, n.send_at, n.version, n.created_at,"
    " n.updated_at, n.started_at, n.finished_at"
)
_SELECT = f"""
SELECT {_COLUMNS}, count(d.state) AS recipients, count(*) FILTER (WHERE d.state = 'mailed') AS mailed,
    count(*) FILTER (WHERE d.state = 'skipped') AS skipped, count(*) FILTER (WHERE d.state = 'waiting') AS waiting
FROM landing_newsletter n LEFT JOIN landing_delivery d ON d.newsletter_id = n.id
"""
_STORED = tuple(NewsletterBody.model_fields)


async def listed(query: NewsletterQuery) -> Page[NewsletterOut]:
    """Return a page of newsletters, the latest first."""
    position = decode_cursor(query.cursor, 1)
    before = parse_id(str(position[0])) if position else None
    rows = await db.fetch_all(
        _SELECT + " WHERE ($1::text IS NULL OR n.state = $1) AND ($2::uuid IS NULL OR n.id < $2)"
        " GROUP BY n.id ORDER BY n.id DESC LIMIT $3",
        query.state, before, query.limit + 1,
    )  # fmt: skip
    items = [_out(row) for row in rows[: query.limit]]
    more = encode_cursor(str(items[-1].id)) if len(rows) > query.limit else None
    return Page[NewsletterOut](items=items, next_cursor=more)


async def find(newsletter_id: str) -> NewsletterOut:
    """Return one newsletter and how far it is. Raises NewsletterUnknown."""
    known = parse_id(newsletter_id)
    row = await db.fetch_one(_SELECT + " WHERE n.id = $1 GROUP BY n.id", known) if known else None
    if row is None:
        raise NewsletterUnknown(newsletter_id)
    return _out(row)


async def create(body: NewsletterBody) -> NewsletterOut:
    """Write a draft. Raises Invalid for unknown lists."""
    newsletter_id, values = new_id(), _values(body)
    async with db.transaction():
        await db.execute(
            "INSERT INTO landing_newsletter"
            " (id, subject, body, format, body_html, lists, locale, state, created_at, updated_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, 'draft', $8, $8)",
            newsletter_id, *values,
        )  # fmt: skip
        await audit.record("landing.newsletter.created", "newsletter", newsletter_id, after=body.model_dump())
        return await find(str(newsletter_id))


async def edit(newsletter_id: str, patch: NewsletterPatch) -> NewsletterOut:
    """Change a draft. Raises NewsletterUnknown, NewsletterNotDraft, StaleVersion, Invalid."""
    given = patch.model_dump(exclude_unset=True, exclude={"version"})
    async with db.transaction():
        before = await _locked_draft(newsletter_id)
        check_version(before.version, patch.version)
        stored = before.model_dump(include=set(_STORED))
        body = validate(NewsletterBody, stored | given, where="body")
        await db.execute(
            "UPDATE landing_newsletter SET subject = $2, body = $3, format = $4, body_html = $5, lists = $6,"
            " locale = $7, updated_at = $8, version = version + 1 WHERE id = $1",
            before.id, *_values(body),
        )  # fmt: skip
        await audit.record(
            "landing.newsletter.changed", "newsletter", before.id,
            before={name: stored[name] for name in given}, after=given,
        )  # fmt: skip
        return await find(newsletter_id)


async def remove(newsletter_id: str) -> None:
    """Delete a draft. Raises NewsletterUnknown, NewsletterNotDraft."""
    async with db.transaction():
        draft = await _locked_draft(newsletter_id)
        await db.execute("DELETE FROM landing_newsletter WHERE id = $1", draft.id)
        await audit.record("landing.newsletter.deleted", "newsletter", draft.id, before={"subject": draft.subject})


async def try_out(newsletter_id: str, body: TestBody) -> None:
    """Mail the newsletter as it is to one address. Raises NewsletterUnknown."""
    newsletter = await find(newsletter_id)
    async with db.transaction():
        letter = sending.Letter.of(newsletter.model_dump())
        await sending.mail_one(letter, to=address_of(body.email), locale=locale(), token=None)
        await audit.record("landing.newsletter.tried_out", "newsletter", newsletter.id)


async def start(newsletter_id: str, body: SendBody) -> NewsletterOut:
    """Let the newsletter go out, now or at a time; of twins one starts it.

    Raises NewsletterUnknown, NewsletterNotDraft.
    """
    async with db.transaction():
        draft = await _locked_draft(newsletter_id)
        now = clock.now()
        await db.execute(
            "UPDATE landing_newsletter SET state = 'sending', send_at = $2, started_at = $3, updated_at = $3,"
            " version = version + 1 WHERE id = $1",
            draft.id, body.send_at, now,
        )  # fmt: skip
        run_at = body.send_at if body.send_at and body.send_at > now else None
        await enqueue("landing.send_newsletter", run_at=run_at, newsletter_id=str(draft.id), is_first=True)
        await audit.record("landing.newsletter.started", "newsletter", draft.id, after={"send_at": body.send_at})
        return await find(newsletter_id)


async def stop(newsletter_id: str) -> NewsletterOut:
    """Hand nothing more to the mail queue. Raises NewsletterUnknown, NewsletterNotRunning."""
    async with db.transaction():
        found = await _locked(newsletter_id)
        if found.state != "sending":
            raise NewsletterNotRunning(found.state)
        await db.execute(
            "UPDATE landing_newsletter SET state = 'stopped', finished_at = $2, updated_at = $2, version = version + 1"
            " WHERE id = $1",
            found.id, clock.now(),
        )  # fmt: skip
        await audit.record("landing.newsletter.stopped", "newsletter", found.id)
        return await find(newsletter_id)


async def _locked(newsletter_id: str) -> NewsletterOut:
    known: UUID | None = parse_id(newsletter_id)
    if known is not None:
        await db.execute("SELECT 1 FROM landing_newsletter WHERE id = $1 FOR UPDATE", known)
    return await find(newsletter_id)


async def _locked_draft(newsletter_id: str) -> NewsletterOut:
    found = await _locked(newsletter_id)
    if found.state != "draft":
        raise NewsletterNotDraft(found.state)
    return found


def _values(body: NewsletterBody) -> tuple[Any, ...]:
    html = render_markdown(body.body) if body.format == "markdown" else clean_html(body.body)
    return (body.subject, body.body, body.format, html, chosen_lists(body.lists), body.locale, clock.now())


def _out(row: Any) -> NewsletterOut:
    progress = ProgressOut(**{name: row[name] for name in ProgressOut.model_fields})
    return NewsletterOut(
        **{name: row[name] for name in NewsletterOut.model_fields if name != "progress"}, progress=progress
    )
