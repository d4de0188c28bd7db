"""Rows of bulk acts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from feria_core import db
from feria_core.db import Row

_COLUMNS = """id, section, act, body::text AS body, query::text AS query, cursor, state, reason, total, done, failed,
skipped, actor_kind, actor_id, address, request_id, locale, created_at, finished_at"""


async def add(values: dict[str, Any]) -> Row:
    """Write a bulk act and return it."""
    names = ", ".join(values)
    places = ", ".join(f"${place}" for place in range(1, len(values) + 1))
    row = await db.fetch_one(
        f"INSERT INTO admin_bulk ({names}) VALUES ({places}) RETURNING {_COLUMNS}", *values.values()
    )
    assert row is not None  # noqa: S101 - inserted
    return row


async def one(bulk_id: UUID, *, lock: bool = False) -> Row | None:
    """Return the bulk act, locked where that is asked, or None."""
    return await db.fetch_one(
        f"SELECT {_COLUMNS} FROM admin_bulk WHERE id = $1" + (" FOR NO KEY UPDATE" if lock else ""), bulk_id
    )


async def page(*, before: UUID | None, limit: int) -> Sequence[Row]:
    """Return bulk acts, the latest first."""
    return await db.fetch_all(
        f"SELECT {_COLUMNS} FROM admin_bulk WHERE ($1::uuid IS NULL OR id < $1) ORDER BY id DESC LIMIT $2",
        before, limit,
    )  # fmt: skip


async def add_rows(bulk_id: UUID, keys: Sequence[str], states: Sequence[str]) -> None:
    """Add things behind those that are there, each once, and count them."""
    await db.execute(
        """
        WITH added AS (
            INSERT INTO admin_bulk_row (bulk_id, position, key, state)
            SELECT $1, (SELECT coalesce(max(position), -1) FROM admin_bulk_row WHERE bulk_id = $1) + n.number, n.key,
                   n.state
            FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS n (key, state, number)
            ORDER BY n.number ON CONFLICT (bulk_id, key) DO NOTHING RETURNING state
        )
        UPDATE admin_bulk SET total = total + (SELECT count(*) FROM added),
            skipped = skipped + (SELECT count(*) FROM added WHERE state = 'skipped') WHERE id = $1
        """,
        bulk_id, list(keys), list(states),
    )  # fmt: skip


async def note_chosen(bulk_id: UUID, cursor: str | None) -> None:
    """Note how far the list was read; at its end the act begins."""
    await db.execute(
        "UPDATE admin_bulk SET cursor = $2, state = CASE WHEN $2::text IS NULL THEN 'running' ELSE state END"
        " WHERE id = $1 AND state = 'choosing'",
        bulk_id, cursor,
    )  # fmt: skip


async def next_row(bulk_id: UUID) -> Row | None:
    """Return position and key of the next thing, locked, or None where nothing is left or it was cancelled."""
    return await db.fetch_one(
        "SELECT r.position, r.key FROM admin_bulk_row r WHERE r.bulk_id = $1 AND r.state = 'waiting'"
        " AND EXISTS (SELECT FROM admin_bulk b WHERE b.id = $1 AND b.state = 'running')"
        " ORDER BY r.position LIMIT 1 FOR UPDATE SKIP LOCKED",
        bulk_id,
    )


async def settle(bulk_id: UUID, position: int, *, code: str | None = None, reason: str | None = None) -> bool:
    """Note that a thing is done, or with a code that it failed; False where that was noted before."""
    counter = "done" if code is None else "failed"
    noted = await db.execute(
        "UPDATE admin_bulk_row SET state = $3, code = $4, reason = $5"
        " WHERE bulk_id = $1 AND position = $2 AND state = 'waiting'",
        bulk_id, position, counter, code, reason,
    )  # fmt: skip
    if noted:
        await db.execute(f"UPDATE admin_bulk SET {counter} = {counter} + 1 WHERE id = $1", bulk_id)
    return bool(noted)


async def finish(bulk_id: UUID, *, now: datetime) -> bool:
    """Note the end where nothing waits; False where something does, or it is over already."""
    return bool(
        await db.execute(
            "UPDATE admin_bulk SET state = 'done', finished_at = $2 WHERE id = $1 AND state = 'running'"
            " AND NOT EXISTS (SELECT FROM admin_bulk_row WHERE bulk_id = $1 AND state = 'waiting')",
            bulk_id, now,
        )
    )  # fmt: skip


async def cancel(bulk_id: UUID, reason: str | None, *, now: datetime) -> Row | None:
    """Cancel what is not over; return it, or None where it is."""
    return await db.fetch_one(
        "UPDATE admin_bulk SET state = 'cancelled', reason = $2, finished_at = $3"
        f" WHERE id = $1 AND state IN ('choosing', 'running') RETURNING {_COLUMNS}",
        bulk_id, reason, now,
    )  # fmt: skip


async def errors(bulk_id: UUID, *, after: int | None, limit: int) -> Sequence[Row]:
    """Return position, key, code and reason of what failed, in its order."""
    return await db.fetch_all(
        "SELECT position, key, code, reason FROM admin_bulk_row WHERE bulk_id = $1 AND state = 'failed'"
        " AND ($2::int IS NULL OR position > $2) ORDER BY position LIMIT $3",
        bulk_id, after, limit,
    )  # fmt: skip


async def forget_person(person: UUID) -> None:
    """Take away who began bulk acts, and what was done to the person in them."""
    await db.execute("UPDATE admin_bulk SET actor_id = NULL, address = NULL WHERE actor_id = $1", person)
    await db.execute(
        "UPDATE admin_bulk_row SET key = 'erased-' || position WHERE key = $1::text AND state <> 'waiting'", str(person)
    )


async def sweep(before: datetime) -> int:
    """Delete bulk acts that were over before; return how many."""
    return await db.execute("DELETE FROM admin_bulk WHERE finished_at < $1", before)
