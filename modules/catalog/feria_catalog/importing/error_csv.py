"""The errors of an import as CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from typing import IO

from feria_catalog.importing.errors import RowProblem

# What spreadsheets take for a formula at the start of a cell (OWASP ASVS 5.0, 1.2.10).
FORMULA = ("=", "+", "-", "@", "\t", "\x00", "\r")
HEADER = ("line", "code", "message")


def neutral(cell: str) -> str:
    """Return the cell, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


class ErrorFile:
    """Writes row problems to an open text file."""

    def __init__(self, file: IO[str]) -> None:
        self._writer = csv.writer(file, lineterminator="\r\n")
        self._writer.writerow(HEADER)

    def add(self, problems: Iterable[RowProblem]) -> None:
        """Write one row for each problem."""
        self._writer.writerows((problem.line, neutral(problem.code), neutral(problem.message)) for problem in problems)


def as_csv(problems: Iterable[RowProblem]) -> str:
    """Return the problems as one CSV document."""
    text = io.StringIO(newline="")
    ErrorFile(text).add(problems)
    return text.getvalue()
