"""What stands behind the paths of the site: an event, a testimonial, a message, a subscription, a newsletter."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from hostile_wire import Headers

from feria_core import db
from feria_core.ids import new_id

Call = Callable[[str, str, Any, Headers], Awaitable[Any]]

# A subscription comes of a job, which would run all the others too.
_SUBSCRIPTION = """
INSERT INTO landing_subscription
    (id, email, email_key, status, lists, locale, unsubscribe_token, created_at, updated_at)
VALUES ($1, $2, $2, 'pending', '{}', 'en', $3, now(), now())
"""


async def stock_site(call: Call, staff: Headers) -> dict[str, str]:
    """Make one of each; return their ids by the variables of paths."""
    body = {"title": "Open day", "starts_at": "2030-01-01T10:00:00Z", "time_zone": "Europe/Madrid"}
    event = await call("POST", "/api/admin/events", body, staff)
    said = await call("POST", "/api/admin/testimonials", {"author": "Ada", "quote": "It fits."}, staff)
    letter = await call("POST", "/api/admin/newsletters", {"subject": "News", "body": "Hello"}, staff)
    message = {"name": "Ada", "email": "ada@example.org", "subject": "Hi", "message": "Hello"}
    await call("POST", "/api/contact", message, ())
    contacts = await call("GET", "/api/admin/contacts", None, staff)
    subscription = new_id()
    await db.execute(_SUBSCRIPTION, subscription, f"{subscription}@example.org", str(subscription))
    return {
        "event_id": event["id"],
        "/api/events/<key>:key": event["slug"],
        "/api/events/<key>.ics:key": event["slug"],
        "testimonial_id": said["id"],
        "newsletter_id": letter["id"],
        "contact_id": contacts["items"][0]["id"],
        "subscription_id": str(subscription),
    }
