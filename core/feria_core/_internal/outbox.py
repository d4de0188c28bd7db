"""The rows behind events and jobs: fan-out, leases, attempts, dead letters. PostgreSQL is the truth.

Redis only carries the message "do this now"; losing it costs a lease, never a job.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from feria_core import clock, db
from feria_core.ids import new_id
from feria_core.runtime import Runtime, current

# How long a job may wait in Redis before it is handed out again; a flushed Redis costs this much.
WAIT_LEASE_S = 15
# How long a started job may go without a sign of life of its worker, which renews every HEARTBEAT_S.
RUN_LEASE_S = 10
HEARTBEAT_S = 3
# Not more than this waits in Redis for one queue, so that a flush delays few jobs.
WINDOW = 200
# Retries of mail and the like: patient, since the other side may be down for hours, and yet close enough at first that
# after ten minutes of outage nothing waits ten minutes more.
PATIENT_S = (60, 120, 240, 480, 900, 1800, 3600, 7200, 21600, 43200, 86400)


@dataclass(frozen=True)
class Dispatch:
    """One job handed out to a worker; an older dispatch of the same job no longer counts."""

    job_id: UUID
    number: int
    queue: str


async def fan_out(runtime: Runtime, *, limit: int = 200) -> int:
    """Turn waiting events into one job for each subscriber; return how many events were taken."""
    async with db.transaction():
        events = await db.fetch_all(
            "SELECT id, name FROM core_outbox WHERE dispatched_at IS NULL ORDER BY id LIMIT $1 FOR UPDATE SKIP LOCKED",
            limit,
        )
        rows = [
            (new_id(), subscriber, subscription.queue, event["id"], subscription.max_attempts)
            for event in events
            for subscriber, subscription in runtime.subscriptions.get(event["name"], ())
        ]
        if events and runtime.listeners:
            await _tell_listeners(runtime, [event["id"] for event in events])
        if rows:
            await db.execute(
                "INSERT INTO core_job (id, name, queue, arguments, event_id, max_attempts, run_at)"
                " SELECT j.id, j.name, j.queue, '{}', j.event_id, j.max_attempts, $6"
                " FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::int[])"
                "      AS j (id, name, queue, event_id, max_attempts)"
                " ON CONFLICT DO NOTHING",
                *(list(column) for column in zip(*rows, strict=True)),
                clock.now(),
            )
        if events:
            await db.execute(
                "UPDATE core_outbox SET dispatched_at = now() WHERE id = ANY($1)", [event["id"] for event in events]
            )
    return len(events)


async def _tell_listeners(runtime: Runtime, event_ids: Sequence[UUID]) -> None:
    """Queue one job for each event and each listener that wants it by now."""
    wanted = await db.fetch_all(
        "SELECT DISTINCT o.id, i.job FROM core_outbox o JOIN core_event_interest i"
        " ON CASE WHEN i.is_whole THEN i.prefix = o.name ELSE starts_with(o.name, i.prefix) END"
        " WHERE o.id = ANY ($1) AND i.job = ANY ($2)",
        list(event_ids), list(runtime.listeners),
    )  # fmt: skip
    jobs = [(row["id"], runtime.jobs[row["job"]]) for row in wanted]
    if jobs:
        await db.execute(
            "INSERT INTO core_job (id, name, queue, arguments, event_id, max_attempts, run_at)"
            " SELECT j.id, j.name, j.queue, jsonb_build_object('event_id', j.event_id), j.event_id, j.max_attempts, $6"
            " FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::int[])"
            "      AS j (id, name, queue, event_id, max_attempts)"
            " ON CONFLICT DO NOTHING",
            [new_id() for _ in jobs], [job.name for _, job in jobs], [job.queue for _, job in jobs],
            [event_id for event_id, _ in jobs], [job.max_attempts for _, job in jobs], clock.now(),
        )  # fmt: skip


async def lease_due(queues: Sequence[str]) -> list[Dispatch]:
    """Hand out the due jobs of `queues` that nobody works on; each counts as waiting for WAIT_LEASE_S.

    A job that no enabled module declares stays where it is: for workers of a newer version, or until its module is
    enabled again.
    """
    rows = await db.fetch_all(
        """
        WITH room AS (
            SELECT q.queue, $4 - count(j.id) AS free
            FROM unnest($1::text[]) AS q (queue)
            LEFT JOIN core_job j ON j.queue = q.queue AND j.state = 'queued' AND j.started_at IS NULL
                                AND j.lease_until > $2
            GROUP BY q.queue
        ), due AS (
            SELECT picked.id FROM room CROSS JOIN LATERAL (
                SELECT id FROM core_job
                WHERE queue = room.queue AND state = 'queued' AND run_at <= $2 AND name = ANY($5)
                      AND (lease_until IS NULL OR lease_until <= $2)
                ORDER BY run_at LIMIT greatest(room.free, 0) FOR UPDATE SKIP LOCKED
            ) AS picked
        )
        UPDATE core_job SET dispatch = dispatch + 1, started_at = NULL, lease_until = $3
        FROM due WHERE core_job.id = due.id
        RETURNING core_job.id, core_job.dispatch, core_job.queue
        """,
        list(queues), clock.now(), clock.now() + timedelta(seconds=WAIT_LEASE_S), WINDOW,
        list(current().doable),
    )  # fmt: skip
    return [Dispatch(row["id"], row["dispatch"], row["queue"]) for row in rows]


async def unlease(dispatches: Sequence[Dispatch]) -> None:
    """Take back what could not be handed to Redis."""
    await db.execute(
        "UPDATE core_job SET lease_until = NULL WHERE id = ANY($1) AND started_at IS NULL AND state = 'queued'",
        [dispatch.job_id for dispatch in dispatches],
    )


async def start(job_id: UUID, dispatch: int) -> db.Row | None:
    """Begin an attempt; return the job's row, or None where this dispatch no longer counts.

    A job whose workers died at every attempt becomes a dead letter here.
    """
    row = await db.fetch_one(
        """
        UPDATE core_job j SET attempt = attempt + 1, started_at = now(), lease_until = $3
        FROM (SELECT id, event_id FROM core_job WHERE id = $1) AS same
        LEFT JOIN core_outbox o ON o.id = same.event_id
        WHERE j.id = same.id AND j.dispatch = $2 AND j.state = 'queued' AND j.started_at IS NULL
        RETURNING j.name, j.attempt, j.max_attempts, j.arguments::text AS arguments,
                  j.event_id, o.payload::text AS payload
        """,
        job_id, dispatch, clock.now() + timedelta(seconds=RUN_LEASE_S),
    )  # fmt: skip
    if row is not None and row["attempt"] > row["max_attempts"]:
        await bury(job_id, dispatch, "its worker died at every attempt")
        return None
    return row


async def renew(job_ids: Sequence[UUID]) -> None:
    """Extend the leases of the jobs that this worker is running."""
    await db.execute(
        "UPDATE core_job SET lease_until = $2 WHERE id = ANY($1) AND state = 'queued' AND started_at IS NOT NULL",
        list(job_ids), clock.now() + timedelta(seconds=RUN_LEASE_S),
    )  # fmt: skip


async def give_back(job_id: UUID, dispatch: int) -> None:
    """Leave the job, as if this attempt had not been, to other workers."""
    await db.execute(
        "UPDATE core_job SET attempt = attempt - 1, started_at = NULL, lease_until = NULL"
        " WHERE id = $1 AND dispatch = $2 AND state = 'queued'",
        job_id, dispatch,
    )  # fmt: skip


async def postpone(job_id: UUID, dispatch: int, *, after_s: float, reason: str) -> None:
    """Try the job again after `after_s` seconds."""
    await db.execute(
        "UPDATE core_job SET run_at = $3, lease_until = NULL, started_at = NULL, last_error = $4"
        " WHERE id = $1 AND dispatch = $2 AND state = 'queued'",
        job_id, dispatch, clock.now() + timedelta(seconds=after_s), reason[:2000],
    )  # fmt: skip


async def bury(job_id: UUID, dispatch: int, reason: str) -> None:
    """Make the job a dead letter: kept, listed, retried only by a person."""
    await db.execute(
        "UPDATE core_job SET state = 'dead', finished_at = now(), lease_until = NULL, last_error = $3"
        " WHERE id = $1 AND dispatch = $2 AND state = 'queued'",
        job_id, dispatch, reason[:2000],
    )  # fmt: skip


def backoff_s(attempt: int, *, patient: bool) -> float:
    """Return seconds until the next try: 2, 4, 8, ... to an hour, or the patient schedule; 20 % jitter."""
    base = PATIENT_S[min(attempt, len(PATIENT_S)) - 1] if patient else min(2.0**attempt, 3600.0)
    return base * random.uniform(0.8, 1.2)  # noqa: S311 - spreads load, guards nothing


async def claim_schedule(name: str, every_s: int) -> bool:
    """Return True once in every period, for any number of workers; call it in the enqueueing transaction."""
    now = clock.now()
    claimed = await db.fetch_value(
        "INSERT INTO core_schedule AS s (name, last_run) VALUES ($1, $2)"
        " ON CONFLICT (name) DO UPDATE SET last_run = $2 WHERE s.last_run <= $3 RETURNING 1",
        name, now, now - timedelta(seconds=every_s),
    )  # fmt: skip
    return claimed is not None
