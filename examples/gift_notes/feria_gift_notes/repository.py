"""Statements about gift notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.contracts.privacy import DataSubject
from feria_core.db import Row
from feria_core.ids import new_id

_COLUMNS = "id, order_id, order_number, customer_id, text, created_at, written_at"
_ADD = """
INSERT INTO gift_notes_note (id, order_id, text, created_at) VALUES ($1, $2, $3, $4)
ON CONFLICT (order_id) DO NOTHING
"""
_NAME = """
UPDATE gift_notes_note SET order_number = $2, customer_id = $3, guest_email = CASE WHEN $3::uuid IS NULL THEN $4 END
WHERE order_id = $1
"""
_LIST = f"""
SELECT {_COLUMNS} FROM gift_notes_note
WHERE ($1::uuid IS NULL OR customer_id = $1) AND ($2::text IS NULL OR order_number = $2)
    AND ($3::bool IS NULL OR (written_at IS NOT NULL) = $3) AND ($4::uuid IS NULL OR id < $4)
ORDER BY id DESC LIMIT $5
"""
_OF_PERSON = """
(customer_id = $1 OR id IN (
    SELECT n.id FROM gift_notes_note n JOIN unnest($2::text[], $3::timestamptz[]) AS a (form, until)
    ON lower(n.guest_email COLLATE "C") = a.form AND n.created_at <= a.until))
"""


async def add(order_id: UUID, text: str, now: datetime) -> None:
    """Write the note of an order; its first one stays."""
    await db.execute(_ADD, new_id(), order_id, text, now)


async def name_owner(order_id: UUID, *, number: str, customer_id: UUID | None, email: str) -> bool:
    """Note whose order it is; False where the order has no note."""
    return bool(await db.execute(_NAME, order_id, number, customer_id, email))


async def listed(
    *,
    customer_id: UUID | None = None,
    number: str | None = None,
    is_written: bool | None = None,
    before: UUID | None,
    limit: int,
) -> Sequence[Row]:
    """Return at most `limit` notes, newest first, those older than the id `before`."""
    return await db.fetch_all(_LIST, customer_id, number, is_written, before, limit)


async def find(note_id: UUID) -> Row | None:
    """Return the note, None without one."""
    return await db.fetch_one(f"SELECT {_COLUMNS} FROM gift_notes_note WHERE id = $1", note_id)


async def mark_written(note_id: UUID, now: datetime) -> bool:
    """Note that the card is written; False where it was, or there is no such note."""
    return bool(
        await db.execute(
            "UPDATE gift_notes_note SET written_at = $2 WHERE id = $1 AND written_at IS NULL", note_id, now
        )
    )


async def delete_older_than(moment: datetime, *, limit: int) -> int:
    """Delete at most `limit` notes of orders placed before `moment`; return how many."""
    return await db.execute(
        "DELETE FROM gift_notes_note WHERE id IN"
        " (SELECT id FROM gift_notes_note WHERE created_at < $1 ORDER BY id LIMIT $2 FOR UPDATE SKIP LOCKED)",
        moment,
        limit,
    )


async def of_person(subject: DataSubject) -> Sequence[Row]:
    """Return the notes that the person has written, signed in or as a guest."""
    return await db.fetch_all(
        f"SELECT {_COLUMNS} FROM gift_notes_note WHERE {_OF_PERSON} ORDER BY id", subject.user_id, *subject.spellings()
    )


async def delete_of_person(subject: DataSubject) -> int:
    """Delete the notes that the person has written; return how many."""
    return await db.execute(f"DELETE FROM gift_notes_note WHERE {_OF_PERSON}", subject.user_id, *subject.spellings())
