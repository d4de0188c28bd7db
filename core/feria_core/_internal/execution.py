"""One attempt of one job: start, run, and mark done, postpone or bury."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import orjson
import structlog

from feria_core import db
from feria_core._internal import metrics, outbox
from feria_core.events import decode
from feria_core.jobs import Dead, GivenBack, JobContext, Later, Superseded
from feria_core.module import Job, Subscription
from feria_core.plugins import resolve
from feria_core.runtime import Runtime

log = structlog.get_logger("feria.jobs")


async def run_job(runtime: Runtime, job_id: UUID, dispatch: int, stopping: asyncio.Event | None = None) -> str:
    """Run one attempt; return "done", "retried", "dead" or "dropped" (for another to do).

    `stopping` is set when this process is about to end.
    """
    row = await outbox.start(job_id, dispatch)
    if row is None:
        return "dropped"
    if row["name"] not in runtime.doable:
        # Two versions share Redis during an upgrade: what a newer relay has leased came to an older worker.
        await outbox.give_back(job_id, dispatch)
        return "dropped"
    ctx = JobContext(
        job_id, row["name"], dispatch, row["attempt"], row["max_attempts"], stopping or asyncio.Event()
    )  # fmt: skip
    outcome = await _attempt(runtime, ctx, row)
    metrics.jobs_total.labels(name=ctx.name, outcome=outcome).inc()
    log.info("job.finished", job_id=str(job_id), job=ctx.name, attempt=ctx.attempt, outcome=outcome)
    return outcome


async def _attempt(runtime: Runtime, ctx: JobContext, row: db.Row) -> str:
    timeout_s, patient = _limits(runtime, ctx.name)
    try:
        async with asyncio.timeout(timeout_s):
            await _call(runtime, ctx, row)
    except Superseded:
        return "dropped"
    except GivenBack:
        await outbox.give_back(ctx.job_id, ctx.dispatch)
        return "dropped"
    except Dead as verdict:
        await outbox.bury(ctx.job_id, ctx.dispatch, str(verdict))
        return "dead"
    except Later as request:
        return await _again(ctx, request.after_s, str(request))
    except Exception as error:
        log.warning("job.failed", job_id=str(ctx.job_id), job=ctx.name, attempt=ctx.attempt, exc_info=error)
        return await _again(ctx, outbox.backoff_s(ctx.attempt, patient=patient), _cause(error, timeout_s))
    return "done"


async def _again(ctx: JobContext, after_s: float, reason: str) -> str:
    if ctx.is_last_attempt:
        await outbox.bury(ctx.job_id, ctx.dispatch, reason)
        return "dead"
    await outbox.postpone(ctx.job_id, ctx.dispatch, after_s=after_s, reason=reason)
    return "retried"


async def _call(runtime: Runtime, ctx: JobContext, row: db.Row) -> None:
    subscription = _subscription(runtime, ctx.name) if row["event_id"] else None
    if subscription is not None:
        event = decode(row["payload"], subscription.event)
        async with ctx.effect():
            await resolve(subscription.target)(event, ctx)
        return
    await resolve(runtime.jobs[ctx.name].target)(ctx, **orjson.loads(row["arguments"]))
    if not ctx.is_done:
        await ctx.mark_done()


def _limits(runtime: Runtime, name: str) -> tuple[int, bool]:
    declared: Job | Subscription | None = runtime.jobs.get(name) or _subscription(runtime, name)
    return (declared.timeout_s, declared.queue == "mail") if declared else (60, False)


def _subscription(runtime: Runtime, name: str) -> Subscription | None:
    for subscribers in runtime.subscriptions.values():
        for subscriber, subscription in subscribers:
            if subscriber == name:
                return subscription
    return None


def _cause(error: Exception, timeout_s: int) -> Any:
    """Return what staff are shown: the kind and the sentence, without a stack."""
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout_s} s"
    return f"{type(error).__name__}: {error}"
