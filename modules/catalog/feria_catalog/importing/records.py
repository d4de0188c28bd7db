"""Files cut into records: the rows of a CSV table or the objects of JSON Lines, by line."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from feria_catalog.importing import limits
from feria_catalog.importing.errors import NotAProductFile, RowProblem
from feria_catalog.importing.source import Source

DELIMITERS = ",;\t"
# Python's own bound is less than a description with every character escaped.
csv.field_size_limit(limits.CELL)
# Numbers with a point become decimals: no price passes through a float.
decoder = msgspec.json.Decoder(float_hook=Decimal)


@dataclass(frozen=True)
class Record:
    """One record that begins in `line`; a problem stands in place of values that cannot be read.

    Of a CSV row, empty cells are left out. `given` is the row as it stands in the file: its cells, or its line.
    """

    line: int
    value: Mapping[str, Any] | None
    problem: RowProblem | None = None
    given: list[str] | bytes | None = None


def as_given(given: list[str] | bytes | None) -> str | None:
    """Return the row as text for people, cut where it is long; None where there is none."""
    if given is None:
        return None
    if isinstance(given, bytes):
        text = given[: limits.KEPT_ROW * 4].decode("utf-8", "replace").strip()
    else:
        line = io.StringIO(newline="")
        csv.writer(line, lineterminator="").writerow(cell[: limits.KEPT_ROW] for cell in given)
        text = line.getvalue().encode("utf-8", "replace").decode()
    return text.replace("\x00", "\ufffd")[: limits.KEPT_ROW]


class CsvTable:
    """A CSV file with a header: `columns` are its names, `records()` what follows."""

    def __init__(self, source: Source) -> None:
        self._line = 0
        self._too_long: list[Record] = []
        self._text = self._lines(source)
        header = next(self._text, "")
        delimiter = max(DELIMITERS, key=header.count)
        try:
            self.columns = [name.strip() for name in next(csv.reader([header], delimiter=delimiter))]
        except (csv.Error, StopIteration) as error:
            raise NotAProductFile("The first line is not a CSV header: name the columns in it.") from error
        if len(self.columns) > limits.COLUMNS:
            raise NotAProductFile(f"The header names {len(self.columns)} columns: {limits.COLUMNS} are the most.")
        self._reader = csv.reader(self._text, delimiter=delimiter)

    def records(self) -> Iterator[Record]:
        """Give every row that is not empty. Raises BrokenFile."""
        while True:
            start, problem = self._line + 1, None
            try:
                cells = next(self._reader, None)
            except csv.Error as error:
                cells, problem = [], _refused(start, "malformed_row", f"the row is not CSV: {error}.")
            skipped, self._too_long = self._too_long, []
            yield from skipped
            if cells is None:
                return
            if problem or any(cells):
                yield problem or self._record(start, cells)

    def _record(self, line: int, cells: list[str]) -> Record:
        if len(cells) != len(self.columns):
            message = (
                f"the row has {len(cells)} cells, the header names {len(self.columns)}: check quotes and delimiters."
            )
            return _refused(line, "wrong_cell_count", message, cells)
        # The shorter way round for most cells, which begin with something that is no blank.
        values = {
            name: cell
            for name, cell in zip(self.columns, cells, strict=True)
            if cell and (cell[0] > " " or cell.strip())
        }
        return Record(line, values, None, cells)

    def _lines(self, source: Source) -> Iterator[str]:
        for number, line in source.lines():
            self._line = number
            if line is None:
                self._too_long.append(_too_long(number))
            else:
                # Bytes that are not UTF-8 become surrogates, which the check of each value names.
                yield line.decode("utf-8", "surrogateescape")


def json_lines(source: Source) -> Iterator[Record]:
    """Give every line that is not empty. Raises NotAProductFile where the first is no object, BrokenFile."""
    is_first = True
    for number, raw in source.lines():
        if raw is not None and not raw.strip():
            continue
        found = _too_long(number) if raw is None else _object(number, raw)
        if is_first and found.value is None:
            raise NotAProductFile("The first line is not a whole JSON object: write each product on one line.")
        is_first = False
        yield found


def _object(number: int, raw: bytes) -> Record:
    try:
        value = decoder.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, ArithmeticError) as error:
        return _refused(number, "malformed_row", f"the line is not JSON in UTF-8: {error}.", raw)
    if not isinstance(value, dict):
        return _refused(number, "malformed_row", "the line is not a JSON object.", raw)
    return Record(number, value, None, raw)


def _too_long(number: int) -> Record:
    return _refused(number, "line_too_long", f"the line is longer than {limits.LINE_BYTES} bytes.")


def _refused(line: int, code: str, message: str, given: list[str] | bytes | None = None) -> Record:
    return Record(line, None, RowProblem(line, code, message, None, as_given(given)))
