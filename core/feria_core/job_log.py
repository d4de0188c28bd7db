"""What became of jobs, for those who look after them; arguments are never shown, they may name persons."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from feria_core import clock, db
from feria_core.runtime import current

_COLUMNS = """id, name, queue, state, attempt, max_attempts, created_at, run_at, started_at, finished_at,
last_error AS cause"""
_WHERE = """($1::text IS NULL OR queue = $1) AND ($2::text IS NULL OR state = $2) AND ($3::text IS NULL OR name = $3)
AND ($4::timestamptz IS NULL OR created_at >= $4) AND ($5::timestamptz IS NULL OR created_at < $5)"""
_AGAIN = "state = 'queued', attempt = 0, started_at = NULL, lease_until = NULL, finished_at = NULL"


@dataclass(frozen=True)
class JobFilter:
    """Which jobs: None asks for all; `since` and `until` (excluded) are about when they were queued."""

    queue: str | None = None
    state: str | None = None
    name: str | None = None
    since: datetime | None = None
    until: datetime | None = None

    def values(self) -> tuple[str | datetime | None, ...]:
        return self.queue, self.state, self.name, self.since, self.until


async def page(wanted: JobFilter, *, before: UUID | None, limit: int) -> Sequence[db.Row]:
    """Return jobs, the latest first, from the one after `before` on."""
    return await db.fetch_all(
        f"SELECT {_COLUMNS} FROM core_job WHERE {_WHERE} AND ($6::uuid IS NULL OR id < $6) ORDER BY id DESC LIMIT $7",
        *wanted.values(), before, limit,
    )  # fmt: skip


async def queues() -> Sequence[db.Row]:
    """Return of each queue how many jobs wait, run and are dead, and since when the oldest waits though it is due."""
    return await db.fetch_all(
        "SELECT queue, count(*) FILTER (WHERE state = 'queued' AND started_at IS NULL) AS waiting,"
        " count(*) FILTER (WHERE state = 'queued' AND started_at IS NOT NULL) AS running,"
        " count(*) FILTER (WHERE state = 'dead') AS dead,"
        " min(run_at) FILTER (WHERE state = 'queued' AND started_at IS NULL AND run_at <= $1) AS oldest_due_at"
        " FROM core_job WHERE state <> 'done' GROUP BY queue ORDER BY queue",
        clock.now(),
    )


async def count_dead() -> int:
    """Return how many dead letters there are."""
    found: int = await db.fetch_value("SELECT count(*) FROM core_job WHERE state = 'dead'")
    return found


async def schedules() -> list[tuple[str, int, datetime | None]]:
    """Return each schedule's job, its period in seconds and its last run, None where it never ran."""
    rows = await db.fetch_all("SELECT name, last_run FROM core_schedule")
    last = {row["name"]: row["last_run"] for row in rows}
    return [(each.job, each.every_s, last.get(each.job)) for each in current().schedules]


async def retry(job_id: UUID) -> db.Row | None:
    """Queue a dead letter again in the caller's transaction; return it as it was, None where it is none (any more)."""
    return await db.fetch_one(
        f"WITH again AS (UPDATE core_job SET {_AGAIN}, run_at = $2 WHERE id = $1 AND state = 'dead' RETURNING id)"
        f" SELECT {_COLUMNS} FROM core_job WHERE id IN (SELECT id FROM again)",
        job_id, clock.now(),
    )  # fmt: skip


async def exists(job_id: UUID) -> bool:
    return bool(await db.fetch_value("SELECT true FROM core_job WHERE id = $1", job_id))


async def retry_many(wanted: JobFilter, *, most: int) -> int:
    """Queue the oldest `most` dead letters of the filter again, in the caller's transaction; return how many."""
    return await db.execute(
        f"UPDATE core_job SET {_AGAIN}, run_at = $6 WHERE id = ANY (ARRAY("
        f"SELECT id FROM core_job WHERE {_WHERE} AND state = 'dead' ORDER BY id LIMIT $7 FOR UPDATE SKIP LOCKED))"
        " AND state = 'dead'",
        *wanted.values(), clock.now(), most,
    )  # fmt: skip
