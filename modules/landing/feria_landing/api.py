"""Events and testimonials, for visitors."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from feria_core.cache import Cached
from feria_core.http import PUBLIC, Answer, ApiBlueprint
from feria_landing.events import listing
from feria_landing.events.schemas import EventOut, EventPage, EventQuery, EventsFileQuery
from feria_landing.testimonials import service as testimonials
from feria_landing.testimonials.schemas import TestimonialsOut

blueprint = ApiBlueprint("landing", __name__)

# Writes make the answers stale at once; what the clock changes bounds them by `cache.until`.
EVENTS = Cached(tags=(listing.TAG,), max_age_s=300)
TESTIMONIALS = Cached(tags=(testimonials.TAG,), max_age_s=300)
CALENDAR = "text/calendar; charset=utf-8"


@blueprint.endpoint("GET", "/api/events", access=PUBLIC, query=EventQuery, returns=EventPage, cached=EVENTS)
async def list_events(query: EventQuery) -> EventPage:
    """When events take place: one item for each occurrence, with `total`."""
    return await listing.listed(query)


@blueprint.endpoint(
    "GET", "/api/events.ics", access=PUBLIC, query=EventsFileQuery, cached=EVENTS, media_types=("text/calendar",)
)
async def events_calendar(query: EventsFileQuery) -> Answer:
    """The events as a calendar to subscribe to: those to come and those of the last month."""
    return Answer(await listing.file_of_all(query), content_type=CALENDAR)


@blueprint.endpoint("GET", "/api/events/<key>.ics", access=PUBLIC, cached=EVENTS, media_types=("text/calendar",))
async def event_calendar(key: str) -> Answer:
    """One event as a calendar file; an old slug answers 301."""

    async def file() -> Answer:
        headers = {"Content-Disposition": f'inline; filename="{key}.ics"'}
        return Answer(await listing.file_of(key), content_type=CALENDAR, headers=headers)

    return await _or_moved(file, ".ics")


@blueprint.endpoint("GET", "/api/events/<key>", access=PUBLIC, returns=EventOut, cached=EVENTS)
async def get_event(key: str) -> Answer:
    """One event by slug or id; an old slug answers 301 to the present one."""

    async def page() -> Answer:
        return Answer(await listing.find(key))

    return await _or_moved(page, "")


@blueprint.endpoint("GET", "/api/testimonials", access=PUBLIC, returns=TestimonialsOut, cached=TESTIMONIALS)
async def list_testimonials() -> TestimonialsOut:
    """What customers say, in the order that staff chose."""
    return await testimonials.published()


async def _or_moved(answer: Callable[[], Awaitable[Answer]], suffix: str) -> Answer:
    try:
        return await answer()
    except listing.Moved as moved:
        headers = {"Location": f"/api/events/{moved.slug}{suffix}"}
        return Answer({"slug": moved.slug}, status=301, headers=headers)
