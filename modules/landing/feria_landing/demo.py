"""Events and testimonials for an empty site; projects come from the GitHub that `feria run` plays."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from feria_core import clock, db
from feria_landing.events import staff as events
from feria_landing.events.schemas import EventBody
from feria_landing.testimonials import service as testimonials
from feria_landing.testimonials.schemas import TestimonialBody

ZONE = "America/Costa_Rica"
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
TESTIMONIALS = (
    ("Marta Solano", "Owner", "Café del Parque", "The tables arrived on the day that we were told, and fit.", 5),
    ("Jonas Weber", "Facility manager", "Studio Nord", "Two years of daily use, and not one loose joint.", 5),
    ("Priya Nair", "", "", "A question on a Sunday was answered on Monday at eight.", 4),
)


async def load() -> list[str]:
    """Make events and testimonials where there are none; return what to look at."""
    if await db.fetch_value("SELECT EXISTS (SELECT FROM landing_event) OR EXISTS (SELECT FROM landing_testimonial)"):
        return []
    for event in _events():
        await events.create(event)
    for author, role, company, quote, rating in TESTIMONIALS:
        await testimonials.create(
            TestimonialBody(author=author, role=role, company=company, quote=quote, rating=rating, status="published")
        )
    return ["site: events at /api/events and /api/events.ics, projects at /api/projects"]


def _events() -> list[EventBody]:
    today = clock.now().astimezone(ZoneInfo(ZONE)).date()

    def at(days: int, hour: int) -> datetime:
        return datetime.combine(today + timedelta(days=days), time(hour), ZoneInfo(ZONE))

    repair = today + timedelta(days=3)
    return [
        EventBody(
            title="Open workshop", slug="open-workshop", kind="open-day", tags=["workshop", "family"],
            starts_at=at(20, 10), ends_at=at(20, 16), time_zone=ZONE, location="Calle 5 12, San José",
            capacity="No booking needed", summary="See how a table is made, from the plank to the oil.",
            description="Come and **plane a board** yourself.\n\n- 10:00 doors open\n- 11:00 the big saw",
        ),
        EventBody(
            title="Repair evening", slug="repair-evening", kind="workshop", tags=["repair"],
            starts_at=at(3, 18), ends_at=at(3, 20), time_zone=ZONE, location="Calle 5 12, San José",
            rrule=f"FREQ=WEEKLY;BYDAY={_WEEKDAYS[repair.weekday()]}", capacity="8 places",
            summary="Bring what wobbles; we bring the glue.",
        ),
        EventBody(
            title="Choosing wood", slug="choosing-wood", kind="talk", tags=["online"], is_online=True,
            starts_at=at(9, 17), ends_at=at(9, 18), time_zone=ZONE, url="https://meet.example.org/choosing-wood",
            summary="Oak, cedar or teak: an hour of questions and answers.",
        ),
        EventBody(
            title="Spring fair", slug="spring-fair", kind="fair", tags=["family"], starts_at=at(-40, 9),
            ends_at=at(-40, 18), time_zone=ZONE, location="Parque Central, San José",
        ),
    ]  # fmt: skip
