"""Forgetting what has served its time, in small bites that hold no lock for long."""

from __future__ import annotations

from feria_core import db
from feria_core.jobs import JobContext

# Finished rows are kept for as long as a replay or a question may come.
RULES = (
    (
        "core_outbox",
        (
            "dispatched_at < now() - interval '7 days'"
            " AND NOT EXISTS (SELECT FROM core_job j WHERE j.event_id = core_outbox.id AND j.state <> 'done')"
        ),
    ),
    ("core_job", "state = 'done' AND finished_at < now() - interval '7 days'"),
    ("core_mail", "sent_at < now() - interval '30 days'"),
    ("core_idempotency", "expires_at < now()"),
    ("core_rate_limit", "expires_at < now()"),
)
BITE = 5000


async def sweep(ctx: JobContext) -> None:
    """Delete what is past its time from core's own tables."""
    del ctx
    for table, condition in RULES:
        bite = f"DELETE FROM {table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM {table} WHERE {condition} LIMIT {BITE}))"
        while await db.execute(bite) == BITE:
            pass
