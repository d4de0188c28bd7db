"""Storing accounts from a file: batch by batch, each address once, what is there already untouched."""

from __future__ import annotations

import csv
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from feria_core import clock, db
from feria_core.runtime import core_settings
from feria_users.importing.rows import BadRow, Incoming, read
from feria_users.repository import accounts

BATCH = 500


@dataclass
class Tally:
    """What came of the rows so far."""

    rows: int = 0
    created: int = 0
    known: int = 0
    refused: int = 0
    bytes_done: int = 0


class ErrorReport:
    """A CSV file of row and reason, made with the first refused row; nothing of the row itself stands in it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[str] | None = None
        self._writer: Any = None

    def add(self, row: int, reason: str) -> None:
        """Write one line."""
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            self._writer = csv.writer(self._file)
            self._writer.writerow(("row", "reason"))
        self._writer.writerow((row, reason))

    def close(self) -> None:
        """Close the file where there is one."""
        if self._file is not None:
            self._file.close()


async def import_accounts(path: Path, *, report: ErrorReport, on_batch: Callable[[Tally], None]) -> Tally:
    """Store the accounts of the file; return what came of the rows.

    An address that has an account keeps it as it is, its newer password among the rest, so a run that was stopped
    is simply started again. Raises BadFile.
    """
    tally, batch = Tally(), list[Incoming]()

    def on_bytes(count: int) -> None:
        tally.bytes_done += count

    for number, row in read(path, on_bytes=on_bytes):
        tally.rows += 1
        if isinstance(row, BadRow):
            tally.refused += 1
            report.add(number, str(row))
        else:
            batch.append(row)
        if len(batch) == BATCH or tally.rows % (BATCH * 4) == 0:
            await _store(batch, tally)
            batch.clear()
            on_batch(tally)
    await _store(batch, tally)
    on_batch(tally)
    return tally


async def _store(batch: list[Incoming], tally: Tally) -> None:
    if not batch:
        return
    async with db.transaction():
        created = await accounts.add_imported(
            [
                (row.address.typed, row.address.normalized, row.name, row.password_hash, row.is_verified)
                for row in batch
            ],
            locale=core_settings().locales[0],
            now=clock.now(),
        )
    tally.created += created
    tally.known += len(batch) - created
