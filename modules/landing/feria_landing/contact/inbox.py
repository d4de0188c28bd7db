"""The staff's inbox."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from feria_core import audit, clock, db, mail
from feria_core.auth import maybe_principal
from feria_core.http import Page, decode_cursor, encode_cursor
from feria_core.ids import new_id, parse_id
from feria_landing.contact import repository
from feria_landing.contact.schemas import ContactOut, ContactPatch, ContactQuery, ContactRow, ReplyBody, ReplyOut
from feria_landing.contact.service import team_address
from feria_landing.errors import ContactUnknown, check_version
from feria_landing.fields import address_of


async def listed(query: ContactQuery) -> Page[ContactRow]:
    """Return a page of messages, the latest first."""
    position = decode_cursor(query.cursor, 1)
    before = parse_id(str(position[0])) if position else None
    rows = await repository.listed(query.status, query.q, before, query.limit + 1)
    items = [ContactRow(**row) for row in rows[: query.limit]]
    more = encode_cursor(str(items[-1].id)) if len(rows) > query.limit else None
    return Page[ContactRow](items=items, next_cursor=more)


async def find(contact_id: str) -> ContactOut:
    """Return one message with its answers. Raises ContactUnknown."""
    return await _whole(await _row(contact_id))


async def edit(contact_id: str, patch: ContactPatch) -> ContactOut:
    """Change the message's status. Raises ContactUnknown, StaleVersion."""
    async with db.transaction():
        row = await _row(contact_id, lock=True)
        check_version(row["version"], patch.version)
        await repository.set_status(row["id"], patch.status, clock.now())
        await audit.record(
            "landing.contact.changed", "contact", row["id"],
            before={"status": row["status"]}, after={"status": patch.status},
        )  # fmt: skip
        return await find(contact_id)


async def reply(contact_id: str, body: ReplyBody) -> ContactOut:
    """Mail an answer to who wrote; the message is answered then. Raises ContactUnknown, StaleVersion."""
    async with db.transaction():
        row = await _row(contact_id, lock=True)
        check_version(row["version"], body.version)
        principal = maybe_principal()
        await repository.add_reply(new_id(), row["id"], body.message, principal.id if principal else None, clock.now())
        await repository.set_status(row["id"], "answered", clock.now())
        await mail.send(
            "landing/contact_reply", to=address_of(row["email"]).deliverable,
            context={"name": row["name"], "subject": row["subject"], "message": body.message, "asked": row["message"]},
            locale=row["locale"], headers=_reply_to(),
        )  # fmt: skip
        await audit.record("landing.contact.answered", "contact", row["id"], after={"status": "answered"})
        return await find(contact_id)


async def remove(contact_id: str) -> None:
    """Delete the message and its answers. Raises ContactUnknown."""
    async with db.transaction():
        row = await _row(contact_id, lock=True)
        await repository.delete(row["id"])
        await audit.record("landing.contact.deleted", "contact", row["id"], before={"status": row["status"]})


async def _row(contact_id: str, *, lock: bool = False) -> Any:
    known: UUID | None = parse_id(contact_id)
    row = await repository.find(known, lock=lock) if known else None
    if row is None:
        raise ContactUnknown(contact_id)
    return row


async def _whole(row: Any) -> ContactOut:
    replies = [ReplyOut(**each) for each in await repository.replies(row["id"])]
    return ContactOut(**row, replies=replies)


def _reply_to() -> dict[str, str] | None:
    address = team_address()
    return {"Reply-To": address} if address.isascii() and address else None
