"""What workers do for personalization."""

from __future__ import annotations

from uuid import UUID

import structlog

from feria_core.jobs import GivenBack, JobContext
from feria_personalization.service import keeping, popularity, staleness, training

log = structlog.get_logger("feria.personalization")


async def train(ctx: JobContext, *, training_id: str) -> None:
    """Train in a process of its own; after the last failed attempt the training is over.

    Where the worker is about to end, the process is ended too, and another worker begins anew.
    """
    try:
        await training.run(UUID(training_id), stopping=ctx.stopping)
    except GivenBack:
        await training.wait(UUID(training_id))
        raise
    except RuntimeError as error:
        await training.fail(UUID(training_id), str(error), again=not ctx.is_last_attempt)
        raise


async def train_regularly(ctx: JobContext) -> None:
    """Queue the training of the day; one that waits or runs already is enough."""
    del ctx
    await training.ask(by_staff=False)


async def count_popular(ctx: JobContext) -> None:
    """Count what is popular anew, and tell staff where the model has become too old to be used."""
    del ctx
    await popularity.count()
    await staleness.tell_staff()


async def keep_house(ctx: JobContext) -> None:
    """Make the partitions of the months to come, and forget what is past its time; repeating finds nothing more."""
    await keeping.make_months()
    forgotten = await keeping.forget_old()
    log.info("personalization.kept", job_id=str(ctx.job_id), forgotten=forgotten)
