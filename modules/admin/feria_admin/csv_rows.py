"""Answers as CSV (RFC 4180), streamed, that spreadsheets take for data and never for formulas."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Any

from quart import Response, request

CSV = "text/csv"


def is_wanted(chosen: str | None) -> bool:
    """Return True where the query's `format`, or else the Accept header, asks for CSV."""
    if chosen is not None:
        return chosen == "csv"
    return request.accept_mimetypes.best_match(["application/json", CSV]) == CSV


def line(values: Iterable[Any]) -> bytes:
    """Return one line; text that would begin a formula is quoted with an apostrophe."""
    buffer = io.StringIO()
    csv.writer(buffer).writerow([_cell(value) for value in values])
    return buffer.getvalue().encode()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if not isinstance(value, str):
        return value
    return f"'{value}" if value[:1] in ("=", "+", "-", "@", "\t", "\r") else value


def answer(name: str, header: Sequence[str], rows: AsyncIterator[Sequence[Any]]) -> Response:
    """Return the streamed answer of these rows as the file `name`.csv."""

    async def lines() -> AsyncIterator[bytes]:
        yield line(header)
        async for row in rows:
            yield line(row)

    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"', "Cache-Control": "no-store"}
    return Response(lines(), content_type=f"{CSV}; charset=utf-8", headers=headers)
