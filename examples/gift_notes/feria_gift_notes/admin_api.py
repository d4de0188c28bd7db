"""What staff call."""

from __future__ import annotations

from feria_core.http import ApiBlueprint, Page, staff
from feria_gift_notes import service
from feria_gift_notes.schemas import GiftNoteOut, NotesQuery

blueprint = ApiBlueprint("gift_notes_admin", __name__)
WRITE = staff("gift_notes.write")


@blueprint.endpoint("GET", "/api/admin/gift-notes", access=WRITE, query=NotesQuery, returns=Page[GiftNoteOut])
async def admin_list_gift_notes(query: NotesQuery) -> Page[GiftNoteOut]:
    """List gift notes, newest first."""
    is_written = None if query.status is None else query.status == "written"
    rows, more = await service.page(number=query.number, is_written=is_written, cursor=query.cursor, limit=query.limit)
    return Page[GiftNoteOut](items=[GiftNoteOut.of(row) for row in rows], next_cursor=more)


@blueprint.endpoint("GET", "/api/admin/gift-notes/<note_id>", access=WRITE, returns=GiftNoteOut)
async def admin_get_gift_note(note_id: str) -> GiftNoteOut:
    """One gift note."""
    return GiftNoteOut.of(await service.find(note_id))


@blueprint.endpoint("POST", "/api/admin/gift-notes/<note_id>/written", access=WRITE, returns=GiftNoteOut)
async def admin_mark_gift_note_written(note_id: str) -> GiftNoteOut:
    """Note that the card is written; again it changes nothing."""
    return GiftNoteOut.of(await service.mark_written(note_id))
