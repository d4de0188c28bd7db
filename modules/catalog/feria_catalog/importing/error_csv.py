"""The errors of an import as CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import IO

from feria_catalog.importing.cells import neutral
from feria_catalog.importing.errors import RowProblem

HEADER = ("line", "code", "message", "column", "row")


class ErrorFile:
    """Writes row problems to an open text file."""

    def __init__(self, file: IO[str]) -> None:
        self._writer = csv.writer(file, lineterminator="\r\n")
        self._writer.writerow(HEADER)

    def add(self, problems: Iterable[RowProblem]) -> None:
        """Write one row for each problem."""
        self._writer.writerows(
            (p.line, neutral(p.code), neutral(p.message), neutral(p.column or ""), neutral(p.row or ""))
            for p in problems
        )


def as_csv(problems: Iterable[RowProblem]) -> str:
    """Return the problems as one CSV document."""
    text = io.StringIO(newline="")
    ErrorFile(text).add(problems)
    return text.getvalue()
