"""How far a training is, told to those who wait: by a thread that learns, to the database."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID

import asyncpg
import structlog

from feria_core import clock
from feria_core.errors import FeriaError
from feria_personalization.repository import trainings
from feria_personalization.training.choosing import Progress

log = structlog.get_logger("feria.personalization")

TOLD_EVERY_S = 0.5


@asynccontextmanager
async def told(training_id: UUID) -> AsyncIterator[Progress]:
    """Give a function that notes stage and share; what it was told last is written twice a second, from any thread."""
    newest: list[tuple[str, float]] = [("starting", 0.0)]

    def note(stage: str, share: float) -> None:
        newest[:] = [(stage, share)]

    async def tell() -> None:
        while True:
            stage, share = newest[0]
            try:
                await trainings.tell(training_id, stage=stage, progress=share, now=clock.now())
            except (asyncpg.PostgresError, asyncpg.InterfaceError, FeriaError) as error:
                # A word that is not heard is no reason to stop learning.
                log.info("recommendations.progress_untold", training_id=str(training_id), reason=str(error))
            await asyncio.sleep(TOLD_EVERY_S)

    teller = asyncio.create_task(tell())
    try:
        yield note
    finally:
        teller.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await teller
