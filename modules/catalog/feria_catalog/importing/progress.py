"""One batch of an import with its progress: both are stored, or none."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from feria_catalog.domain import UpsertCounts
from feria_catalog.importing import images, repository
from feria_catalog.importing.batches import Batch, rehearse, write
from feria_catalog.importing.changes import Change
from feria_catalog.importing.errors import RowProblem
from feria_core import db
from feria_core.jobs import Superseded


@dataclass(frozen=True)
class Outcome:
    """What has become of a batch, or would become of it."""

    counts: UpsertCounts
    problems: list[RowProblem]
    changes: list[Change]


class _Undone(Exception):
    """Ends the transaction of a rehearsal."""


async def written(batch: Batch) -> Outcome:
    """Write the batch in a transaction of its own."""

    async def work() -> Outcome:
        return _outcome(batch, *await write(batch.products), [])

    return await db.in_new_transaction(work)


async def rehearsed(batch: Batch) -> Outcome:
    """Return what writing the batch would do; nothing of it is stored, and no sequence moves."""
    found: list[Outcome] = []

    async def work() -> None:
        found[:] = [_outcome(batch, *await rehearse(batch.products))]
        raise _Undone

    with suppress(_Undone):
        await db.in_new_transaction(work)
    return found[0]


async def advance(import_id: UUID, position: int, batch: Batch) -> Outcome:
    """Write the batch and move the import's position past it, in one transaction: a process that is killed leaves
    both or none. Raises Superseded where another attempt is ahead.
    """

    async def work() -> Outcome:
        await _move(import_id, position, batch)
        outcome = _outcome(batch, *await write(batch.products), [])
        await repository.count(import_id, outcome.counts, outcome.problems)
        await images.note(import_id, batch.products, {problem.line for problem in outcome.problems})
        return outcome

    return await db.in_new_transaction(work)


async def advance_rehearsal(import_id: UUID, position: int, batch: Batch) -> Outcome:
    """Rehearse the batch, and keep what it would change with the position. Raises Superseded."""
    outcome = await rehearsed(batch)

    async def work() -> None:
        await _move(import_id, position, batch)
        await repository.count(import_id, outcome.counts, outcome.problems)
        await repository.add_changes(import_id, outcome.changes)

    await db.in_new_transaction(work)
    return outcome


async def _move(import_id: UUID, position: int, batch: Batch) -> None:
    if not await repository.advance(import_id, position, batch):
        raise Superseded(f"import {import_id} went on from row {position} in another process")


def _outcome(batch: Batch, counts: UpsertCounts, refused: Sequence[RowProblem], changes: list[Change]) -> Outcome:
    return Outcome(counts, sorted([*batch.problems, *refused], key=lambda problem: problem.line), changes)
