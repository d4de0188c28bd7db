"""A file of products, read in bounded memory: what it holds, product by product."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from feria_catalog.importing import product_csv, product_json
from feria_catalog.importing.drafts import Parsed, grouped
from feria_catalog.importing.errors import NotAProductFile
from feria_catalog.importing.mapped import Mapper
from feria_catalog.importing.mapping import ImportMap
from feria_catalog.importing.records import CsvTable, json_lines
from feria_catalog.importing.source import PEEK_BYTES, Source

CSV, JSONL = "csv", "jsonl"


def detect_format(path: Path) -> str:
    """Return "csv" or "jsonl", by content. Raises NotAProductFile for anything else."""
    with Source(path) as source:
        for _, line in source.lines():
            start = (line or b"")[:PEEK_BYTES].strip()
            if start:
                return JSONL if start.startswith(b"{") else CSV
    raise NotAProductFile("The file holds empty lines only.")


class Reader:
    """An open file of products; iterate it once, then close it."""

    def __init__(self, path: Path, *, currency: str, mapping: ImportMap | None = None, skip_rows: int = 0) -> None:
        """Open the file; `skip_rows` are those that an earlier run has dealt with.

        Raises NotAProductFile.
        """
        self.format = detect_format(path)
        self.source = Source(path)
        try:
            self._parsed = self._open(currency, mapping, skip_rows)
        except BaseException:
            self.close()
            raise

    def __iter__(self) -> Iterator[Parsed]:
        return self._parsed

    def close(self) -> None:
        """Close the file."""
        self.source.__exit__(None, None, None)

    def _open(self, currency: str, mapping: ImportMap | None, skip_rows: int) -> Iterator[Parsed]:
        if self.format == JSONL:
            objects = islice(json_lines(self.source), skip_rows, None)
            if mapping is None:
                return product_json.parsed(objects, currency)
            return grouped(Mapper(mapping, currency).drafts(objects))
        table = CsvTable(self.source)
        rows = islice(table.records(), skip_rows, None)
        if mapping is None:
            return grouped(product_csv.drafts(table, rows, currency), empty=product_csv.emptied(table.columns))
        missing = [name for name in mapping.source_fields() if name not in table.columns]
        if missing:
            raise NotAProductFile(f"The map names the column '{missing[0]}', which the header does not have.")
        return grouped(Mapper(mapping, currency).drafts(rows))
