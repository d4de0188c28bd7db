"""Work for later: enqueued in the business transaction, done by a worker, retried from PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from feria_core import clock, db
from feria_core.ids import new_id
from feria_core.runtime import current

__all__ = ["Dead", "GivenBack", "JobContext", "Later", "Superseded", "enqueue"]


class Later(Exception):
    """Raised by a job to be tried again after `after_s` seconds, whatever the usual backoff says."""

    def __init__(self, after_s: float, reason: str) -> None:
        super().__init__(reason)
        self.after_s = after_s


class Dead(Exception):
    """Raised by a job that trying again cannot help: it becomes a dead letter at once."""


class GivenBack(Exception):
    """Raised by a job whose worker is about to end: this attempt does not count, another worker begins anew."""


class Superseded(Exception):
    """This attempt took so long that another was started; its effect is rolled back."""


_MARK_DONE = """
UPDATE core_job SET state = 'done', finished_at = now(), lease_until = NULL, last_error = NULL
WHERE id = $1 AND dispatch = $2 AND state = 'queued'
"""


@dataclass
class JobContext:
    """The attempt that is running: which job, the how-maniest try.

    `stopping` is set when its worker is about to end, which waits 20 s: a job that takes longer and may begin anew
    raises GivenBack then.
    """

    job_id: UUID
    name: str
    dispatch: int
    attempt: int
    max_attempts: int
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    is_done: bool = field(default=False, init=False)

    @property
    def is_last_attempt(self) -> bool:
        """True where a failure now makes a dead letter."""
        return self.attempt >= self.max_attempts

    @asynccontextmanager
    async def effect(self) -> AsyncIterator[None]:
        """Open the transaction of the job's effect and mark the job done in it: the effect happens once.

        Raises Superseded, rolling the effect back, where another attempt has been started meanwhile.
        """
        async with db.transaction():
            yield
            await self.mark_done()
        self.is_done = True

    async def effect_of(self, statement: str, *values: Any) -> None:
        """Run one statement that changes rows and mark the job done, in a single round trip: both happen, or neither.

        For what follows something that cannot be taken back, a mail that is sent: the sooner it is noted, the rarer it
        is done twice. The statement's values begin with $3, and it changes rows only `WHERE EXISTS (SELECT FROM done)`.
        Raises Superseded, with nothing changed, where another attempt has been started meanwhile.
        """
        marked = await db.fetch_value(
            f"WITH done AS ({_MARK_DONE} RETURNING id), effect AS ({statement}) SELECT count(*) FROM done",
            self.job_id, self.dispatch, *values,
        )  # fmt: skip
        self._check(marked)
        self.is_done = True

    async def mark_done(self) -> None:
        """Mark the job done in the open transaction, or alone. Raises Superseded."""
        self._check(await db.execute(_MARK_DONE, self.job_id, self.dispatch))

    def _check(self, marked: int) -> None:
        if not marked:
            raise Superseded(f"job {self.job_id} was handed to another worker or is done")


async def enqueue(name: str, /, *, run_at: datetime | None = None, **arguments: Any) -> UUID:
    """Queue job `name` with JSON-able `arguments` (ids, never personal data); return the job's id.

    It runs once the caller's transaction has committed, not before `run_at`. Raises RuntimeError outside of a
    transaction, KeyError where no enabled module declares the job.
    """
    values = new_job(name, run_at=run_at, **arguments)
    await db.execute(insert_of_job(), *values)
    return values[0]


def new_job(name: str, /, *, run_at: datetime | None = None, **arguments: Any) -> tuple[UUID, *tuple[Any, ...]]:
    """Return what `insert_of_job` writes, the job's id first, for who writes it together with a row of his own.

    Raises as `enqueue`.
    """
    db.require_transaction(f"enqueue({name})")
    job = current().jobs[name]
    written = orjson.dumps(arguments).decode()
    return new_id(), job.name, job.queue, written, run_at or clock.now(), job.max_attempts


def insert_of_job(*, first: int = 1) -> str:
    """Return the statement that queues a job, its values from place `first` on."""
    places = ", ".join(f"${number}" for number in range(first, first + 6))
    return f"INSERT INTO core_job (id, name, queue, arguments, run_at, max_attempts) VALUES ({places})"
