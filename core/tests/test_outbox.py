"""Events and jobs: written with the business, delivered after it, applied once."""

from __future__ import annotations

import asyncio
import types
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, ClassVar
from uuid import UUID

import pytest

from feria_core import db
from feria_core._internal import checks, outbox
from feria_core._internal.execution import run_job
from feria_core.events import publish
from feria_core.ids import new_id
from feria_core.jobs import Dead, GivenBack, JobContext, Later, enqueue
from feria_core.runtime import current
from feria_core.testing.clock import MovableClock
from feria_core.testing.work import run_jobs


async def count(table: str, condition: str = "true") -> int:
    return int(await db.fetch_value(f"SELECT count(*) FROM {table} WHERE {condition}"))


async def test_an_event_reaches_each_subscriber_once(probe: types.ModuleType) -> None:
    heard: list[tuple[str, int]] = []

    async def hear(event: Any, ctx: JobContext) -> None:
        heard.append((ctx.name, event.times))

    probe.hear = probe.listen = hear
    async with db.transaction():
        await publish(probe.Rang(times=3))
    await run_jobs()
    assert sorted(heard) == [("probe.hear", 3), ("probe.listen", 3)]
    assert await run_jobs() == []


async def test_a_rolled_back_event_reaches_nobody(probe: types.ModuleType) -> None:
    with pytest.raises(ZeroDivisionError):
        async with db.transaction():
            await publish(probe.Rang(times=1))
            _ = 1 / 0
    assert await run_jobs() == []


async def test_publishing_outside_a_transaction_is_refused(probe: types.ModuleType) -> None:
    with pytest.raises(RuntimeError, match=r"publish\(probe\.rang\) needs an open transaction"):
        await publish(probe.Rang(times=1))
    with pytest.raises(RuntimeError, match=r"enqueue\(probe\.work\) needs an open transaction"):
        await enqueue("probe.work")


async def test_an_event_without_subscribers_leaves_no_row(probe: types.ModuleType) -> None:
    del probe

    @dataclass(frozen=True)
    class Unheard:
        name: ClassVar[str] = "probe.unheard"
        version: ClassVar[int] = 1

    async with db.transaction():
        await publish(Unheard())  # type: ignore[arg-type]
    assert await count("core_outbox") == 0


async def test_the_effect_of_a_handler_and_its_done_mark_are_one(probe: types.ModuleType) -> None:
    tries = []

    async def effect_then_failure(event: Any, ctx: JobContext) -> None:
        del event
        tries.append(ctx.attempt)
        await db.execute("INSERT INTO core_schedule VALUES ('effect', now())")
        if len(tries) == 1:
            raise OSError("the network is gone")

    probe.hear = effect_then_failure
    with MovableClock() as clock:
        async with db.transaction():
            await publish(probe.Rang(times=1))
        assert sorted(await run_jobs()) == ["done", "retried"]
        assert await count("core_schedule") == 0
        clock.move(minutes=1)
        assert await run_jobs() == ["done"]
    assert tries == [1, 2]
    assert await count("core_schedule") == 1


async def test_a_job_that_keeps_failing_becomes_a_dead_letter_with_its_cause(probe: types.ModuleType) -> None:
    async def fail(ctx: JobContext) -> None:
        raise ValueError("no such picture")

    probe.work = fail
    outcomes = []
    with MovableClock() as clock:
        async with db.transaction():
            await enqueue("probe.work")
        for _ in range(5):
            outcomes += await run_jobs()
            clock.move(hours=1)
    assert outcomes == ["retried", "retried", "dead"]
    row = await db.fetch_one("SELECT state, last_error, attempt FROM core_job")
    assert row is not None
    assert (row["state"], row["last_error"], row["attempt"]) == ("dead", "ValueError: no such picture", 3)


async def test_a_job_decides_to_die_or_to_wait(probe: types.ModuleType) -> None:
    async def work(ctx: JobContext, *, verdict: str) -> None:
        raise Dead("never") if verdict == "die" else Later(5, "not yet")

    probe.work = work
    async with db.transaction():
        await enqueue("probe.work", verdict="die")
        await enqueue("probe.work", verdict="wait")
    assert sorted(await run_jobs()) == ["dead", "retried"]


async def test_a_long_job_gives_itself_back_when_its_worker_is_to_end(probe: types.ModuleType) -> None:
    entered, stopping = asyncio.Event(), asyncio.Event()

    async def work(ctx: JobContext) -> None:
        entered.set()
        await ctx.stopping.wait()
        raise GivenBack

    probe.work = work
    async with db.transaction():
        await enqueue("probe.work")
    (leased,) = await outbox.lease_due(["default"])
    running = asyncio.create_task(run_job(current(), leased.job_id, leased.number, stopping))
    await entered.wait()
    stopping.set()
    assert await running == "dropped"
    row = await db.fetch_one("SELECT state, attempt, started_at, lease_until FROM core_job")
    assert row is not None
    assert tuple(row) == ("queued", 0, None, None)


async def test_a_job_past_its_timeout_is_tried_again(probe: types.ModuleType) -> None:
    async def sleep(ctx: JobContext) -> None:
        await asyncio.sleep(10)

    probe.work = sleep
    async with db.transaction():
        await enqueue("probe.work")
    assert await run_jobs(rounds=1) == ["retried"]
    assert await db.fetch_value("SELECT last_error FROM core_job") == "no answer within 2 s"


