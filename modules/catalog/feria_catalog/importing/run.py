"""One file into the shop, in this process: what `feria import` does."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Protocol
from uuid import UUID

from feria_catalog.ahead import ahead
from feria_catalog.domain import UpsertCounts
from feria_catalog.importing import progress, repository
from feria_catalog.importing.batches import Batch, batches
from feria_catalog.importing.changes import Change
from feria_catalog.importing.errors import BrokenFile, ImportRunning, RowProblem
from feria_catalog.importing.mapping import ImportMap
from feria_catalog.importing.progress import Outcome
from feria_catalog.importing.reader import Reader, detect_format
from feria_core import db
from feria_core.jobs import Superseded
from feria_core.runtime import core_settings


@dataclass
class Tally:
    """What has become of a file: rows of it, products by outcome, refused rows; `failure` ended it early.

    `resumed_at` is the row behind which an earlier run was stopped; `done_before` tells when one was through.
    `changes` are those of the latest batch of a dry run.
    """

    rows: int = 0
    counts: UpsertCounts = field(default_factory=UpsertCounts)
    errors: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    failure: str | None = None
    resumed_at: int = 0
    done_before: datetime | None = None
    changes: list[Change] = field(default_factory=list)

    @property
    def imported(self) -> int:
        """How many products are stored now as the file has them."""
        return self.counts.created + self.counts.updated + self.counts.unchanged

    def add(self, batch: Batch, outcome: Outcome) -> None:
        """Count one batch."""
        self.rows += batch.rows
        self.counts += outcome.counts
        self.errors += len(outcome.problems)
        self.bytes_done = batch.bytes_done
        self.changes = outcome.changes

    @classmethod
    def of(cls, row: db.Row) -> Tally:
        """Return the tally of an import that is stored."""
        return cls(
            rows=row["position"], counts=UpsertCounts(row["created"], row["updated"], row["unchanged"]),
            errors=row["errors"], bytes_done=row["bytes_done"], bytes_total=row["bytes_total"],
            resumed_at=row["position"],
        )  # fmt: skip


class Report(Protocol):
    def batch_done(self, tally: Tally, problems: Sequence[RowProblem]) -> None:
        """Hear of every batch: the counts so far, and what was refused of this one."""
        ...


def fingerprint(path: Path, map_file: Path | None) -> str:
    """Return the hash by which the same file, read through the same map, is known again."""
    digests = []
    for one in (path, map_file) if map_file else (path,):
        with one.open("rb") as file:
            digests.append(hashlib.file_digest(file, "sha256").hexdigest())
    return ":".join(digests)


async def import_file(
    path: Path, *, mapping: ImportMap | None, batch_size: int, is_dry_run: bool, report: Report
) -> Tally:
    """Import the file, each batch in a transaction of its own; return the tally.

    A dry run tells what would change and stores nothing. Raises NotAProductFile; a file that breaks off is told in
    the tally, with what was imported before.
    """
    tally = Tally(bytes_total=await asyncio.to_thread(_size, path))

    async def apply(batch: Batch) -> Outcome:
        return await (progress.rehearsed if is_dry_run else progress.written)(batch)

    await _through(path, mapping, batch_size, tally, report, apply)
    return tally


async def resume_file(
    path: Path, *, mapping: ImportMap | None, batch_size: int, report: Report, known_by: str, again: bool = False
) -> Tally:
    """Import the file as `import_file` does, from where an earlier run of the same file was stopped.

    The position is stored in the transaction of each batch, so that a run that is killed leaves no batch half or
    twice. A file that is through already is not imported once more unless `again` says so. Raises ImportRunning
    where another process works on the file.
    """
    file_format, size = await asyncio.to_thread(lambda: (detect_format(path), _size(path)))
    row = await repository.open_command(known_by, path.name, file_format, size, again=again)
    tally = Tally.of(row)
    if row["state"] == "done":
        tally.done_before = row["finished_at"]
        return tally
    if tally.resumed_at:
        report.batch_done(tally, await repository.problems_of(row["id"]))
    import_id: UUID = row["id"]

    async def apply(batch: Batch) -> Outcome:
        return await progress.advance(import_id, tally.rows, batch)

    try:
        await _through(path, mapping, batch_size, tally, report, apply)
    except Superseded as error:
        raise ImportRunning(f"Another process imports {path.name}: let it finish, or stop it.") from error
    # Committed with fsync like every batch: what the command reports as done survives a crash of the server.
    await repository.finish(import_id, "failed" if tally.failure else "done", tally.failure)
    return tally


def _size(path: Path) -> int:
    return path.stat().st_size


async def _through(
    path: Path,
    mapping: ImportMap | None,
    batch_size: int,
    tally: Tally,
    report: Report,
    apply: Callable[[Batch], Awaitable[Outcome]],
) -> None:
    """Apply batch by batch what is behind the tally's rows."""
    reader = Reader(path, currency=core_settings().currency, mapping=mapping, skip_rows=tally.rows)
    try:
        async with ahead(batches(reader, batch_size)) as upcoming:
            async for batch in upcoming:
                outcome = await apply(batch)
                tally.add(batch, outcome)
                report.batch_done(tally, outcome.problems)
    except BrokenFile as error:
        tally.failure = error.detail
    finally:
        reader.close()
