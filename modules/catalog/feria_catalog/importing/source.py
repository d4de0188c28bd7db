"""The bytes of an import file: unpacked where they are compressed, cut into lines of bounded length."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterator
from io import BufferedReader
from pathlib import Path
from types import TracebackType
from typing import Self

from feria_catalog.importing import limits
from feria_catalog.importing.errors import BrokenFile, NotAProductFile

GZIP = b"\x1f\x8b"
BOM = b"\xef\xbb\xbf"
# How files begin that people send by mistake, and what to tell them.
FOREIGN = (
    (b"PK\x03\x04", "a ZIP archive or a spreadsheet (.xlsx, .ods): save it as CSV in UTF-8"),
    (b"\xd0\xcf\x11\xe0", "an old spreadsheet (.xls): save it as CSV in UTF-8"),
    (b"\xff\xfe", "text in UTF-16: save it in UTF-8"),
    (b"\xfe\xff", "text in UTF-16: save it in UTF-8"),
    (b"%PDF", "a PDF document: export the products as CSV"),
    (b"[", "one JSON array: write one product on each line, without brackets and commas around them"),
    (b"<", "XML or HTML: export the products as CSV"),
)
PEEK_BYTES = 4096


class Source:
    """An open file; `bytes_done` of `bytes_total` tells how much of it (compressed or not) was read."""

    def __init__(self, path: Path) -> None:
        self.bytes_total = path.stat().st_size
        self._raw: BufferedReader = path.open("rb")
        self._is_packed = self._raw.peek(2).startswith(GZIP)
        self._text: gzip.GzipFile | BufferedReader = gzip.GzipFile(fileobj=self._raw) if self._is_packed else self._raw
        self._unpacked = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._text.close()
        self._raw.close()

    @property
    def bytes_done(self) -> int:
        # Asked for each product; where nothing is packed the file need not be.
        return min(self._raw.tell() if self._is_packed else self._unpacked, self.bytes_total)

    def lines(self) -> Iterator[tuple[int, bytes | None]]:
        """Give (number, bytes with their line end) for each line; None in place of one that is too long.

        Raises NotAProductFile at the first line, BrokenFile at any.
        """
        number = 0
        while line := self._read(limits.LINE_BYTES):
            number += 1
            if number == 1:
                line = line.removeprefix(BOM)
                _refuse_foreign(line)
            if len(line) < limits.LINE_BYTES or line.endswith(b"\n"):
                yield number, line
            else:
                self._skip_line()
                yield number, None
        if number == 0:
            raise NotAProductFile(
                "The file is empty: it needs a first line with the names of the columns, or products."
            )

    def _skip_line(self) -> None:
        while piece := self._read(limits.LINE_BYTES):
            if piece.endswith(b"\n"):
                return

    def _read(self, size: int) -> bytes:
        try:
            line = self._text.readline(size)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise BrokenFile(
                "The compressed file is damaged or cut off: pack it anew and import it again; "
                "rows that are stored already are found unchanged."
            ) from error
        self._unpacked += len(line)
        if self._unpacked > limits.UNPACKED_BYTES:
            raise BrokenFile(f"The file unpacks to more than {limits.UNPACKED_BYTES} bytes: split it.")
        return line


def _refuse_foreign(start: bytes) -> None:
    for magic, what in FOREIGN:
        if start.lstrip().startswith(magic):
            raise NotAProductFile(f"The file is {what}.")
    if b"\x00" in start[:PEEK_BYTES]:
        raise NotAProductFile("The file is not text: send CSV or JSON Lines in UTF-8, compressed with gzip or not.")
