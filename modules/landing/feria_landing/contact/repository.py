"""Statements about contact messages."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.db import Row

_COLUMNS = "id, name, email, subject, message, locale, status, version, created_at, updated_at"
_LISTED = f"""
SELECT {_COLUMNS} FROM landing_contact
WHERE ($1::text IS NULL OR status = $1) AND ($3::uuid IS NULL OR id < $3)
    AND ($2::text IS NULL OR strpos(lower(name || chr(10) || email || chr(10) || subject), lower($2)) > 0)
ORDER BY id DESC LIMIT $4
"""


async def add(contact_id: UUID, name: str, email: str, email_key: str, subject: str, message: str, locale: str,
              now: datetime) -> None:  # fmt: skip
    """Write a message."""
    await db.execute(
        "INSERT INTO landing_contact"
        " (id, name, email, email_key, subject, message, locale, status, created_at, updated_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, 'new', $8, $8)",
        contact_id, name, email, email_key, subject, message, locale, now,
    )  # fmt: skip


async def listed(status: str | None, text: str | None, before: UUID | None, limit: int) -> Sequence[Row]:
    """Return messages, the latest first."""
    return await db.fetch_all(_LISTED, status, text or None, before, limit)


async def find(contact_id: UUID, *, lock: bool = False) -> Row | None:
    """Return one message."""
    return await db.fetch_one(
        f"SELECT {_COLUMNS} FROM landing_contact WHERE id = $1" + (" FOR UPDATE" if lock else ""), contact_id
    )


async def replies(contact_id: UUID) -> Sequence[Row]:
    """Return what was answered, the first first."""
    return await db.fetch_all(
        "SELECT id, message, staff_id, created_at FROM landing_contact_reply WHERE contact_id = $1 ORDER BY id",
        contact_id,
    )


async def set_status(contact_id: UUID, status: str, now: datetime) -> None:
    """Let the message have this status."""
    await db.execute(
        "UPDATE landing_contact SET status = $2, updated_at = $3, version = version + 1 WHERE id = $1",
        contact_id, status, now,
    )  # fmt: skip


async def add_reply(reply_id: UUID, contact_id: UUID, message: str, staff_id: UUID | None, now: datetime) -> None:
    """Write an answer."""
    await db.execute(
        "INSERT INTO landing_contact_reply (id, contact_id, message, staff_id, created_at) VALUES ($1, $2, $3, $4, $5)",
        reply_id, contact_id, message, staff_id, now,
    )  # fmt: skip


async def delete(contact_id: UUID) -> None:
    """Delete the message and its answers."""
    await db.execute("DELETE FROM landing_contact WHERE id = $1", contact_id)
