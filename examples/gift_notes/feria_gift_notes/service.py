"""The use cases of gift notes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from feria_core import audit, clock, db
from feria_core.db import Row
from feria_core.errors import NotFound
from feria_core.http import decode_cursor, encode_cursor
from feria_core.ids import parse_id
from feria_core.runtime import settings
from feria_gift_notes import repository
from feria_gift_notes.settings import GiftNotesSettings

BATCH = 1000


async def keep(order_id: UUID, text: str) -> None:
    """Keep the note of the order that is being placed, in the caller's transaction."""
    await repository.add(order_id, text, clock.now())


async def page(
    *,
    customer_id: UUID | None = None,
    number: str | None = None,
    is_written: bool | None = None,
    cursor: str | None,
    limit: int,
) -> tuple[Sequence[Row], str | None]:
    """Return a page of notes, newest first, and the cursor of the next. Raises BadRequest for a foreign cursor."""
    position = decode_cursor(cursor, 1)
    before = parse_id(str(position[0])) if position else None
    rows = await repository.listed(
        customer_id=customer_id, number=number, is_written=is_written, before=before, limit=limit + 1
    )
    shown = rows[:limit]
    return shown, encode_cursor(str(shown[-1]["id"])) if len(rows) > limit else None


async def find(note_id: str) -> Row:
    """Return the note. Raises NotFound."""
    known = parse_id(note_id)
    row = await repository.find(known) if known else None
    if row is None:
        raise NotFound("There is no such gift note: GET /api/admin/gift-notes lists them.")
    return row


async def mark_written(note_id: str) -> Row:
    """Note that the card is written and return the note; again it changes nothing. Raises NotFound."""
    async with db.transaction():
        note = await find(note_id)
        if await repository.mark_written(note["id"], clock.now()):
            await audit.record("gift_notes.note.written", "gift_note", note["id"])
        return await find(note_id)


async def forget_old() -> int:
    """Delete notes of orders older than `keep_days`, a thousand in a transaction; return how many."""
    before = clock.now() - timedelta(days=settings(GiftNotesSettings).keep_days)
    forgotten = 0
    while deleted := await repository.delete_older_than(before, limit=BATCH):
        forgotten += deleted
    return forgotten
