"""The relay: carries due jobs from PostgreSQL to Redis, and events to their subscribers."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from arq.connections import ArqRedis

from feria_core.runtime import Runtime
from feria_core.work import Dispatch, fan_out, lease_due, unlease
from feria_workers.queues import FUNCTION, arq_pool, queue_name

# Between two looks: short after work was found, longer while there is none.
BUSY_S, IDLE_S = 0.02, 0.25


class Relay:
    """Any number may run: rows are claimed with SKIP LOCKED and a lease."""

    def __init__(self, runtime: Runtime, queues: Sequence[str]) -> None:
        self._runtime = runtime
        self._queues = tuple(queues)

    async def run(self) -> None:
        """Carry until Redis or PostgreSQL is lost (an exception) or the task is cancelled."""
        pool = await arq_pool(self._runtime)
        try:
            while True:
                await pool.ping()  # nothing is leased while it could not be handed over
                moved = await fan_out(self._runtime)
                dispatches = await lease_due(self._queues)
                await self._hand_over(pool, dispatches)
                await asyncio.sleep(BUSY_S if moved or dispatches else IDLE_S)
        finally:
            await pool.aclose()

    async def _hand_over(self, pool: ArqRedis, dispatches: Sequence[Dispatch]) -> None:
        for index, dispatch in enumerate(dispatches):
            try:
                await pool.enqueue_job(
                    FUNCTION,
                    str(dispatch.job_id),
                    dispatch.number,
                    _job_id=f"{dispatch.job_id}:{dispatch.number}",
                    _queue_name=queue_name(dispatch.queue),
                )
            except Exception:
                await unlease(dispatches[index:])
                raise
