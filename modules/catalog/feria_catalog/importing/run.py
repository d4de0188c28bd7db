"""One file into the shop, in this process: what `feria import` does."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from feria_catalog.domain import UpsertCounts
from feria_catalog.importing.batches import Batch, ahead, batches, write
from feria_catalog.importing.errors import BrokenFile, RowProblem
from feria_catalog.importing.mapping import ImportMap
from feria_catalog.importing.reader import Reader
from feria_core import db
from feria_core.runtime import core_settings


@dataclass
class Tally:
    """What has become of a file: rows of it, products by outcome, refused rows; `failure` ended it early."""

    rows: int = 0
    counts: UpsertCounts = field(default_factory=UpsertCounts)
    errors: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    failure: str | None = None

    @property
    def imported(self) -> int:
        """How many products are stored now as the file has them."""
        return self.counts.created + self.counts.updated + self.counts.unchanged

    def add(self, batch: Batch, counts: UpsertCounts, problems: Sequence[RowProblem]) -> None:
        """Count one written batch."""
        self.rows += batch.rows
        self.counts += counts
        self.errors += len(problems)
        self.bytes_done = batch.bytes_done


class Report(Protocol):
    def batch_done(self, tally: Tally, problems: Sequence[RowProblem]) -> None:
        """Hear of every batch: the counts so far, and what was refused of this one."""
        ...


class _Undone(Exception):
    """Ends the transaction of a dry run."""


async def import_file(
    path: Path, *, mapping: ImportMap | None, batch_size: int, is_dry_run: bool, report: Report
) -> Tally:
    """Import the file, each batch in a transaction of its own; return the tally.

    A dry run does all of it and undoes each batch. Raises NotAProductFile; a file that breaks off is told in
    the tally, with what was imported before.
    """
    reader = Reader(path, currency=core_settings().currency, mapping=mapping)
    tally = Tally(bytes_total=reader.source.bytes_total)
    try:
        async with aclosing(ahead(batches(reader, batch_size))) as upcoming:
            async for batch in upcoming:
                counts, refused = await _written(batch, is_dry_run=is_dry_run)
                problems = sorted([*batch.problems, *refused], key=lambda problem: problem.line)
                tally.add(batch, counts, problems)
                report.batch_done(tally, problems)
    except BrokenFile as error:
        tally.failure = error.detail
    finally:
        reader.close()
    return tally


async def _written(batch: Batch, *, is_dry_run: bool) -> tuple[UpsertCounts, list[RowProblem]]:
    found: list[tuple[UpsertCounts, list[RowProblem]]] = []

    async def work() -> None:
        found[:] = [await write(batch.products)]
        if is_dry_run:
            raise _Undone

    with suppress(_Undone):
        await db.in_new_transaction(work)
    return found[0]
