"""From a row to a return as it goes out."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson

from feria_core.db import Row
from feria_orders.errors import ReturnUnknown
from feria_orders.returns import repository

_PLAIN = ("id", "status", "wish", "reason", "note", "answer", "requested_at", "decided_at", "received_at")


def return_document(row: Row) -> dict[str, Any]:
    """Return the return as buyers and staff see it."""
    return {
        **{name: row[name] for name in _PLAIN},
        "order_number": row["number"],
        "items": orjson.Fragment(row["lines"] or "[]"),
        "refunds": orjson.Fragment(row["refunds"] or "[]"),
    }


async def found_return(return_id: UUID) -> Row:
    """Return the row of a return. Raises ReturnUnknown."""
    row = await repository.get(return_id)
    if row is None:
        raise ReturnUnknown(return_id)
    return row
