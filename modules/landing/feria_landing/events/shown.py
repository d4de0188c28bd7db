"""Rows of events as answers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from feria_core import clock
from feria_core.db import Row
from feria_core.runtime import core_settings
from feria_landing.events.recurrence import Timing, zone
from feria_landing.events.schemas import AdminEvent, EventCard, EventOut, ImageOut, OccurrenceOut

_STATUS = {
    "scheduled": "https://schema.org/EventScheduled",
    "postponed": "https://schema.org/EventPostponed",
    "cancelled": "https://schema.org/EventCancelled",
}


def timing_of(row: Row) -> Timing:
    """Return when the event takes place."""
    return Timing(row["starts_at"], row["ends_at"], row["time_zone"], row["rrule"], tuple(row["exdates"]))


def local_time(moment: datetime, time_zone: str) -> str:
    """Return the time on the clocks of the place, with its offset."""
    return moment.astimezone(zone(time_zone)).isoformat(timespec="seconds")


def card(row: Row) -> EventCard:
    """Return one occurrence."""
    return EventCard(**_card(row, row["starts_at"], row["ends_at"]), is_recurring=row["is_recurring"])


def page(row: Row, spans: Sequence[Row]) -> EventOut:
    """Return the event with these occurrences; its own time is that of the first of them."""
    return EventOut(**_page(row, spans))


def for_staff(row: Row, spans: Sequence[Row]) -> AdminEvent:
    """Return the event as staff see it; its own time is that of the first occurrence of all."""
    own = {"starts_at": row["starts_at"], "ends_at": row["ends_at"], "starts_local": _local(row, row["starts_at"])}
    extra = {name: row[name] for name in ("description", "format", "publish_at", "version", "created_at")}
    return AdminEvent(**_page(row, spans) | own | extra, status=status_of(row))


def status_of(row: Row) -> Any:
    """Return the status with `scheduled` for what is published later."""
    is_waiting = row["status"] == "published" and row["publish_at"] is not None and row["publish_at"] > clock.now()
    return "scheduled" if is_waiting else row["status"]


def page_url(slug: str) -> str:
    """Return where people read of the event."""
    return f"{core_settings().public_url.rstrip('/')}/events/{slug}"


def _card(row: Row, starts_at: datetime, ends_at: datetime | None) -> dict[str, Any]:
    names = ("id", "slug", "title", "summary", "kind", "tags", "time_zone", "event_status", "location", "is_online")
    image = ImageOut(url=row["image_url"], alt=row["image_alt"]) if row["image_url"] else None
    times = {"starts_at": starts_at, "ends_at": ends_at, "starts_local": _local(row, starts_at)}
    return {name: row[name] for name in names} | times | {"image": image}


def _page(row: Row, spans: Sequence[Row]) -> dict[str, Any]:
    has_end = row["ends_at"] is not None
    shown = [
        OccurrenceOut(
            starts_at=span["starts_at"],
            ends_at=span["ends_at"] if has_end else None,
            starts_local=_local(row, span["starts_at"]),
        )
        for span in spans
    ]
    found = _card(row, shown[0].starts_at, shown[0].ends_at)
    base = core_settings().public_url.rstrip("/")
    return {
        **found,
        "is_recurring": row["rrule"] is not None,
        **{name: row[name] for name in ("description_html", "rrule", "url", "capacity", "updated_at")},
        "exdates": [moment.astimezone(UTC) for moment in row["exdates"]],
        "occurrences": shown,
        "ics_url": f"{base}/api/events/{row['slug']}.ics",
        "jsonld": jsonld(row, shown[0]),
    }


def jsonld(row: Row, span: OccurrenceOut) -> dict[str, object]:
    """Return the event as schema.org has it, at one of its occurrences."""
    found: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "Event",
        "@id": page_url(row["slug"]),
        "name": row["title"],
        "description": row["summary"] or row["title"],
        "url": page_url(row["slug"]),
        "startDate": span.starts_local,
        "eventStatus": _STATUS[row["event_status"]],
        "eventAttendanceMode": _attendance(row),
        "organizer": {"@type": "Organization", "name": core_settings().shop_name, "url": core_settings().public_url},
    }
    if span.ends_at is not None:
        found["endDate"] = _local(row, span.ends_at)
    if places := _places(row):
        found["location"] = places[0] if len(places) == 1 else places
    if row["image_url"]:
        found["image"] = [_absolute(row["image_url"])]
    return found


def _attendance(row: Row) -> str:
    mode = "Offline"
    if row["is_online"]:
        mode = "Mixed" if row["location"] else "Online"
    return f"https://schema.org/{mode}EventAttendanceMode"


def _places(row: Row) -> list[dict[str, object]]:
    places: list[dict[str, object]] = []
    if row["location"]:
        places.append({"@type": "Place", "name": row["location"], "address": row["location"]})
    if row["is_online"]:
        places.append({"@type": "VirtualLocation", "url": row["url"] or page_url(row["slug"])})
    return places


def _absolute(url: str) -> str:
    return core_settings().public_url.rstrip("/") + url if url.startswith("/") else url


def _local(row: Row, moment: datetime) -> str:
    return local_time(moment, row["time_zone"])
