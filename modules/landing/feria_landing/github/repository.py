"""Statements about the copy of what GitHub says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson

from feria_core import db
from feria_core.db import Row

FEEDS = ("projects", "contributions")
# Longer than a refresh may take; a worker that died in one holds the others up no longer.
CLAIM = timedelta(minutes=6)
TABLES = {"projects": "landing_project", "contributions": "landing_contribution"}
_COLUMNS = {
    "projects": "id bigint, name text, full_name text, description text, url text, homepage text, stars int, forks int,"
    " open_issues int, language text, topics text[], license text, is_fork boolean, is_archived boolean,"
    " pushed_at timestamptz, created_at timestamptz",
    "contributions": "id bigint, type text, state text, repo text, number bigint, title text, url text, labels text[],"
    " comments int, created_at timestamptz, updated_at timestamptz, closed_at timestamptz",
}
# One statement decides and takes: of any number of workers one refreshes, and none before its time.
_CLAIM = """
INSERT INTO landing_github_feed AS f (name, claim, claimed_until, attempted_at)
VALUES ($1, $2, $3::timestamptz + $5::interval, $3)
ON CONFLICT (name) DO UPDATE SET claim = $2, claimed_until = $3::timestamptz + $5::interval, attempted_at = $3
WHERE (f.claimed_until IS NULL OR f.claimed_until <= $3) AND (f.not_before IS NULL OR f.not_before <= $3)
    AND (f.fetched_at IS NULL OR f.fetched_at <= $4)
RETURNING failures
"""
_REQUEST = """
INSERT INTO landing_github_feed AS f (name, requested_at) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET requested_at = $2
WHERE f.fetched_at IS NULL AND (f.requested_at IS NULL OR f.requested_at <= $3)
RETURNING 1
"""


async def feed(name: str) -> Row | None:
    """Return how fresh the copy is."""
    return await db.fetch_one(
        "SELECT name, fetched_at, attempted_at, not_before, failures, last_error, digest, rewritten_at"
        " FROM landing_github_feed WHERE name = $1",
        name,
    )


async def claim(name: str, claim_id: UUID, now: datetime, fresh_since: datetime) -> int | None:
    """Take the refresh; return the failures before it, or None where it is another's or not due."""
    failures: int | None = await db.fetch_value(_CLAIM, name, claim_id, now, fresh_since, CLAIM)
    return failures


async def request(name: str, now: datetime, again_before: datetime) -> bool:
    """Note that somebody misses the feed; True for the first who does."""
    return await db.fetch_value(_REQUEST, name, now, again_before) is not None


async def give_up(
    name: str, claim_id: UUID, *, failures: int, not_before: datetime, reason: str
) -> None:  # fmt: skip
    """Let the refresh have failed; nobody asks GitHub before `not_before`."""
    await db.execute(
        "UPDATE landing_github_feed SET claim = NULL, claimed_until = NULL, failures = $3, not_before = $4,"
        " last_error = $5 WHERE name = $1 AND claim = $2",
        name, claim_id, failures, not_before, reason[:500],
    )  # fmt: skip


async def finish(name: str, claim_id: UUID, now: datetime, digest: bytes) -> Row | None:
    """Let the copy be fresh; return the `digest` that was stored, or None where the claim is not ours any more."""
    row = await db.fetch_one(
        "SELECT digest FROM landing_github_feed WHERE name = $1 AND claim = $2 FOR UPDATE", name, claim_id
    )
    if row is None:
        return None
    await db.execute(
        "UPDATE landing_github_feed SET claim = NULL, claimed_until = NULL, failures = 0, not_before = NULL,"
        " last_error = NULL, fetched_at = $2, digest = $3 WHERE name = $1",
        name, now, digest,
    )  # fmt: skip
    return row


async def pages(name: str) -> dict[str, Row]:
    """Return the pages that are known, by address, for conditional requests."""
    rows = await db.fetch_all(
        "SELECT url, etag, next_url, items::text AS items FROM landing_github_page WHERE feed = $1", name
    )
    return {row["url"]: row for row in rows}


async def write_pages(name: str, known: Sequence[tuple[str, str | None, str | None, list[dict[str, Any]]]]) -> None:
    """Let these be the pages that are known: address, ETag, the next one's address, items."""
    await db.execute("DELETE FROM landing_github_page WHERE feed = $1", name)
    await db.execute_many(
        "INSERT INTO landing_github_page (feed, url, etag, next_url, items) VALUES ($1, $2, $3, $4, $5::text::jsonb)",
        [(name, url, etag, following, orjson.dumps(items).decode()) for url, etag, following, items in known],
    )


async def rewrite(name: str, items: Sequence[Mapping[str, Any]], now: datetime) -> None:
    """Let these be the feed's items."""
    table = TABLES[name]
    await db.execute(f"DELETE FROM {table}")
    await db.execute(
        f"INSERT INTO {table} SELECT * FROM json_to_recordset($1::text::json) AS i ({_COLUMNS[name]})"
        " ON CONFLICT (id) DO NOTHING",
        orjson.dumps(list(items)).decode(),
    )
    await db.execute("UPDATE landing_github_feed SET rewritten_at = $2 WHERE name = $1", name, now)
