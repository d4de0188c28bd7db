"""The calendar files are read again by the library, the rules by another: the same times come out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rruleset, rrulestr
from icalendar import Calendar


def read_again(file: bytes) -> dict[str, list[tuple[datetime, datetime | None]]]:
    """Return the occurrences by title, as a calendar program counts them from the file alone."""
    calendar = Calendar.from_ical(file)
    found = {}
    for event in calendar.walk("VEVENT"):
        start = event["DTSTART"].dt
        length = event["DTEND"].dt.astimezone(UTC) - start.astimezone(UTC) if "DTEND" in event else None
        starts = [start]
        if "RRULE" in event:
            rules = rruleset()
            rules.rrule(rrulestr(event["RRULE"].to_ical().decode(), dtstart=start))
            excluded = event.get("EXDATE", [])
            for group in excluded if isinstance(excluded, list) else [excluded]:
                for each in group.dts:
                    rules.exdate(each.dt)
            starts = list(rules)
        moments = [each.astimezone(UTC) for each in starts]
        found[str(event["SUMMARY"])] = [(at, at + length if length else None) for at in moments]
    return found


@pytest.mark.parametrize(
    ("time_zone", "start"),
    [
        ("Europe/Madrid", "2026-10-21T09:00"),
        ("America/New_York", "2026-10-28T18:30"),
        ("Australia/Lord_Howe", "2026-09-30T23:45"),
        ("America/Costa_Rica", "2026-10-21T09:00"),
        ("UTC", "2026-10-21T09:00"),
    ],
)
async def test_a_file_reads_again_to_the_same_occurrences_across_summer_time(client, event, time_zone, start):
    begin = datetime.fromisoformat(start).replace(tzinfo=ZoneInfo(time_zone))
    fourth = (begin + timedelta(weeks=3)).astimezone(UTC)
    await event(
        title="Weekly, with; commas\\and slashes", slug="weekly", time_zone=time_zone, starts_at=begin.isoformat(),
        ends_at=(begin.astimezone(UTC) + timedelta(hours=2)).isoformat(), rrule="FREQ=WEEKLY;COUNT=10",
        exdates=[fourth.isoformat()], description="Line one\n\nLine two", location="Here; there, everywhere",
    )  # fmt: skip
    await event(title="Until", time_zone=time_zone, starts_at=begin.isoformat(), rrule="FREQ=DAILY;UNTIL=20261105")
    listed = (await client.get("/api/events?limit=100")).json["items"]
    shown: dict[str, list[tuple[datetime, datetime | None]]] = {}
    for item in listed:
        span = (item["starts_at"], item["ends_at"])
        shown.setdefault(item["title"], []).append(tuple(datetime.fromisoformat(at) if at else None for at in span))
    answer = await client.get("/api/events.ics")
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    assert read_again(answer.body) == shown
    one = read_again((await client.get("/api/events/weekly.ics")).body)
    assert one == {title: spans for title, spans in shown.items() if title.startswith("Weekly")}
    assert len(next(iter(one.values()))) == 9


async def test_an_event_in_the_second_run_of_an_hour_keeps_its_moment(client, event):
    await event(title="Late", time_zone="Europe/Madrid", starts_at="2026-10-25T01:30:00Z")
    found = read_again((await client.get("/api/events/late.ics")).body)
    assert found == {"Late": [(datetime(2026, 10, 25, 1, 30, tzinfo=UTC), None)]}


async def test_the_file_says_what_became_of_the_event(client, event, staff):
    made = await event(title="Fair", starts_at="2026-12-05T10:00:00Z", tags=["family"])
    await staff.patch(f"/api/admin/events/{made['id']}", {"event_status": "cancelled"})
    answer = await client.get("/api/events/fair.ics")
    (entry,) = Calendar.from_ical(answer.body).walk("VEVENT")
    assert (entry["STATUS"], entry["SEQUENCE"]) == ("CANCELLED", 1)
    assert str(entry["UID"]).startswith(made["id"])
    assert entry["CATEGORIES"].to_ical() == b"family"
    again = await client.get("/api/events/fair.ics", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status == 304


async def test_lines_cannot_be_smuggled_into_the_file(client, event):
    await event(title="Fair", location="Here\r\nATTENDEE:mailto:x@example.org", starts_at="2026-12-05T10:00:00Z")
    body = (await client.get("/api/events/fair.ics")).body
    assert b"\nATTENDEE" not in body
    (entry,) = Calendar.from_ical(body).walk("VEVENT")
    assert "ATTENDEE" not in entry


async def test_the_filtered_calendar_holds_what_was_asked_for(client, event, clock):
    await event(title="Wood", tags=["wood"])
    await event(title="Stone", kind="talk")
    await event(title="Long over", starts_at=(clock.at - timedelta(days=40)).isoformat())
    assert set(read_again((await client.get("/api/events.ics")).body)) == {"Wood", "Stone"}
    assert set(read_again((await client.get("/api/events.ics?tag=wood")).body)) == {"Wood"}
    assert set(read_again((await client.get("/api/events.ics?kind=talk")).body)) == {"Stone"}


async def test_what_is_over_leaves_the_calendar_after_a_month_through_the_cache(client, event, clock):
    clock.at = clock.at.replace(microsecond=0)
    await event(title="Wood", ends_at=(clock.at + timedelta(minutes=1)).isoformat())
    clock.move(seconds=59, days=31)
    assert set(read_again((await client.get("/api/events.ics")).body)) == {"Wood"}
    clock.move(seconds=1)
    assert set(read_again((await client.get("/api/events.ics")).body)) == set()


async def test_the_jsonld_of_an_event_expands_to_schema_org(client, event):
    from pyld import jsonld

    await event(
        title="Fair", starts_at="2026-12-05T10:00:00Z", ends_at="2026-12-05T12:00:00Z", location="Plaza",
        is_online=True, url="https://meet.example.org/x", image_url="/media/a.png",
    )  # fmt: skip
    document = (await client.get("/api/events/fair")).json["jsonld"]
    assert document["@context"] == "https://schema.org"
    # The vocabulary itself is not fetched in a test.
    (expanded,) = jsonld.expand({**document, "@context": {"@vocab": "https://schema.org/"}})
    vocabulary = "https://schema.org/"
    assert expanded["@type"] == [f"{vocabulary}Event"]
    assert expanded[f"{vocabulary}startDate"] == [{"@value": "2026-12-05T11:00:00+01:00"}]
    assert expanded[f"{vocabulary}endDate"] == [{"@value": "2026-12-05T13:00:00+01:00"}]
    assert [place["@type"] for place in expanded[f"{vocabulary}location"]] == [
        [f"{vocabulary}Place"], [f"{vocabulary}VirtualLocation"]
    ]  # fmt: skip
    assert expanded[f"{vocabulary}image"] == [{"@value": "http://localhost:8000/media/a.png"}]
