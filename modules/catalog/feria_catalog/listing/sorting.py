"""Orders of lists, and the cursors that go on from a row of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from feria_core.errors import BadRequest
from feria_core.http import decode_cursor, encode_cursor
from feria_core.ids import parse_id

_BIGINT = 2**63


@dataclass(frozen=True)
class Sort:
    """An order: by an expression, then by id in the same direction, so that every row has one place."""

    expression: str
    kind: str
    is_descending: bool
    read: Callable[[Any], Any]

    @property
    def order_by(self) -> str:
        """The ORDER BY of a page; `k` is the expression's name in it."""
        direction = "DESC" if self.is_descending else "ASC"
        return f"k {direction}, product_id {direction}"


@dataclass(frozen=True)
class Position:
    """The last row of the page before; `mode` says which of two searches the list is of."""

    key: Any
    product_id: UUID
    mode: str


def _integer(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= _BIGINT:
        raise ValueError(value)
    return value


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise ValueError(value)
    return float(value)


def _time(value: Any) -> datetime:
    moment = datetime.fromisoformat(str(value))
    if moment.tzinfo is None:
        raise ValueError(value)
    return moment


def _text(value: Any) -> str:
    if not isinstance(value, str) or "\x00" in value:
        raise ValueError(value)
    return value


RELEVANCE = "relevance"
# Relevance and ratings are ordered by indexes of the process: PostgreSQL is never asked for their expressions.
SORTS = {
    RELEVANCE: Sort("score", "float8", is_descending=True, read=_number),
    "price": Sort("d.price_amount", "bigint", is_descending=False, read=_integer),
    "-price": Sort("d.price_amount", "bigint", is_descending=True, read=_integer),
    "-created_at": Sort("d.created_at", "timestamptz", is_descending=True, read=_time),
    "-rating": Sort("rating_rank", "int", is_descending=True, read=_integer),
    "-popularity": Sort("d.popularity", "bigint", is_descending=True, read=_integer),
    "name": Sort("d.name_key", "text", is_descending=False, read=_text),
}


def read_cursor(cursor: str | None, sort: str) -> Position | None:
    """Return the position that `cursor` tells. Raises BadRequest for one of another list or order."""
    parts = decode_cursor(cursor, 4)
    if parts is None:
        return None
    name, mode, key, product_id = parts
    refusal = BadRequest("The cursor belongs to another list or order: leave it away to begin at the start.")
    found = parse_id(product_id) if isinstance(product_id, str) else None
    if name != sort or mode not in ("", "all", "any") or found is None:
        raise refusal
    try:
        return Position(SORTS[sort].read(key), found, mode)
    except (TypeError, ValueError, OverflowError, ArithmeticError) as error:
        raise refusal from error


def write_cursor(sort: str, position: Position) -> str:
    """Return the cursor that goes on after `position`."""
    key = position.key.isoformat() if isinstance(position.key, datetime) else position.key
    return encode_cursor(sort, position.mode, key, str(position.product_id))
