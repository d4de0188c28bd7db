"""An arq worker for one queue: it only carries "do this now"; the truth about a job is in PostgreSQL."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any
from uuid import UUID

import msgspec
from arq.connections import ArqRedis, create_pool
from arq.worker import Worker, func

from feria_core.runtime import Runtime
from feria_core.work import redis_settings, run_job

# Job timeouts are ours, from PostgreSQL; arq's only must never strike first.
ARQ_TIMEOUT_S = 7 * 24 * 3600
PARALLEL = {"mail": 20, "default": 10, "github": 2, "training": 1}
FUNCTION = "feria_job"


def queue_name(queue: str) -> str:
    """Return the Redis key of a queue."""
    return f"feria:queue:{queue}"


async def arq_pool(runtime: Runtime) -> ArqRedis:
    """Return a connection to Redis that speaks JSON: with arq's default, pickle, writing to Redis is running code."""
    return await create_pool(
        redis_settings(runtime.config.redis_url),
        job_serializer=msgspec.json.Encoder(enc_hook=repr).encode,
        job_deserializer=msgspec.json.Decoder().decode,
    )


class QueueWorker:
    """Runs the jobs of one queue; `running` are those whose leases must be renewed."""

    def __init__(self, runtime: Runtime, queue: str) -> None:
        self.queue = queue
        self.running: set[UUID] = set()
        self._runtime = runtime
        self._stopping = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()

    async def run(self) -> None:
        """Take jobs until Redis is lost (an exception) or the task is cancelled."""
        pool = await arq_pool(self._runtime)
        worker = Worker(
            functions=[func(self._do, name=FUNCTION, timeout=ARQ_TIMEOUT_S, max_tries=1, keep_result=0)],
            queue_name=queue_name(self.queue),
            redis_pool=pool,
            handle_signals=False,
            max_jobs=PARALLEL.get(self.queue, 10),
            poll_delay=0.1,
            retry_jobs=False,
            health_check_interval=10,
            health_check_key=f"feria:health:{self.queue}",
            job_serializer=msgspec.json.Encoder(enc_hook=repr).encode,
            job_deserializer=msgspec.json.Decoder().decode,
        )
        try:
            await worker.async_run()
        finally:
            await worker.close()

    def take_no_more(self) -> None:
        """Leave jobs that arrive from now on to others, and have long ones give themselves back."""
        self._stopping.set()

    async def drained(self, *, timeout_s: float) -> None:
        """Wait until the running jobs have ended, at most `timeout_s` seconds."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(timeout_s):
                await self._idle.wait()

    async def _do(self, ctx: dict[str, Any], job_id: str, dispatch: int) -> None:
        del ctx
        if self._stopping.is_set():
            return
        key = UUID(job_id)
        self.running.add(key)
        self._idle.clear()
        try:
            await run_job(self._runtime, key, dispatch, self._stopping)
        finally:
            self.running.discard(key)
            if not self.running:
                self._idle.set()
