"""Core's own checks of `feria doctor`: each returns one sentence for each thing found."""

from __future__ import annotations

from feria_core import audit_log, db
from feria_core.runtime import current

STUCK_AFTER = "10 minutes"


async def outbox() -> list[str]:
    """Events and jobs that should have moved long ago: no worker runs, or none of that queue."""
    doable = list(current().doable)
    waiting = await db.fetch_value(
        "SELECT count(*) FROM core_outbox"
        f" WHERE dispatched_at IS NULL AND occurred_at < now() - interval '{STUCK_AFTER}'"
    )
    rows = await db.fetch_all(
        "SELECT queue, count(*) AS jobs FROM core_job"
        f" WHERE state = 'queued' AND run_at < now() - interval '{STUCK_AFTER}'"
        " AND (lease_until IS NULL OR lease_until < now()) AND name = ANY($1) GROUP BY queue ORDER BY queue",
        doable,
    )
    found = [f"{waiting} events wait for over {STUCK_AFTER}: start `feria worker`"] if waiting else []
    return found + [
        f"{row['jobs']} jobs of queue '{row['queue']}' wait for over {STUCK_AFTER}: start a worker for it"
        for row in rows
    ]


async def jobs_of_nobody() -> list[str]:
    """Jobs that wait for a module that is not enabled: they are kept until it is, or is purged."""
    rows = await db.fetch_all(
        "SELECT name, count(*) AS jobs FROM core_job WHERE state = 'queued' AND name <> ALL($1)"
        f" AND run_at < now() - interval '{STUCK_AFTER}' GROUP BY name ORDER BY name",
        list(current().doable),
    )
    return [
        f"{row['jobs']} jobs '{row['name']}' wait, which no enabled module does: enable '{_module(row['name'])}' "
        f"again, or remove them with the rest of it: `feria modules purge {_module(row['name'])}`"
        for row in rows
    ]


def _module(job: str) -> str:
    return job.partition(".")[0]


async def dead_letters() -> list[str]:
    """Jobs that failed for good and that nobody has looked at."""
    rows = await db.fetch_all(
        "SELECT name, count(*) AS jobs, min(last_error) AS cause FROM core_job WHERE state = 'dead' GROUP BY name"
    )
    return [f"{row['jobs']} dead letters of '{row['name']}', one cause: {row['cause']}" for row in rows]


async def audit_chain() -> list[str]:
    """Rows of the audit log that were changed or deleted: see `feria audit verify`."""
    return list((await audit_log.verify()).breaks)
