"""Lists of reviews: of a product, of a person, for staff; by keyset, so that pages hold while reviews come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from feria_core import db
from feria_core.db import Row
from feria_core.errors import BadRequest
from feria_core.http import decode_cursor, encode_cursor
from feria_core.ids import parse_id
from feria_reviews.domain import Status
from feria_reviews.repository.reviews import SHOWN

FIRST_YEAR, LAST_YEAR = 1970, 2999


@dataclass(frozen=True)
class Sort:
    """An order: a column with its type, and how a cursor's value is read (None for one that is none)."""

    column: str
    kind: str
    is_descending: bool
    read: Callable[[Any], Any]


def _moment(value: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and FIRST_YEAR <= moment.year <= LAST_YEAR else None


def _share(value: Any) -> float | None:
    return value if isinstance(value, float) and -1 < value <= 1 else 0.0 if value == 0 else None


def _stars(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= 5 else None  # noqa: PLR2004 - stars


NEWEST = Sort("created_at", "timestamptz", is_descending=True, read=_moment)
OLDEST = Sort("created_at", "timestamptz", is_descending=False, read=_moment)
SORTS = {
    "newest": NEWEST,
    "-created_at": NEWEST,
    "oldest": OLDEST,
    "created_at": OLDEST,
    "helpful": Sort("wilson", "float8", is_descending=True, read=_share),
    "rating": Sort("rating", "smallint", is_descending=False, read=_stars),
    "-rating": Sort("rating", "smallint", is_descending=True, read=_stars),
}


@dataclass(frozen=True)
class Wanted:
    """Which reviews are listed; None and empty narrow nothing."""

    product_id: UUID | None = None
    customer_id: UUID | None = None
    status: str | None = None
    ratings: tuple[int, ...] = ()
    is_verified: bool | None = None
    has_photos: bool | None = None
    is_reported: bool | None = None
    has_reply: bool | None = None
    locale: str | None = None
    text: str | None = None


class _Statement:
    """Conditions with their values: what is not asked for stands in no statement, so that indexes are of use."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self.conditions: list[str] = []

    def add(self, value: Any) -> str:
        """Return the place of the value, `$n`."""
        self.values.append(value)
        return f"${len(self.values)}"

    def where(self, condition: str, value: Any) -> None:
        """Add a condition with `{}` where the value stands, unless there is no value."""
        if value is not None and value != ():
            self.conditions.append(condition.format(self.add(list(value) if isinstance(value, tuple) else value)))


async def page(
    wanted: Wanted, sort: Sort, *, cursor: str | None, limit: int, viewer: UUID | None = None
) -> tuple[Sequence[Row], str | None]:
    """Return up to `limit` reviews, each with the viewer's vote, and the cursor of what follows.

    Raises BadRequest for a cursor that is not of this list.
    """
    statement = _narrowed(wanted)
    direction, beyond = ("DESC", "<") if sort.is_descending else ("ASC", ">")
    if (after := _after(cursor, sort)) is not None:
        value, review_id = statement.add(after[0]), statement.add(after[1])
        statement.conditions.append(f"(r.{sort.column}, r.id) {beyond} ({value}::{sort.kind}, {review_id}::uuid)")
    vote = "NULL::boolean"
    if viewer is not None:
        vote = (
            "(SELECT v.is_helpful FROM reviews_vote v WHERE v.review_id = r.id"
            f" AND v.customer_id = {statement.add(viewer)})"
        )
    rows = await db.fetch_all(
        f"SELECT {SHOWN}, {vote} AS my_vote FROM reviews_review r WHERE {' AND '.join(statement.conditions) or 'true'}"
        f" ORDER BY r.{sort.column} {direction}, r.id {direction} LIMIT {statement.add(limit + 1)}",
        *statement.values,
    )
    shown = rows[:limit]
    more = encode_cursor(_plain(shown[-1][sort.column]), str(shown[-1]["id"])) if len(rows) > limit else None
    return shown, more


def _narrowed(wanted: Wanted) -> _Statement:
    statement = _Statement()
    if wanted.status is not None:
        # As text of the statement, so that the partial indexes are of use; it is one of Status.
        statement.conditions.append(f"r.status = '{Status(wanted.status)}'")
    statement.where("r.product_id = {}", wanted.product_id)
    statement.where("r.customer_id = {}", wanted.customer_id)
    statement.where("r.rating = ANY ({}::smallint[])", wanted.ratings)
    statement.where("r.is_verified = {}", wanted.is_verified)
    statement.where("{} = EXISTS (SELECT FROM reviews_photo p WHERE p.review_id = r.id)", wanted.has_photos)
    statement.where("{} = (r.report_count > 0)", wanted.is_reported)
    statement.where("{} = (r.reply IS NOT NULL)", wanted.has_reply)
    statement.where("r.locale = {}", wanted.locale)
    statement.where("strpos(lower(r.title || ' ' || r.text || ' ' || r.author_name), lower({})) > 0", wanted.text)
    return statement


def _after(cursor: str | None, sort: Sort) -> tuple[Any, UUID] | None:
    parts = decode_cursor(cursor, 2)
    if parts is None:
        return None
    value, review_id = sort.read(parts[0]), parse_id(str(parts[1]))
    if value is None or review_id is None:
        raise BadRequest("The cursor is not one that this list gave out: leave it away to begin at the start.")
    return value, review_id


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
