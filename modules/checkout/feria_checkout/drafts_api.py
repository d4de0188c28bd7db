"""Staff's drafts: orders made for a buyer, who pays them by a link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from feria_checkout.api import known_id
from feria_checkout.draft_schemas import DraftBody, DraftOut, DraftRow, LinkBody, LinkOut
from feria_checkout.schemas import CheckoutOut
from feria_checkout.service import drafting
from feria_core.errors import BadRequest
from feria_core.http import ApiBlueprint, Page, PageQuery, decode_cursor, encode_cursor, staff
from feria_core.ids import parse_id

blueprint = ApiBlueprint("checkout_drafts", __name__)
DRAFTS = staff("drafts.write")


@blueprint.endpoint(
    "POST", "/api/admin/draft-orders", access=DRAFTS, body=DraftBody, returns=DraftOut, status=201, idempotent=True
)
async def admin_make_draft(body: DraftBody) -> dict[str, Any]:
    """Make an order for a buyer: its stock is held, and whoever has the link can pay it, once."""
    return await drafting.make(body)


@blueprint.endpoint("GET", "/api/admin/draft-orders", access=DRAFTS, query=PageQuery, returns=Page[DraftRow])
async def admin_list_drafts(query: PageQuery) -> dict[str, Any]:
    """Drafts, newest first, those paid or over among them."""
    rows = await drafting.newest(query.limit + 1, _position(query.cursor))
    shown = rows[: query.limit]
    return {
        "items": [dict(row) for row in shown],
        "next_cursor": encode_cursor(shown[-1]["id"]) if len(rows) > query.limit else None,
    }


@blueprint.endpoint("GET", "/api/admin/draft-orders/<draft_id>", access=DRAFTS, returns=CheckoutOut)
async def admin_see_draft(draft_id: str) -> dict[str, Any]:
    """The draft as its buyer sees it."""
    return await drafting.see(known_id(draft_id))


@blueprint.endpoint(
    "POST", "/api/admin/draft-orders/<draft_id>/link", access=DRAFTS, body=LinkBody, returns=LinkOut, status=201,
    idempotent=True,
)  # fmt: skip
async def admin_renew_link(draft_id: str, body: LinkBody) -> dict[str, Any]:
    """Give a new link; the one before opens nothing any more."""
    return await drafting.renew_link(known_id(draft_id), is_sent=body.send_link)


@blueprint.endpoint("DELETE", "/api/admin/draft-orders/<draft_id>", access=DRAFTS, status=204)
async def admin_end_draft(draft_id: str) -> None:
    """End a draft that is not paid: its stock goes back."""
    await drafting.end_draft(known_id(draft_id))


def _position(cursor: str | None) -> UUID | None:
    """Return the id after which the list goes on. Raises BadRequest for a cursor of another list."""
    parts = decode_cursor(cursor, 1)
    if parts is None:
        return None
    found = parse_id(str(parts[0]))
    if found is None:
        raise BadRequest("The cursor is none of this list: take it from `next_cursor`.")
    return found
