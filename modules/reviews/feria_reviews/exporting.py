"""Every review as CSV, in the columns of the import, a batch at a time."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator
from uuid import UUID

from feria_core import db
from feria_core.db import Row

COLUMNS = ("external_id", "product", "rating", "title", "text", "author", "created_at", "locale", "status", "reply")
# Of no use to the import, which decides on it itself.
MORE = ("verified_purchase", "helpful", "unhelpful")
_BATCH = 500
# What spreadsheets take for a formula at the start of a cell (OWASP ASVS 5.0, 1.2.10).
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

_ROWS = """
SELECT r.id, coalesce(r.external_id, r.id::text) AS external_id, r.product_id, r.rating, r.title, r.text,
    r.author_name, r.created_at, r.locale, r.status, r.reply, r.is_verified, r.helpful, r.unhelpful
FROM reviews_review r WHERE $1::uuid IS NULL OR r.id > $1 ORDER BY r.id LIMIT $2
"""


async def as_csv() -> AsyncIterator[bytes]:
    """Give the table's lines, some hundred reviews at a time."""
    yield _lines([(*COLUMNS, *MORE)])
    after: UUID | None = None
    while rows := await db.fetch_all(_ROWS, after, _BATCH):
        after = rows[-1]["id"]
        yield _lines([_cells(row) for row in rows])


def neutral(cell: str) -> str:
    """Return the cell, with an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{cell}" if cell.lstrip("'").startswith(_FORMULA) else cell


def plain(cell: str) -> str:
    """Return what the cell was before `neutral`."""
    return cell[1:] if cell.startswith("'") and cell.lstrip("'").startswith(_FORMULA) else cell


def _cells(row: Row) -> tuple[str, ...]:
    return tuple(
        neutral(cell)
        for cell in (
            row["external_id"], str(row["product_id"]), str(row["rating"]), row["title"], row["text"],
            row["author_name"], row["created_at"].isoformat(), row["locale"], row["status"], row["reply"] or "",
            str(row["is_verified"]).lower(), str(row["helpful"]), str(row["unhelpful"]),
        )
    )  # fmt: skip


def _lines(rows: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO()
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
