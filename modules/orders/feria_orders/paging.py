"""A page of orders, newest first, and the cursor to the next."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from feria_core.db import Row
from feria_core.errors import BadRequest
from feria_core.http.lists import decode_cursor, encode_cursor
from feria_core.ids import parse_id
from feria_orders.documents import Document, to_json
from feria_orders.reads import Position
from feria_orders.schemas import FIRST_YEAR, LAST_YEAR


def position_of(cursor: str | None) -> Position | None:
    """Return where the page begins, None for the first. Raises BadRequest for a cursor that is not ours."""
    parts = decode_cursor(cursor, 2)
    if parts is None:
        return None
    placed_at, order_id = _moment(parts[0]), parse_id(str(parts[1]))
    if placed_at is None or order_id is None:
        raise BadRequest("The cursor is not one that this list gave out: leave it away to begin at the start.")
    return Position(placed_at, order_id)


def page_of(rows: Sequence[Row], limit: int, document: Callable[[Row], Document]) -> bytes:
    """Return the page's JSON from up to `limit` + 1 rows: the one too many tells that there is a next page."""
    shown = rows[:limit]
    more = len(rows) > limit
    cursor = encode_cursor(shown[-1]["placed_at"].isoformat(), str(shown[-1]["id"])) if more else None
    return to_json({"items": [document(row) for row in shown], "next_cursor": cursor})


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None and FIRST_YEAR <= moment.year <= LAST_YEAR else None
