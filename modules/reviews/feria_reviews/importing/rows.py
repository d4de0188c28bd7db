"""Reading a file of reviews: CSV, one row at a time, whatever its size."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from feria_core import clock
from feria_reviews.domain import MAX_NAME, MAX_TEXT, MAX_TITLE, Status
from feria_reviews.exporting import COLUMNS, MORE, plain

NEEDED = ("external_id", "product", "rating")
MAX_LINE = 256 * 1024
FIRST_YEAR = 1990
_LONGEST = {
    "external_id": 200,
    "product": 200,
    "title": MAX_TITLE,
    "text": MAX_TEXT,
    "author": MAX_NAME,
    "locale": 20,
    "reply": MAX_TEXT,
}


class BadRow(ValueError):
    """A row that cannot be used; its text is the reason."""


class BadFile(ValueError):
    """A file that cannot be read at all; its text is the reason."""


@dataclass(frozen=True)
class Incoming:
    """One review as the file has it; `product` is an id or a slug. Never verified: nothing of it was delivered here."""

    external_id: str
    product: str
    rating: int
    title: str
    text: str
    author: str
    created_at: datetime
    locale: str
    status: Status
    reply: str | None


def read(path: Path, *, locale: str, on_bytes: Callable[[int], None]) -> Iterator[tuple[int, Incoming | BadRow]]:
    """Give each row's number, from 1 without the heading, with the review or why it cannot be used.

    `locale` is that of rows without one. Raises BadFile for a file without the columns.
    """
    with path.open("rb") as file:
        for number, row in enumerate(_rows(file, on_bytes), start=1):
            try:
                yield number, _review(row, locale)
            except BadRow as reason:
                yield number, reason


def _rows(file: BinaryIO, on_bytes: Callable[[int], None]) -> Iterator[Mapping[str, str] | BadRow]:
    reader = csv.reader(_text(file, on_bytes), strict=True)
    try:
        heading = [name.strip().removeprefix("\ufeff").lower() for name in next(reader, [])]
    except csv.Error as error:
        raise BadFile(f"the first line is not CSV: {error}") from error
    if missing := [name for name in NEEDED if name not in heading]:
        raise BadFile(f"the first line names no column '{missing[0]}': known are {', '.join(COLUMNS)}")
    if unknown := [name for name in heading if name not in (*COLUMNS, *MORE)]:
        raise BadFile(f"the first line names a column '{unknown[0][:40]}': known are {', '.join(COLUMNS)}")
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(f"the row is not CSV: {error}")
            continue
        if len(cells) == len(heading):
            yield dict(zip(heading, map(plain, cells), strict=True))
        elif cells:
            yield BadRow(f"the row has {len(cells)} cells, the heading {len(heading)}")


def _text(file: BinaryIO, on_bytes: Callable[[int], None]) -> Iterator[str]:
    while line := file.readline(MAX_LINE):
        on_bytes(len(line))
        yield line.decode("utf-8", "surrogateescape")


def _review(row: Mapping[str, str] | BadRow, locale: str) -> Incoming:
    if isinstance(row, BadRow):
        raise row
    cells = {name: _cell(row, name) for name in COLUMNS}
    if not cells["external_id"] or not cells["product"]:
        raise BadRow("external_id and product must not be empty")
    return Incoming(
        external_id=cells["external_id"],
        product=cells["product"],
        rating=_rating(cells["rating"]),
        title=" ".join(cells["title"].split()),
        text=cells["text"],
        author=" ".join(cells["author"].split()),
        created_at=_moment(cells["created_at"]),
        locale=cells["locale"] or locale,
        status=_status(cells["status"]),
        reply=cells["reply"] or None,
    )


def _cell(row: Mapping[str, str], name: str) -> str:
    value = row.get(name, "").strip()
    if "\0" in value or not value.isascii() and any("\ud800" <= c <= "\udfff" for c in value):  # noqa: RUF021 - "or" of two troubles
        raise BadRow(f"{name} is not text in UTF-8")
    if len(value) > _LONGEST.get(name, 100):
        raise BadRow(f"{name} has {len(value)} characters, at most {_LONGEST.get(name, 100)} are taken")
    return value


def _rating(text: str) -> int:
    if text not in ("1", "2", "3", "4", "5"):
        raise BadRow(f"rating is '{text[:20]}': it must be 1 to 5")
    return int(text)


def _status(text: str) -> Status:
    try:
        return Status(text or Status.APPROVED)
    except ValueError as error:
        raise BadRow(f"status is '{text[:20]}': use {', '.join(Status)}") from error


def _moment(text: str) -> datetime:
    """Return when it was written; now where the row does not say. A time without an offset is one in UTC."""
    if not text:
        return clock.now()
    try:
        moment = datetime.fromisoformat(text)
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise BadRow(f"created_at is '{text[:40]}': write it as 2026-11-20T18:00:00Z") from error
    if moment.year < FIRST_YEAR or moment > clock.now():
        raise BadRow(f"created_at is '{text[:40]}': it must lie between {FIRST_YEAR} and now")
    return moment
