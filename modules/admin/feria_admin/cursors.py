"""Cursors of lists that run from the latest moment back."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from feria_core.errors import BadRequest
from feria_core.http import decode_cursor
from feria_core.ids import parse_id

_FOREIGN = "The cursor is not one that this list gave out: leave it away to begin at the start."


def moment_and_id(cursor: str | None) -> tuple[datetime, UUID] | None:
    """Return where the page before ended, None without a cursor. Raises BadRequest."""
    position = decode_cursor(cursor, 2)
    if position is None:
        return None
    found = parse_id(position[1]) if isinstance(position[1], str) else None
    try:
        at = datetime.fromisoformat(position[0])
    except (TypeError, ValueError) as error:
        raise BadRequest(_FOREIGN) from error
    if found is None or at.tzinfo is None:
        raise BadRequest(_FOREIGN)
    return at, found


def only_id(cursor: str | None) -> UUID | None:
    """Return the id at which the page before ended, None without a cursor. Raises BadRequest."""
    position = decode_cursor(cursor, 1)
    if position is None:
        return None
    found = parse_id(position[0]) if isinstance(position[0], str) else None
    if found is None:
        raise BadRequest(_FOREIGN)
    return found
