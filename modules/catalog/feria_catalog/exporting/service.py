"""The whole catalog as one file, piece by piece."""

from __future__ import annotations

import gzip
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Literal

from feria_catalog.exporting import reading
from feria_catalog.exporting.csv_table import Columns, CsvTable
from feria_catalog.exporting.json_lines import line

Format = Literal["csv", "jsonl"]
TYPES: dict[Format, str] = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}


async def pieces(file_format: Format) -> AsyncIterator[bytes]:
    """Give the file in pieces of some hundred products, in bounded memory."""
    async for _, piece in _counted(file_format):
        yield piece


async def export_file(path: Path, file_format: Format, report: Callable[[int], None]) -> int:
    """Write the file, packed where its name ends with .gz; return how many products are in it.

    It stands under its name when it is whole. `report` hears of the number of products after each piece.
    """
    unfinished = path.with_name(f".{path.name}.part")
    done = 0
    try:
        with gzip.open(unfinished, "wb", 6) if path.suffix == ".gz" else unfinished.open("wb") as file:
            async for products, piece in _counted(file_format):
                file.write(piece)
                done += products
                report(done)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return done


async def _counted(file_format: Format) -> AsyncIterator[tuple[int, bytes]]:
    if file_format == "csv":
        table = CsvTable(await Columns.load())
        yield 0, table.header()
        async for products in reading.batches():
            yield len(products), table.rows(products)
        return
    async for products in reading.batches():
        yield len(products), b"".join(map(line, products))
