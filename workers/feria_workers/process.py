"""One worker process: an arq worker for each queue, the relay and the schedules, in one event loop."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Awaitable, Callable, Sequence

import structlog

from feria_core.app import open_runtime
from feria_core.config import Config
from feria_core.logs import configure_logs
from feria_core.plugins import resolve
from feria_core.runtime import Runtime, load_runtime
from feria_core.work import close_database
from feria_workers.queues import QueueWorker
from feria_workers.relay import Relay
from feria_workers.schedules import run_schedules

log = structlog.get_logger("feria.worker")

QUEUES = ("default", "mail", "github", "training")
# Redis and PostgreSQL come back; a worker that lost them begins again instead of dying.
PAUSE_S = 0.5


async def run_worker(config: Config, queues: Sequence[str] = QUEUES) -> None:
    """Work until SIGTERM or SIGINT, then let the running jobs end (at most 20 s). Raises StartRefused."""
    configure_logs(config.core)
    runtime = load_runtime(config)
    await open_runtime(runtime)
    stop = asyncio.Event()
    for signum in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signum, stop.set)
    workers = [QueueWorker(runtime, queue) for queue in queues]
    loops: list[Callable[[], Awaitable[None]]] = [
        *(worker.run for worker in workers),
        Relay(runtime, queues).run,
        lambda: run_schedules(runtime),
        lambda: _heartbeat(workers),
    ]
    tasks = [asyncio.create_task(_for_ever(loop)) for loop in loops]
    log.info("worker.ready", queues=list(queues), modules=[module.name for module in runtime.modules])
    await stop.wait()
    await _stop(runtime, workers, tasks)


async def _stop(runtime: Runtime, workers: Sequence[QueueWorker], tasks: Sequence[asyncio.Task[None]]) -> None:
    for worker in workers:
        worker.take_no_more()
    await asyncio.gather(*(worker.drained(timeout_s=20) for worker in workers))
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    for module in runtime.modules:
        if module.manifest.on_stop:
            await resolve(module.manifest.on_stop)()
    await close_database()
    log.info("worker.stopped")


async def _heartbeat(workers: Sequence[QueueWorker]) -> None:
    from feria_core.work import HEARTBEAT_S, renew

    while True:
        await asyncio.sleep(HEARTBEAT_S)
        running = [job_id for worker in workers for job_id in worker.running]
        if running:
            await renew(running)


async def _for_ever(loop: Callable[[], Awaitable[None]]) -> None:
    """Run `loop` again whenever Redis or PostgreSQL took it down, until the task is cancelled."""
    task = asyncio.current_task()
    # Closing what a lost server has left open fails too, and that error takes the place of the cancellation.
    while task is not None and not task.cancelling():
        try:
            await loop()
        except Exception as error:  # noqa: BLE001 - a lost server must not end the worker
            log.warning("worker.loop_failed", error=f"{type(error).__name__}: {error}")
        await asyncio.sleep(PAUSE_S)
