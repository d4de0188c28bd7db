"""What modules' figures are made with: a statement becomes a source's function, a count a part of the dashboard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime

from feria_core import db
from feria_core.contracts.analytics import Figure

__all__ = ["count", "counting", "first", "quarter"]


def quarter(expression: str) -> str:
    """Return the SQL of the beginning of the quarter of an hour in which the moment `expression` lies."""
    return f"date_bin('15 minutes', {expression}, '2000-01-01 00:00Z')"


def counting(sql: str, *, has_keys: bool = False) -> Callable[[datetime, datetime], Awaitable[Sequence[Figure]]]:
    """Return `figures` of a source: `sql` gives the quarter, the currency (or NULL), with `has_keys` the key, counts.

    Its `$1` and `$2` are the moments between which it counts.
    """
    width = 3 if has_keys else 2

    async def figures(since: datetime, until: datetime) -> Sequence[Figure]:
        rows = [tuple(row.values()) for row in await db.fetch_all(sql, since, until)]
        return [Figure(row[0], tuple(map(int, row[width:])), row[1], row[2] if has_keys else "") for row in rows]

    return figures


def first(sql: str) -> Callable[[], Awaitable[datetime | None]]:
    """Return `kept_since` of a source: the moment that the statement gives, or None."""

    async def moment() -> datetime | None:
        found: datetime | None = await db.fetch_value(sql)
        return found

    return moment


def count(sql: str) -> Callable[[], Awaitable[int]]:
    """Return `value` of a part of the dashboard: the count that the statement gives."""

    async def value() -> int:
        found: int = await db.fetch_value(sql)
        return found

    return value
