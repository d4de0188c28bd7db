"""Lists of posts: two statements for any of them, some more for a search with a word that no post holds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from feria_blog.reading.cards import COLUMNS, JOINS, VISIBLE, card
from feria_blog.reading.filters import Filters
from feria_blog.reading.languages import wished
from feria_blog.reading.mending import mended
from feria_blog.reading.search import MATCHES, Wanted, wanted
from feria_core import cache, clock, db
from feria_core.db import Row
from feria_core.errors import BadRequest
from feria_core.http import decode_cursor, encode_cursor
from feria_core.ids import parse_id

FIRST_YEAR, LAST_YEAR = 1900, 3000


@dataclass(frozen=True)
class Listed:
    """A page of posts, and the languages that they are shown in."""

    items: Sequence[dict[str, Any]]
    next_cursor: str | None
    total: int
    corrected_query: str | None = None

    @property
    def languages(self) -> set[str]:
        return {item["locale"] for item in self.items}


async def newest(filters: Filters, *, limit: int, cursor: str | None = None) -> Listed:
    """Return the posts that are published now, the newest first."""
    after = _moment_and_id(cursor)
    total = await _total(filters)
    values: list[Any] = [clock.now(), wished()]
    where = VISIBLE + filters.conditions(values)
    if after:
        values += after
        where += f" AND (p.publish_at, p.id) < (${len(values) - 1}::timestamptz, ${len(values)}::uuid)"
    rows = await db.fetch_all(
        f"SELECT {COLUMNS} FROM blog_post p {JOINS} WHERE {where}"
        f" ORDER BY p.publish_at DESC, p.id DESC LIMIT {limit + 1}",
        *values,
    )
    return _page(rows, limit, total, lambda row: (row["publish_at"].isoformat(), row["id"]))


async def matching(q: str, filters: Filters, *, limit: int, cursor: str | None = None) -> Listed:
    """Return the posts that hold the most of the words, the best match first.

    Where none holds all, words that no post holds are mended.
    """
    after = _score_and_id(cursor)
    await _total(filters)
    looked_for = wanted(q)
    rows = await _matches(looked_for, filters, limit=limit, after=after)
    corrected = None
    if not rows or rows[0]["matched"] < looked_for.count:
        corrected = await mended(q)
    if corrected is not None:
        rows = await _matches(wanted(corrected), filters, limit=limit, after=after)
    total = rows[0]["total"] if rows else 0
    return replace(_page(rows, limit, total, lambda row: (row["score"], row["id"])), corrected_query=corrected)


async def _matches(
    looked_for: Wanted, filters: Filters, *, limit: int, after: tuple[float, UUID] | None
) -> Sequence[Row]:
    """Return the posts that hold the most of the words, one more than `limit`, with how many words that is."""
    values: list[Any] = [clock.now(), wished(), looked_for.words, looked_for.terms]
    visible = VISIBLE + filters.conditions(values)
    where = "true"
    if after:
        values += after
        where = f"(b.score, b.post_id) < (${len(values) - 1}::float8, ${len(values)}::uuid)"
    return await db.fetch_all(
        f"WITH {MATCHES.format(words='$3', terms='$4')}, best AS ("
        " SELECT f.*, max(f.words) OVER () AS most FROM found f JOIN blog_post p ON p.id = f.post_id"
        f" WHERE {visible}),"
        " kept AS (SELECT post_id, score, words, count(*) OVER () AS total FROM best WHERE words = most)"
        f" SELECT b.score, b.total, b.words AS matched, {COLUMNS} FROM kept b"
        f" JOIN blog_post p ON p.id = b.post_id {JOINS}"
        f" WHERE {where} ORDER BY b.score DESC, b.post_id DESC LIMIT {limit + 1}",
        *values,
    )


async def _total(filters: Filters) -> int:
    """Return how many posts there are; the answer is kept until the next of them appears by itself."""
    values: list[Any] = [clock.now()]
    row = await db.fetch_one(
        "SELECT count(*) FILTER (WHERE p.publish_at <= $1) AS total,"
        " min(p.publish_at) FILTER (WHERE p.publish_at > $1) AS next_edge"
        f" FROM blog_post p WHERE p.status = 'published'{filters.conditions(values)}",
        *values,
    )
    assert row is not None  # noqa: S101 - an aggregate has one row
    cache.until(row["next_edge"])
    return int(row["total"])


def _page(rows: Sequence[Row], limit: int, total: int, position: Any) -> Listed:
    shown = rows[:limit]
    more = encode_cursor(*position(shown[-1])) if len(rows) > limit else None
    return Listed([card(row) for row in shown], more, total)


def _moment_and_id(cursor: str | None) -> tuple[datetime, UUID] | None:
    position = decode_cursor(cursor, 2)
    if position is None:
        return None
    try:
        moment = datetime.fromisoformat(str(position[0]))
    except ValueError as error:
        raise _foreign() from error
    known = parse_id(str(position[1]))
    # Near both ends of the calendar a time has no place in UTC.
    if known is None or moment.tzinfo is None or not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise _foreign()
    return moment, known


def _score_and_id(cursor: str | None) -> tuple[float, UUID] | None:
    position = decode_cursor(cursor, 2)
    if position is None:
        return None
    known = parse_id(str(position[1]))
    if known is None or not isinstance(position[0], (int, float)) or isinstance(position[0], bool):
        raise _foreign()
    try:
        return float(position[0]), known
    except OverflowError as error:
        raise _foreign() from error


def _foreign() -> BadRequest:
    return BadRequest("The cursor belongs to another list or order: leave it away to begin at the start.")
