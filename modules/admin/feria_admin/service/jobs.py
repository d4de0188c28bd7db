"""Jobs for those who look after them; dead letters are queued again, one or many, on record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from feria_admin.cursors import only_id
from feria_admin.errors import JobNotDead, JobUnknown
from feria_admin.schemas_jobs import JobOut, JobQuery, QueueOut, RetryBody, ScheduleOut, SummaryOut
from feria_core import audit, db, job_log
from feria_core.http import Page, encode_cursor
from feria_core.job_log import JobFilter

MOST_AT_ONCE = 10_000


async def listed(query: JobQuery) -> Page[JobOut]:
    """Return one page, the latest first."""
    wanted = JobFilter(query.queue, query.state, query.name, query.since, query.until)
    rows = await job_log.page(wanted, before=only_id(query.cursor), limit=query.limit + 1)
    shown = [_shown(row) for row in rows[: query.limit]]
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].id) if len(rows) > query.limit else None)


async def summary() -> SummaryOut:
    """Return how the queues and the schedules stand."""
    return SummaryOut(
        queues=[QueueOut(**row) for row in await job_log.queues()],
        schedules=[
            ScheduleOut(job=job, every_s=every_s, last_run_at=last) for job, every_s, last in await job_log.schedules()
        ],
    )


async def retry(job_id: UUID | None) -> JobOut:
    """Queue a dead letter again; of twins one does it. Raises JobUnknown, JobNotDead."""
    async with db.transaction():
        row = await job_log.retry(job_id) if job_id else None
        if row is None:
            if job_id is None or not await job_log.exists(job_id):
                raise JobUnknown
            raise JobNotDead
        await audit.record("job.retried", "job", row["id"], before={"job": row["name"], "attempts": row["attempt"]})
        again = {**row, "state": "queued", "attempt": 0, "started_at": None, "finished_at": None}
        return _shown(again)


async def retry_many(body: RetryBody) -> int:
    """Queue the dead letters of the filter again, as one act; return how many."""
    async with db.transaction():
        wanted = JobFilter(body.queue, None, body.name, body.since, body.until)
        count = await job_log.retry_many(wanted, most=MOST_AT_ONCE)
        if count:
            after = {**body.model_dump(exclude_none=True), "retried": count}
            await audit.record("job.retried_many", "job", body.name or body.queue or "all", after=after)
    return count


def _shown(row: Any) -> JobOut:
    # Errors can quote values, the first line seldom does, and says what is wrong.
    lines = (row["cause"] or "").splitlines()
    return JobOut(**{**row, "cause": lines[0][:300] if lines else None})
