"""What customers call."""

from __future__ import annotations

from feria_core.auth import current_principal
from feria_core.http import CUSTOMER, ApiBlueprint, Page, PageQuery
from feria_gift_notes import service
from feria_gift_notes.schemas import GiftNoteOut

blueprint = ApiBlueprint("gift_notes", __name__)


@blueprint.endpoint("GET", "/api/account/gift-notes", access=CUSTOMER, query=PageQuery, returns=Page[GiftNoteOut])
async def list_own_gift_notes(query: PageQuery) -> Page[GiftNoteOut]:
    """List the notes of the customer's orders, newest first."""
    rows, more = await service.page(customer_id=current_principal().id, cursor=query.cursor, limit=query.limit)
    return Page[GiftNoteOut](items=[GiftNoteOut.of(row) for row in rows], next_cursor=more)