async def _in_a_transaction(ctx: JobContext) -> None:
    async with ctx.effect():
        await db.execute("INSERT INTO core_schedule VALUES ($1, now())", f"effect {ctx.attempt}")


async def _with_one_statement(ctx: JobContext) -> None:
    effect = "INSERT INTO core_schedule SELECT $3, now() WHERE EXISTS (SELECT FROM done)"
    await ctx.effect_of(effect, f"effect {ctx.attempt}")


@pytest.mark.parametrize("take_effect", [_in_a_transaction, _with_one_statement])
async def test_an_attempt_that_was_overtaken_changes_nothing(
    probe: types.ModuleType, take_effect: Callable[[JobContext], Awaitable[None]]
) -> None:
    entered, go_on = asyncio.Event(), asyncio.Event()

    async def slow(ctx: JobContext) -> None:
        if ctx.attempt == 1:
            entered.set()
            await go_on.wait()
        await take_effect(ctx)

    probe.work = slow
    with MovableClock() as clock:
        async with db.transaction():
            await enqueue("probe.work")
        (first,) = await outbox.lease_due(["default"])
        paused = asyncio.create_task(run_job(current(), first.job_id, first.number))
        await entered.wait()
        clock.move(seconds=outbox.RUN_LEASE_S + 1)  # its worker gave no sign of life
        (second,) = await outbox.lease_due(["default"])
        assert await run_job(current(), second.job_id, second.number) == "done"
        go_on.set()
        assert await paused == "dropped"
    assert [row["name"] for row in await db.fetch_all("SELECT name FROM core_schedule")] == ["effect 2"]


async def test_twenty_workers_take_a_job_once(probe: types.ModuleType) -> None:
    runs = []

    async def work(ctx: JobContext) -> None:
        runs.append(ctx.job_id)

    probe.work = work
    async with db.transaction():
        await enqueue("probe.work")
    leased = [d for batch in await asyncio.gather(*(outbox.lease_due(["default"]) for _ in range(20))) for d in batch]
    assert len(leased) == 1
    outcomes = await asyncio.gather(*(run_job(current(), leased[0].job_id, leased[0].number) for _ in range(20)))
    assert sorted(outcomes) == ["done"] + ["dropped"] * 19
    assert len(runs) == 1


async def test_a_job_whose_workers_die_is_given_up_after_its_attempts(probe: types.ModuleType) -> None:
    del probe
    with MovableClock() as clock:
        async with db.transaction():
            await enqueue("probe.work")
        for _ in range(3):
            (dispatch,) = await outbox.lease_due(["default"])
            assert await outbox.start(dispatch.job_id, dispatch.number) is not None
            clock.move(seconds=60)
        (dispatch,) = await outbox.lease_due(["default"])
        assert await outbox.start(dispatch.job_id, dispatch.number) is None
    assert await db.fetch_value("SELECT state FROM core_job") == "dead"


async def test_a_schedule_is_claimed_once_in_a_period_and_caught_up_once(probe: types.ModuleType) -> None:
    del probe
    with MovableClock() as clock:
        claims = await asyncio.gather(*(outbox.claim_schedule("nightly", 3600) for _ in range(20)))
        assert sum(claims) == 1
        clock.move(seconds=3599)
        assert not await outbox.claim_schedule("nightly", 3600)
        clock.move(hours=50)
        assert await outbox.claim_schedule("nightly", 3600)
        assert not await outbox.claim_schedule("nightly", 3600)


async def queued_for_nobody() -> UUID:
    """Leave the job of a module that is not enabled, due for an hour."""
    job_id = new_id()
    await db.execute(
        "INSERT INTO core_job (id, name, queue, arguments, max_attempts, run_at)"
        " VALUES ($1, 'gone.work', 'default', '{}', 3, now() - interval '1 hour')",
        job_id,
    )
    return job_id


async def test_a_job_that_no_enabled_module_declares_is_kept_and_told(probe: types.ModuleType) -> None:
    await queued_for_nobody()
    with MovableClock() as clock:
        for _ in range(10):
            assert await run_jobs() == []
            clock.move(hours=1)
    row = await db.fetch_one("SELECT state, attempt, last_error FROM core_job")
    assert row is not None
    assert tuple(row) == ("queued", 0, None)
    (told,) = await checks.jobs_of_nobody()
    assert told.startswith("1 jobs 'gone.work' wait, which no enabled module does: enable 'gone' again")
    assert await checks.outbox() == []


async def test_a_worker_gives_back_what_a_newer_one_has_handed_out(probe: types.ModuleType) -> None:
    """Two versions share Redis: the older takes a job of the newer's, and it has cost the job no attempt."""
    job_id = await queued_for_nobody()
    await db.execute("UPDATE core_job SET dispatch = 1, lease_until = now() + interval '1 minute'")
    assert await run_job(current(), job_id, 1) == "dropped"
    row = await db.fetch_one("SELECT state, attempt, started_at, lease_until FROM core_job")
    assert row is not None
    assert tuple(row) == ("queued", 0, None, None)
