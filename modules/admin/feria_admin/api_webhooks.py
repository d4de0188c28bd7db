"""Outgoing webhooks, for staff who connect other systems."""

from __future__ import annotations

import orjson

from feria_admin.cursors import only_id
from feria_admin.schemas_webhooks import (
    DeliveryOut,
    DeliveryQuery,
    NewWebhookOut,
    WebhookBody,
    WebhookOut,
    WebhookPatch,
)
from feria_admin.service import webhooks
from feria_core import db
from feria_core.http import ApiBlueprint, Page, PageQuery, encode_cursor, staff
from feria_core.ids import parse_id

blueprint = ApiBlueprint("admin_webhooks", __name__)
PATH = "/api/admin/webhooks"
WRITE = staff("webhooks.write")


@blueprint.endpoint("GET", PATH, access=WRITE, query=PageQuery, returns=Page[WebhookOut])
async def admin_list_webhooks(query: PageQuery) -> Page[WebhookOut]:
    """Webhooks, the latest first."""
    rows = await webhooks.listed(before=only_id(query.cursor), limit=query.limit + 1)
    shown = [WebhookOut(**row) for row in rows[: query.limit]]
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].id) if len(rows) > query.limit else None)


@blueprint.endpoint("POST", PATH, access=WRITE, body=WebhookBody, returns=NewWebhookOut, status=201)
async def admin_create_webhook(body: WebhookBody) -> NewWebhookOut:
    """Send these events there from now on; `secret` is shown in this answer alone."""
    return NewWebhookOut(**await webhooks.create(body))


@blueprint.endpoint("GET", f"{PATH}/<webhook_id>", access=WRITE, returns=WebhookOut)
async def admin_get_webhook(webhook_id: str) -> WebhookOut:
    """One webhook."""
    return WebhookOut(**await webhooks.find(parse_id(webhook_id)))


@blueprint.endpoint("PATCH", f"{PATH}/<webhook_id>", access=WRITE, body=WebhookPatch, returns=WebhookOut)
async def admin_change_webhook(webhook_id: str, body: WebhookPatch) -> WebhookOut:
    """Change what is named; switched on again it gets what waited."""
    return WebhookOut(**await webhooks.change(parse_id(webhook_id), body))


@blueprint.endpoint("DELETE", f"{PATH}/<webhook_id>", access=WRITE, status=204)
async def admin_remove_webhook(webhook_id: str) -> None:
    """Delete a webhook with its log."""
    await webhooks.remove(parse_id(webhook_id))


@blueprint.endpoint("POST", f"{PATH}/<webhook_id>/rotate-secret", access=WRITE, returns=NewWebhookOut)
async def admin_rotate_webhook_secret(webhook_id: str) -> NewWebhookOut:
    """A new secret, shown in this answer alone; the old one signs too for a day."""
    return NewWebhookOut(**await webhooks.rotate(parse_id(webhook_id)))


@blueprint.endpoint("POST", f"{PATH}/<webhook_id>/test", access=WRITE, returns=DeliveryOut, status=202)
async def admin_test_webhook(webhook_id: str) -> DeliveryOut:
    """Send an event `webhook.test`; its delivery tells what came of it."""
    return _shown(await webhooks.test(parse_id(webhook_id)))


@blueprint.endpoint(
    "GET", f"{PATH}/<webhook_id>/deliveries", access=WRITE, query=DeliveryQuery, returns=Page[DeliveryOut]
)  # fmt: skip
async def admin_list_webhook_deliveries(webhook_id: str, query: DeliveryQuery) -> Page[DeliveryOut]:
    """What was sent, with each try, the latest first."""
    rows = await webhooks.deliveries(
        parse_id(webhook_id), query.state, before=only_id(query.cursor), limit=query.limit + 1
    )
    shown = [_shown(row) for row in rows[: query.limit]]
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].id) if len(rows) > query.limit else None)


@blueprint.endpoint(
    "POST", f"{PATH}/<webhook_id>/deliveries/<delivery_id>/redeliver", access=WRITE, returns=DeliveryOut, status=202
)  # fmt: skip
async def admin_redeliver_webhook(webhook_id: str, delivery_id: str) -> DeliveryOut:
    """Send it again under the same `webhook-id`."""
    return _shown(await webhooks.redeliver(parse_id(webhook_id), parse_id(delivery_id)))


def _shown(row: db.Row) -> DeliveryOut:
    return DeliveryOut(**{**row, "tries": orjson.loads(row["tries"])})
