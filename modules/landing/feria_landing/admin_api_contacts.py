"""The inbox of contact messages."""

from __future__ import annotations

from feria_core.http import ApiBlueprint, Page, staff
from feria_landing.contact import inbox
from feria_landing.contact.schemas import ContactOut, ContactPatch, ContactQuery, ContactRow, ReplyBody

blueprint = ApiBlueprint("landing_admin_contacts", __name__)
ANSWER = staff("landing.contacts")
PATH = "/api/admin/contacts"


@blueprint.endpoint("GET", PATH, access=ANSWER, query=ContactQuery, returns=Page[ContactRow])
async def admin_list_contacts(query: ContactQuery) -> Page[ContactRow]:
    """Messages, the latest first."""
    return await inbox.listed(query)


@blueprint.endpoint("GET", f"{PATH}/<contact_id>", access=ANSWER, returns=ContactOut)
async def admin_get_contact(contact_id: str) -> ContactOut:
    """One message with its answers."""
    return await inbox.find(contact_id)


@blueprint.endpoint("PATCH", f"{PATH}/<contact_id>", access=ANSWER, body=ContactPatch, returns=ContactOut)
async def admin_edit_contact(contact_id: str, body: ContactPatch) -> ContactOut:
    """Change the message's status."""
    return await inbox.edit(contact_id, body)


@blueprint.endpoint(
    "POST", f"{PATH}/<contact_id>/reply", access=ANSWER, body=ReplyBody, returns=ContactOut, status=201
)  # fmt: skip
async def admin_reply_contact(contact_id: str, body: ReplyBody) -> ContactOut:
    """Mail an answer to who wrote the message."""
    return await inbox.reply(contact_id, body)


@blueprint.endpoint("DELETE", f"{PATH}/<contact_id>", access=ANSWER, status=204)
async def admin_delete_contact(contact_id: str) -> None:
    """Delete a message and its answers."""
    await inbox.remove(contact_id)
