"""What visitors read: the copy, whatever GitHub does at this moment."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from feria_core import cache, clock, db
from feria_core.errors import BadRequest
from feria_core.http import decode_cursor, encode_cursor
from feria_core.jobs import enqueue
from feria_core.runtime import settings
from feria_landing.github import repository
from feria_landing.github.refresh import configured
from feria_landing.github.schemas import (
    ContributionOut,
    ContributionQuery,
    ContributionsOut,
    FeedOut,
    FeedsOut,
    ProjectOut,
    ProjectQuery,
    ProjectsOut,
)
from feria_landing.settings import LandingSettings

# Who finds nothing asks a worker for it, once in so long.
ASK_AGAIN = timedelta(minutes=10)
_SORTS = {"-stars": "stars DESC, id", "-pushed_at": "pushed_at DESC NULLS LAST, id", "name": "lower(name), id"}
_PROJECTS = """
SELECT *, count(*) OVER () AS total FROM landing_project
WHERE ($1::text IS NULL OR lower(language) = lower($1)) AND ($2::text IS NULL OR topics @> ARRAY[lower($2::text)])
    AND ($3::text IS NULL OR strpos(lower(full_name || ' ' || coalesce(description, '')), lower($3)) > 0)
    AND ($4 OR NOT is_fork) AND ($5 OR NOT is_archived)
ORDER BY {order} LIMIT $6 OFFSET $7
"""
_CONTRIBUTIONS = """
SELECT *, count(*) OVER () AS total FROM landing_contribution
WHERE ($1::text IS NULL OR type = $1) AND ($2::text IS NULL OR state = $2)
    AND ($3::text IS NULL OR lower(repo) = lower($3))
ORDER BY created_at DESC, id DESC LIMIT $4 OFFSET $5
"""


async def projects(query: ProjectQuery) -> ProjectsOut:
    """Return a page of projects, and how old the copy is."""
    start = _start(query.cursor)
    rows = await db.fetch_all(
        _PROJECTS.format(order=_SORTS[query.sort]),
        query.language, query.topic, query.q or None, query.forks, query.archived, query.limit, start,
    )  # fmt: skip
    items = [ProjectOut(**row) for row in rows]
    return ProjectsOut(items=items, **_page(rows, start, query.limit), **await _standing("projects"))


async def contributions(query: ContributionQuery) -> ContributionsOut:
    """Return a page of contributions, the latest first, and how old the copy is."""
    start = _start(query.cursor)
    kind = "pull_request" if query.type == "pr" else query.type
    rows = await db.fetch_all(_CONTRIBUTIONS, kind, query.state, query.repo or None, query.limit, start)
    items = [ContributionOut(**row) for row in rows]
    return ContributionsOut(items=items, **_page(rows, start, query.limit), **await _standing("contributions"))


async def feeds() -> FeedsOut:
    """Return how the copies stand, for staff."""
    items = []
    for name in repository.FEEDS:
        row: Any = await repository.feed(name) or {}
        items.append(
            FeedOut(
                name=name,
                is_configured=configured(name),
                fetched_at=row.get("fetched_at"),
                stale=_is_stale(name, row.get("fetched_at")),
                failures=row.get("failures") or 0,
                not_before=row.get("not_before"),
                last_error=row.get("last_error"),
            )
        )
    return FeedsOut(items=items)


async def _standing(name: str) -> dict[str, Any]:
    """Return the age of the copy; where there is none yet, a worker is asked for one."""
    row = await repository.feed(name)
    fetched_at: datetime | None = row["fetched_at"] if row else None
    if fetched_at is None and configured(name):
        await _ask_for(name)
    if fetched_at is not None:
        becomes_stale = fetched_at + settings(LandingSettings).github_cache
        cache.until(becomes_stale if becomes_stale > clock.now() else None)
    return {"fetched_at": fetched_at, "stale": _is_stale(name, fetched_at)}


async def _ask_for(name: str) -> None:
    async with db.transaction():
        if await repository.request(name, clock.now(), clock.now() - ASK_AGAIN):
            await enqueue("landing.refresh_github", feed=name)


def _is_stale(name: str, fetched_at: datetime | None) -> bool:
    if fetched_at is None:
        return configured(name)
    return clock.now() >= fetched_at + settings(LandingSettings).github_cache


def _start(cursor: str | None) -> int:
    position = decode_cursor(cursor, 1)
    if position is None:
        return 0
    if not isinstance(position[0], int) or not 0 <= position[0] < 2**31:
        raise BadRequest("The cursor belongs to another list: leave it away to begin at the start.")
    return position[0]


def _page(rows: Any, start: int, limit: int) -> dict[str, Any]:
    total = rows[0]["total"] if rows else 0
    more = encode_cursor(start + limit) if start + limit < total else None
    return {"total": total, "next_cursor": more}
