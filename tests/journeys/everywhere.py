"""Searching every column of every table for what should not be there any more."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

COLUMNS = """
SELECT c.table_name, c.column_name, c.udt_name FROM information_schema.columns c
JOIN information_schema.tables t USING (table_schema, table_name)
WHERE table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1, c.ordinal_position
"""


async def places_of(
    fetch: Callable[[str], Awaitable[Sequence[Mapping[str, Any]]]], *needles: str
) -> set[tuple[str, str, str]]:
    """Return (table, column, needle) for each needle that stands anywhere in the database, in any case of letters.

    Every type is looked at as text, bytes (also in arrays) as the text that they may be.
    """
    found = set()
    for row in await fetch(COLUMNS):
        table, column, kind = row["table_name"], row["column_name"], row["udt_name"]
        shown = f'"{column}"' if kind in {"bytea", "_bytea"} else f'"{column}"::text'
        rows = await fetch(f'SELECT {shown} AS value FROM "{table}"')
        values = [value["value"] for value in rows if value["value"] is not None]
        text = "\n".join(texts_of(values)).casefold()
        found |= {(table, column, needle) for needle in needles if needle.casefold() in text}
    return found


def texts_of(values: Sequence[Any]) -> list[str]:
    """Return the values as text."""
    parts = [part for value in values for part in (value if isinstance(value, list) else [value])]
    return [part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part) for part in parts]
