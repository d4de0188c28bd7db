"""Outgoing webhooks: made and changed by staff, their secrets shown once."""

from __future__ import annotations

import base64
import secrets
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from feria_admin.errors import EventGone, WebhookOff, WebhookUnknown
from feria_admin.repository import api_keys
from feria_admin.repository import webhooks as rows
from feria_admin.schemas_webhooks import WebhookBody, WebhookPatch
from feria_admin.service.sending import is_allowed
from feria_core import audit, clock, db, events, outside
from feria_core.auth import current_principal
from feria_core.errors import Invalid
from feria_core.ids import new_id
from feria_core.jobs import enqueue

RELAY, DELIVER = "admin.relay_event", "admin.deliver_webhook"
OLD_SECRET_FOR = timedelta(days=1)
TEST_EVENT = "webhook.test"


async def create(body: WebhookBody) -> db.Row:
    """Make a webhook and return it with its secret. Raises Invalid for an address that may not be called."""
    await _check(body.url, is_personal=body.personal_data)
    values = {**body.model_dump(), "id": new_id(), "secret": _new_secret(), "now": clock.now()}
    async with db.transaction():
        row = await rows.add({**values, "owner_id": await _owner()})
        await _listen()
        await audit.record("webhook.created", "webhook", row["id"], after=_audited(row))
    return row


async def listed(*, before: UUID | None, limit: int) -> Sequence[db.Row]:
    return await rows.page(before=before, limit=limit)


async def find(webhook_id: UUID | None) -> db.Row:
    """Return one webhook. Raises WebhookUnknown."""
    return _known(await rows.one(webhook_id) if webhook_id else None)


async def change(webhook_id: UUID | None, body: WebhookPatch) -> db.Row:
    """Change what is named; switched on again it gets what waited. Raises WebhookUnknown, Invalid."""
    named = {name: value for name, value in body.model_dump(exclude_unset=True).items()
             if value is not None or name == "description"}  # fmt: skip
    wanted = {**await find(webhook_id), **named}
    await _check(wanted["url"], is_personal=wanted["personal_data"])
    async with db.transaction():
        before = _known(await rows.one(wanted["id"], lock=True))
        if _audited({**before, **named}) == _audited(before):
            return before
        row = await rows.change(before["id"], {**before, **named}, now=clock.now())
        await _listen()
        await audit.record("webhook.changed", "webhook", row["id"], before=_audited(before), after=_audited(row))
        if row["active"] and not before["active"]:
            for delivery in await rows.waiting(row["id"]):
                await _begin(delivery["id"])
    return row


async def rotate(webhook_id: UUID | None) -> db.Row:
    """Give the webhook a new secret and return it; the old one signs too for a day. Raises WebhookUnknown."""
    now = clock.now()
    async with db.transaction():
        found = (
            await rows.rotate(webhook_id, _new_secret(), until=now + OLD_SECRET_FOR, now=now) if webhook_id else None
        )
        row = _known(found)
        await audit.record("webhook.secret_rotated", "webhook", row["id"])
    return row


async def remove(webhook_id: UUID | None) -> None:
    """Delete the webhook with its log; nothing more is sent. Raises WebhookUnknown."""
    async with db.transaction():
        row = _known(await rows.delete(webhook_id) if webhook_id else None)
        await _listen()
        await audit.record("webhook.removed", "webhook", row["id"], before=_audited(row))


async def deliveries(
    webhook_id: UUID | None, state: str | None, *, before: UUID | None, limit: int
) -> Sequence[db.Row]:
    """Return what was sent to the webhook, the latest first. Raises WebhookUnknown."""
    webhook = await find(webhook_id)
    return await rows.deliveries(webhook["id"], state, before=before, limit=limit)


async def redeliver(webhook_id: UUID | None, delivery_id: UUID | None) -> db.Row:
    """Send it again under the same id, whatever came of it. Raises WebhookUnknown, WebhookOff, EventGone."""
    async with db.transaction():
        webhook = _active(await rows.one(webhook_id, lock=True) if webhook_id else None)
        delivery = _known(await rows.delivery(webhook["id"], delivery_id) if delivery_id else None)
        if delivery["event_id"] is not None and await events.stored(delivery["event_id"]) is None:
            raise EventGone
        await _begin(delivery["id"])
        await audit.record("webhook.redelivered", "webhook", webhook["id"], after={"delivery": delivery["id"]})
        return _known(await rows.delivery(webhook["id"], delivery["id"]))


async def test(webhook_id: UUID | None) -> db.Row:
    """Send an event `webhook.test` and return its delivery. Raises WebhookUnknown, WebhookOff."""
    async with db.transaction():
        webhook = _active(await rows.one(webhook_id) if webhook_id else None)
        delivery_id = new_id()
        await rows.add_delivery(delivery_id, webhook["id"], TEST_EVENT, None, clock.now())
        await enqueue(DELIVER, delivery_id=str(delivery_id), number=1)
        await audit.record("webhook.tested", "webhook", webhook["id"])
        return _known(await rows.delivery(webhook["id"], delivery_id))


async def _begin(delivery_id: UUID) -> None:
    number = await rows.begin_anew(delivery_id, now=clock.now())
    await enqueue(DELIVER, delivery_id=str(delivery_id), number=number)


async def _listen() -> None:
    """Hear from this commit on what the active webhooks want."""
    await events.set_interest(RELAY, await rows.patterns())


async def _check(url: str, *, is_personal: bool) -> None:
    """Raise Invalid for what must not be called. A host that nobody knows yet may become known."""
    try:
        parsed = outside.parse_url(url)
        await outside.addresses_of(parsed, is_allowed=is_allowed)
    except outside.UrlRefused as error:
        raise Invalid.field("body", "url", code="invalid_url", message=f"The address {error}") from error
    except outside.AddressRefused as error:
        raise Invalid.field(
            "body", "url", code="address_not_public", message="The host is not on the public internet"
        ) from error
    except outside.HostUnknown:
        pass
    if is_personal and urlsplit(url).scheme != "https":
        raise Invalid.field("body", "url", code="https_needed", message="Personal data is sent over https only")


async def _owner() -> UUID | None:
    """Return the account of staff that answers for the webhook: of a key, that of who made it."""
    principal = current_principal()
    if principal.kind != "api_key":
        return principal.id
    key = await api_keys.one(principal.id)
    return key["created_by"] if key else None


def _new_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _known(row: db.Row | None) -> db.Row:
    if row is None:
        raise WebhookUnknown
    return row


def _active(row: db.Row | None) -> db.Row:
    if not _known(row)["active"]:
        raise WebhookOff
    return _known(row)


def _audited(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in ("url", "events", "description", "personal_data", "active")}
