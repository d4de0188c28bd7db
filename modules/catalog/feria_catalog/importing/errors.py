"""Why a row or a whole file cannot be imported."""

from __future__ import annotations

from dataclasses import dataclass

from feria_core.errors import Conflict, FeriaError


@dataclass(frozen=True)
class RowProblem:
    """What is wrong with the row that begins in `line` (1 is the first line of the file)."""

    line: int
    code: str
    message: str
    # The column or field that the problem is in, where it is in one; and the row as it was given, cut where it is long.
    column: str | None = None
    row: str | None = None


class RowRefused(Exception):
    """A value of one row cannot be used; `code` is stable, the text is a sentence with the value."""

    def __init__(self, code: str, message: str, column: str | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.column = column

    def at(self, line: int, row: str | None = None) -> RowProblem:
        """Return the problem as one of the row in `line`."""
        return RowProblem(line, self.code, self.message, self.column, row)


class NotAProductFile(FeriaError):
    """The file is not CSV or JSON Lines with products, so nothing of it was read."""

    code, status, title = "not_a_product_file", 422, "The file is not one of products"


class BrokenFile(FeriaError):
    """The file cannot be read to its end: what was read before is imported."""

    code, status, title = "broken_file", 422, "The file is damaged"


class ImportRunning(Conflict):
    """Two processes would import one file at a time."""

    code, title = "import_running", "The file is being imported already"


class BadMap(FeriaError):
    """The map of foreign columns is not one."""

    code, status, title = "bad_map", 422, "The map cannot be used"
