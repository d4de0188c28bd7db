"""The monthly partitions of what grows: made ahead, dropped when their time is over."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from feria_core import db

PARTITIONED = ("personalization_activity", "personalization_exposure")


async def add(parent: str, month: date) -> bool:
    """Give `parent` the partition of a month; False where it has it."""
    return bool(await db.fetch_value("SELECT personalization_add_month($1, $2)", parent, month))


async def known(parent: str) -> list[tuple[str, datetime]]:
    """Return the monthly partitions of `parent` with the moment at which each begins, oldest first."""
    rows = await db.fetch_all(
        "SELECT c.relname::text AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = $1::text::regclass ORDER BY 1",
        parent,
    )
    months = [(str(row["name"]), re.fullmatch(rf"{parent}_(\d{{4}})(\d\d)", row["name"])) for row in rows]
    return [(name, datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC)) for name, found in months if found]


async def drop(partition: str) -> None:
    """Drop a partition that `known` has named, with all it holds."""
    await db.execute(f'DROP TABLE "{partition}"')


async def delete_before(parent: str, moment: datetime, *, limit: int) -> int:
    """Delete at most `limit` rows from before then: of a month that is not over, and of the rest."""
    return await db.execute(
        f"DELETE FROM {parent} WHERE (id, at) IN (SELECT id, at FROM {parent} WHERE at < $1 LIMIT $2)", moment, limit
    )
