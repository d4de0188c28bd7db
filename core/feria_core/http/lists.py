"""Lists: at most 100 items, and an opaque cursor that stays right while rows are inserted."""

from __future__ import annotations

import base64
import binascii
from typing import Annotated, Any, Generic, TypeVar

import orjson
from pydantic import Field

from feria_core.errors import BadRequest
from feria_core.http.schemas import Out, Query

Item = TypeVar("Item")


class PageQuery(Query):
    """How much of a list, and from where."""

    limit: Annotated[int, Field(ge=1, le=100, description="How many items")] = 20
    cursor: Annotated[str | None, Field(max_length=1000, description="next_cursor of the page before")] = None


class Page(Out, Generic[Item]):
    """One page of a list; `next_cursor` is null on the last."""

    items: list[Item]
    next_cursor: str | None = None


def encode_cursor(*position: Any) -> str:
    """Return the sort values of the last row as opaque text."""
    return base64.urlsafe_b64encode(orjson.dumps(position, default=str)).decode().rstrip("=")


def decode_cursor(cursor: str | None, parts: int) -> list[Any] | None:
    """Return the `parts` sort values of a cursor, None without one. Raises BadRequest for one that is not ours."""
    if cursor is None:
        return None
    try:
        position = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (binascii.Error, ValueError) as error:
        raise BadRequest(
            "The cursor is not one that this list gave out: leave it away to begin at the start."
        ) from error
    if not isinstance(position, list) or len(position) != parts:
        raise BadRequest("The cursor belongs to another list or order: leave it away to begin at the start.")
    return position
