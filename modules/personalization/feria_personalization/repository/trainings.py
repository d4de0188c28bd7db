"""Statements about trainings: asked for, under way, over."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.db import Row
from feria_core.ids import new_id

_COLUMNS = "id, state, stage, progress, asked_at, updated_at, finished_at, version, error"


async def ask(now: datetime) -> tuple[UUID, bool]:
    """Return the training that waits or runs, else a new one; and whether it is new."""
    training_id = new_id()
    row = await db.fetch_one(
        "INSERT INTO personalization_training AS t (id, state, asked_at, updated_at) VALUES ($1, 'waiting', $2, $2)"
        " ON CONFLICT ((1)) WHERE state IN ('waiting', 'running') DO UPDATE SET asked_at = t.asked_at RETURNING id",
        training_id, now,
    )  # fmt: skip
    assert row is not None  # noqa: S101 - an upsert always returns its row
    return row["id"], row["id"] == training_id


async def give_up_silent(*, running: datetime, waiting: datetime) -> int:
    """Fail what runs and was not heard of since `running`, or waits since before `waiting`: its process is gone."""
    return await db.execute(
        "UPDATE personalization_training SET state = 'failed', finished_at = updated_at,"
        " error = 'It was not heard of any more.'"
        " WHERE (state = 'running' AND updated_at < $1) OR (state = 'waiting' AND updated_at < $2)",
        running, waiting,
    )  # fmt: skip


async def wait_again(training_id: UUID, *, error: str | None, now: datetime) -> None:
    """Note that an attempt has ended, and why where it failed; another one follows."""
    await db.execute(
        "UPDATE personalization_training SET state = 'waiting', stage = 'waiting', progress = 0, error = $2,"
        " updated_at = $3 WHERE id = $1 AND state = 'running'",
        training_id, error, now,
    )  # fmt: skip


async def tell(training_id: UUID, *, stage: str, progress: float, now: datetime) -> bool:
    """Note how far a training is; False where it is not to run: done, failed or unknown."""
    return bool(
        await db.execute(
            "UPDATE personalization_training SET state = 'running', stage = $2, progress = $3, updated_at = $4"
            " WHERE id = $1 AND state IN ('waiting', 'running')",
            training_id,
            stage,
            progress,
            now,
        )
    )


async def finish(training_id: UUID, *, version: int, now: datetime) -> bool:
    """Note that a training ended with this version; False where it was given up meanwhile."""
    return bool(
        await db.execute(
            "UPDATE personalization_training SET state = 'done', stage = 'done', progress = 1, version = $2,"
            " updated_at = $3, finished_at = $3 WHERE id = $1 AND state IN ('waiting', 'running')",
            training_id,
            version,
            now,
        )
    )


async def fail(training_id: UUID, *, error: str, now: datetime) -> None:
    """Note that a training ended without a model, and why."""
    await db.execute(
        "UPDATE personalization_training SET state = 'failed', error = $2, updated_at = $3, finished_at = $3"
        " WHERE id = $1 AND state IN ('waiting', 'running')",
        training_id, error, now,
    )  # fmt: skip


async def get(training_id: UUID) -> Row | None:
    """Return a training, or None for an unknown one."""
    return await db.fetch_one(f"SELECT {_COLUMNS} FROM personalization_training WHERE id = $1", training_id)


async def latest() -> Row | None:
    """Return the training that was asked for last, or None."""
    return await db.fetch_one(
        f"SELECT {_COLUMNS} FROM personalization_training ORDER BY asked_at DESC, id DESC LIMIT 1"
    )


async def delete_before(moment: datetime) -> int:
    """Delete what is over since before then."""
    return await db.execute("DELETE FROM personalization_training WHERE finished_at < $1", moment)
