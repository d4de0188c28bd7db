"""Trainings: asked for, run in a process of their own, and gone back from."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import structlog

from feria_core import audit, clock, db
from feria_core.jobs import GivenBack, enqueue
from feria_core.processes.child import Child, spawn
from feria_core.processes.room import leaving_room
from feria_core.runtime import current, settings
from feria_personalization.errors import NoEarlierModel
from feria_personalization.repository import models, trainings
from feria_personalization.settings import PersonalizationSettings
from feria_personalization.training import IN_TURN

log = structlog.get_logger("feria.personalization")

JOB = "personalization.train"
# A training tells twice a second how far it is, where it gets a core; after so long without a word its process is gone.
SILENT = timedelta(minutes=10)
# So long one may wait for a worker, or for its next attempt.
QUEUED = timedelta(days=1)
# glibc keeps freed arrays for the next of their size, a hundred megabytes of them here; told so, it gives them back.
FORGETFUL = {"MALLOC_MMAP_THRESHOLD_": "131072", "MALLOC_TRIM_THRESHOLD_": "131072"}
# A small shop's training is done in so many seconds of the processor: held, it would take minutes.
SHORT_S = 4.0
# So long a worker that is to end trains on.
WAITED_S = 0.5


async def ask(*, by_staff: bool) -> UUID:
    """Queue a training and return its id; one that waits or runs already is returned instead."""
    async with db.transaction():
        training_id, is_new = await _asked()
        if is_new:
            await enqueue(JOB, training_id=str(training_id))
            if by_staff:
                await audit.record("recommendations.train", "recommendation_training", training_id)
    return training_id


async def ask_here() -> UUID:
    """Return the id of a training that the caller runs itself, of one that waits or runs where there is one.

    Two processes may run the same training: the first to finish is in service, the other writes nothing.
    """
    async with db.transaction():
        training_id, _ = await _asked()
    return training_id


async def run(training_id: UUID, *, stopping: asyncio.Event | None = None) -> int | None:
    """Train in a child process; return the new version, None where the training is over already.

    Raises RuntimeError where the child ended without a model, GivenBack where `stopping` was set before its end: the
    model before it stays in service.
    """
    if not await trainings.tell(training_id, stage="starting", progress=0.0, now=clock.now()):
        return await _version(training_id)
    child = await asyncio.to_thread(_start, training_id)
    try:
        gives_way = settings(PersonalizationSettings).training_gives_way
        async with leaving_room(child, after_s=SHORT_S) if gives_way else nullcontext():
            code = await _ended(child, stopping or asyncio.Event())
    finally:
        # Where this attempt is cancelled or its time is up, the child ends with it.
        child.kill()
        child.wait()
    version = await _version(training_id)
    if version is None:
        raise RuntimeError(f"the training process ended with code {code} and no model")
    return version


async def wait(training_id: UUID) -> None:
    """Note that the training has not begun: whoever ran it has given it back."""
    await trainings.wait_again(training_id, error=None, now=clock.now())


async def fail(training_id: UUID, reason: str, *, again: bool) -> None:
    """Note why an attempt failed; without `again` the training is over."""
    if again:
        await trainings.wait_again(training_id, error=reason, now=clock.now())
    else:
        await trainings.fail(training_id, error=reason, now=clock.now())


async def go_back() -> int:
    """Put the model before the present one into service and return its version. Raises NoEarlierModel."""
    async with db.transaction():
        version = await models.earlier()
        if version is None or not await models.serve(version):
            raise NoEarlierModel
        await audit.record("recommendations.rollback", "recommendation_model", version)
    return version


async def _asked() -> tuple[UUID, bool]:
    now = clock.now()
    await trainings.give_up_silent(running=now - SILENT, waiting=now - QUEUED)
    return await trainings.ask(now)


async def _version(training_id: UUID) -> int | None:
    row = await trainings.get(training_id)
    return int(row["version"]) if row is not None and row["version"] is not None else None


async def _ended(child: Child, stopping: asyncio.Event) -> int:
    while (code := await asyncio.to_thread(child.wait, WAITED_S)) is None:
        if stopping.is_set():
            raise GivenBack
    return code


def _start(training_id: UUID) -> Child:
    """Start the process that trains, with this one's deployment."""
    config = current().config
    environment = {
        **os.environ, **config.environment, "DATABASE_URL": config.database_url, "REDIS_URL": config.redis_url,
        "FERIA_PLUGINS": str(Path(config.source).absolute()), **FORGETFUL,
    }  # fmt: skip
    command = [sys.executable, "-m", "feria_personalization.training", str(training_id)]
    if not settings(PersonalizationSettings).training_gives_way:
        command.append(IN_TURN)
    # It may be held when its worker dies, and hears nothing else then.
    return spawn(command, name="training", env=environment, stop_signal=signal.SIGKILL)
