"""Core's own checks of `feria doctor`: each returns one sentence for each thing found."""

from __future__ import annotations

from feria_core import audit_log, db

STUCK_AFTER = "10 minutes"


async def outbox() -> list[str]:
    """Events and jobs that should have moved long ago: no worker runs, or none of that queue."""
    waiting = await db.fetch_value(
        "SELECT count(*) FROM core_outbox"
        f" WHERE dispatched_at IS NULL AND occurred_at < now() - interval '{STUCK_AFTER}'"
    )
    rows = await db.fetch_all(
        "SELECT queue, count(*) AS jobs FROM core_job"
        f" WHERE state = 'queued' AND run_at < now() - interval '{STUCK_AFTER}'"
        " AND (lease_until IS NULL OR lease_until < now()) GROUP BY queue ORDER BY queue"
    )
    found = [f"{waiting} events wait for over {STUCK_AFTER}: start `feria worker`"] if waiting else []
    return found + [
        f"{row['jobs']} jobs of queue '{row['queue']}' wait for over {STUCK_AFTER}: start a worker for it"
        for row in rows
    ]


async def dead_letters() -> list[str]:
    """Jobs that failed for good and that nobody has looked at."""
    rows = await db.fetch_all(
        "SELECT name, count(*) AS jobs, min(last_error) AS cause FROM core_job WHERE state = 'dead' GROUP BY name"
    )
    return [f"{row['jobs']} dead letters of '{row['name']}', one cause: {row['cause']}" for row in rows]


async def audit_chain() -> list[str]:
    """Rows of the audit log that were changed or deleted: see `feria audit verify`."""
    return list((await audit_log.verify()).breaks)
