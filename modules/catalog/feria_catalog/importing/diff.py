"""What a dry run would change, as CSV or JSON Lines."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import IO, Any, Literal

import orjson

from feria_catalog.importing.cells import neutral
from feria_catalog.importing.changes import Change

DiffFormat = Literal["csv", "jsonl"]
TYPES: dict[DiffFormat, str] = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}
HEADER = ("line", "kind", "sku", "name", "field", "before", "after")


class Rows:
    """Writes changes in one of the formats."""

    def __init__(self, file_format: DiffFormat) -> None:
        self._format = file_format

    def header(self) -> bytes:
        """Return what stands before the first change."""
        return ",".join(HEADER).encode() + b"\r\n" if self._format == "csv" else b""

    def lines(self, changes: Iterable[Mapping[str, Any]]) -> bytes:
        """Return the changes: in CSV one line for each field, in JSON Lines one for each product."""
        objects = [as_object(change) for change in changes]
        if self._format == "jsonl":
            return b"".join(orjson.dumps(change, option=orjson.OPT_APPEND_NEWLINE) for change in objects)
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        for change in objects:
            start = [change["line"], change["kind"], neutral(change["sku"]), neutral(change["name"])]
            writer.writerows(
                [*start, neutral(field["field"]), _cell(field["before"]), _cell(field["after"])]
                for field in change["fields"]
            )
        return text.getvalue().encode()


def as_object(change: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored change as it is told."""
    told = {name: change[name] for name in ("line", "kind", "sku", "name")}
    return {**told, "fields": orjson.loads(change["changes"])}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    return neutral(value if isinstance(value, str) else orjson.dumps(value).decode())


class DiffFile:
    """Writes changes to an open file: JSON Lines where its name ends with .jsonl, else CSV."""

    def __init__(self, file: IO[bytes], ending: str) -> None:
        self._file = file
        self._rows = Rows("jsonl" if ending == ".jsonl" else "csv")
        file.write(self._rows.header())

    def add(self, changes: Iterable[Change]) -> None:
        """Write the changes of a batch."""
        rows = [{**asdict(change), "changes": orjson.dumps(change.fields, default=str)} for change in changes]
        self._file.write(self._rows.lines(rows))
