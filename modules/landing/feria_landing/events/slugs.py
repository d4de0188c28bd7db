"""Slugs of events: unique, and never lost once they were public."""

from __future__ import annotations

import secrets
from uuid import UUID

from feria_core import clock, db
from feria_landing.errors import EventSlugTaken

_NUMBERED = 4
_IN_USE = """
SELECT EXISTS (SELECT FROM landing_event WHERE slug = $1) OR EXISTS (SELECT FROM landing_event_slug WHERE slug = $1)
"""


def numbered(slug: str, attempt: int) -> str:
    """Return the slug for the how-maniest attempt: `open-day`, `open-day-2`, in the end with some random letters."""
    if attempt == 1:
        return slug
    return f"{slug}-{attempt if attempt <= _NUMBERED else secrets.token_hex(4)}"


async def is_free(slug: str) -> bool:
    """Return whether no event has the slug or had it."""
    return not await db.fetch_value(_IN_USE, slug)


async def claim(slug: str, event_id: UUID) -> None:
    """Check that no other event has the slug, and take it out of the history. Raises EventSlugTaken."""
    if await db.fetch_value("SELECT 1 FROM landing_event WHERE slug = $1 AND id <> $2", slug, event_id):
        raise EventSlugTaken(slug)
    await db.execute("DELETE FROM landing_event_slug WHERE slug = $1", slug)


async def retire(slug: str, event_id: UUID) -> None:
    """Remember the slug that the event had until now, so that it leads to the new one."""
    await db.execute(
        "INSERT INTO landing_event_slug (slug, event_id, retired_at) VALUES ($1, $2, $3)"
        " ON CONFLICT (slug) DO UPDATE SET event_id = excluded.event_id, retired_at = excluded.retired_at",
        slug, event_id, clock.now(),
    )  # fmt: skip
