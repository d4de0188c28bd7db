"""Schedules: once in every period for any number of workers, caught up after downtime."""

from __future__ import annotations

import asyncio

from feria_core import db
from feria_core.jobs import enqueue
from feria_core.runtime import Runtime
from feria_core.work import claim_schedule

LOOK_EVERY_S = 1.0


async def run_schedules(runtime: Runtime) -> None:
    """Enqueue what is due, for ever; claim and job are one transaction."""
    while True:
        for schedule in runtime.schedules:
            async with db.transaction():
                if await claim_schedule(schedule.job, schedule.every_s):
                    await enqueue(schedule.job, **schedule.arguments)
        await asyncio.sleep(LOOK_EVERY_S)
