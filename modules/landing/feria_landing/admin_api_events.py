"""What staff do with events."""

from __future__ import annotations

from feria_core.http import ApiBlueprint, Page, staff
from feria_landing.events import staff as events
from feria_landing.events.schemas import AdminEvent, AdminEventQuery, AdminEventRow, EventBody, EventPatch

blueprint = ApiBlueprint("landing_admin_events", __name__)
WRITE = staff("landing.write")


@blueprint.endpoint("GET", "/api/admin/events", access=WRITE, query=AdminEventQuery, returns=Page[AdminEventRow])
async def admin_list_events(query: AdminEventQuery) -> Page[AdminEventRow]:
    """Events, drafts too, those made last first."""
    return await events.listed(query)


@blueprint.endpoint("POST", "/api/admin/events", access=WRITE, body=EventBody, returns=AdminEvent, status=201)
async def admin_create_event(body: EventBody) -> AdminEvent:
    """Make an event; it is shown at once, or from `publish_at` on."""
    return await events.create(body)


@blueprint.endpoint("GET", "/api/admin/events/<event_id>", access=WRITE, returns=AdminEvent)
async def admin_get_event(event_id: str) -> AdminEvent:
    """One event, shown or not."""
    return await events.find(event_id)


@blueprint.endpoint("PATCH", "/api/admin/events/<event_id>", access=WRITE, body=EventPatch, returns=AdminEvent)
async def admin_edit_event(event_id: str, body: EventPatch) -> AdminEvent:
    """Change what is named; with `version` only where nobody else was faster."""
    return await events.edit(event_id, body)


@blueprint.endpoint("DELETE", "/api/admin/events/<event_id>", access=WRITE, status=204)
async def admin_delete_event(event_id: str) -> None:
    """Delete an event; to tell people that it does not take place, let it be cancelled instead."""
    await events.remove(event_id)
