"""Running the jobs that a test has caused, in this process and without Redis."""

from __future__ import annotations

from feria_core._internal import outbox
from feria_core._internal.execution import run_job
from feria_core.runtime import current

QUEUES = ("default", "mail", "github", "training")


async def run_jobs(*, rounds: int = 20) -> list[str]:
    """Run every due job and deliver every event, also those that these cause; return the outcomes in order."""
    outcomes: list[str] = []
    for _ in range(rounds):
        moved = await outbox.fan_out(current())
        dispatches = await outbox.lease_due(QUEUES)
        if not moved and not dispatches:
            break
        outcomes += [await run_job(current(), dispatch.job_id, dispatch.number) for dispatch in dispatches]
    return outcomes
