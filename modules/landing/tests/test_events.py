from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from feria_core import db
from feria_core.jobs import enqueue
from feria_core.testing.work import run_jobs

PATH = "/api/admin/events"


def iso(moment):
    return moment.isoformat()


async def titles(client, query=""):
    answer = await client.get(f"/api/events{query}")
    assert answer.status == 200, answer.body
    return [item["title"] for item in answer.json["items"]]


async def test_an_event_is_made_found_changed_and_deleted_and_all_of_it_is_audited(client, staff, event):
    made = await event(
        title="Día de puertas abiertas", description="**Ven** <script>x</script>", location="Plaza Mayor",
        tags=["family"], kind="open-day", capacity="40 seats", image_url="/media/a.png", image_alt="The door",
    )  # fmt: skip
    assert (made["slug"], made["version"], made["status"]) == ("dia-de-puertas-abiertas", 1, "published")
    shown = (await client.get(f"/api/events/{made['slug']}")).json
    assert shown == (await client.get(f"/api/events/{made['id']}")).json
    assert shown["description_html"] == "<p><strong>Ven</strong> </p>\n"
    assert shown["image"] == {"url": "/media/a.png", "alt": "The door"}
    changed = await staff.patch(f"{PATH}/{made['id']}", {"version": 1, "event_status": "cancelled", "capacity": None})
    assert (changed.json["version"], changed.json["capacity"]) == (2, None)
    assert (await client.get(f"/api/events/{made['slug']}")).json["event_status"] == "cancelled"
    stale = await staff.patch(f"{PATH}/{made['id']}", {"version": 1, "title": "Later"})
    assert (stale.status, stale.code) == (409, "stale_version")
    assert (await staff.delete(f"{PATH}/{made['id']}")).status == 204
    assert (await client.get(f"/api/events/{made['slug']}")).status == 404
    assert (await staff.delete(f"{PATH}/{made['id']}")).status == 404
    rows = await db.fetch_all("SELECT action FROM core_audit WHERE action <> 'refused' ORDER BY id")
    actions = [row["action"] for row in rows]
    assert actions == ["landing.event.created", "landing.event.changed", "landing.event.deleted"]


async def test_lists_filter_by_time_tag_kind_and_words(client, event, clock):
    at = clock.at
    await event(title="Past talk", starts_at=iso(at - timedelta(days=2)), kind="talk", tags=["wood"])
    await event(title="Running fair", starts_at=iso(at - timedelta(hours=1)), ends_at=iso(at + timedelta(hours=1)))
    await event(title="Next talk", starts_at=iso(at + timedelta(days=3)), kind="talk", summary="Sobre la máquina")
    await event(title="Hidden", starts_at=iso(at + timedelta(days=1)), status="draft")
    assert await titles(client) == ["Past talk", "Running fair", "Next talk"]
    assert await titles(client, "?when=upcoming") == ["Running fair", "Next talk"]
    assert await titles(client, "?when=past") == ["Past talk"]
    assert await titles(client, "?tag=wood") == ["Past talk"]
    assert await titles(client, "?kind=talk&when=upcoming") == ["Next talk"]
    assert await titles(client, "?q=MAQUINA") == ["Next talk"]
    assert await titles(client, "?q=100%25") == []
    day = (at + timedelta(days=3)).date()
    assert await titles(client, f"?from={day}&to={day}") == ["Next talk"]
    assert await titles(client, f"?to={iso(at)}") == ["Past talk", "Running fair"]


async def test_a_recurring_event_is_listed_once_for_each_occurrence(client, event):
    await event(
        title="Repair evening", starts_at="2026-10-19T17:00:00Z", ends_at="2026-10-19T19:00:00Z",
        rrule="FREQ=WEEKLY;COUNT=4", exdates=["2026-11-02T18:00:00Z"],
    )  # fmt: skip
    found = (await client.get("/api/events?from=2026-10-01&to=2026-12-31")).json
    assert found["total"] == 3
    assert [(item["starts_at"], item["starts_local"]) for item in found["items"]] == [
        ("2026-10-19T17:00:00Z", "2026-10-19T19:00:00+02:00"),
        ("2026-10-26T18:00:00Z", "2026-10-26T19:00:00+01:00"),
        ("2026-11-09T18:00:00Z", "2026-11-09T19:00:00+01:00"),
    ]
    assert found["items"][1]["ends_at"] == "2026-10-26T20:00:00Z"
    assert len((await client.get("/api/events/repair-evening")).json["occurrences"]) >= 1


@pytest.mark.parametrize("when", ["", "&when=past"])
async def test_pages_join_to_the_whole_list(client, event, clock, when):
    await event(title="Daily", starts_at=iso(clock.at - timedelta(days=30)), rrule="FREQ=DAILY;COUNT=20")
    await event(title="Twin", starts_at=iso(clock.at - timedelta(days=30)), rrule="FREQ=DAILY;COUNT=5")
    whole = (await client.get(f"/api/events?limit=100{when}")).json
    seen, cursor = [], ""
    while True:
        page = (await client.get(f"/api/events?limit=7{when}{cursor}")).json
        assert page["total"] == 25
        seen += page["items"]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    assert seen == whole["items"]
    assert len(seen) == 25


async def test_a_scheduled_event_appears_at_its_second_everywhere_through_the_cache(client, event, clock):
    moment = clock.at + timedelta(minutes=10)
    made = await event(
        status="scheduled", publish_at=iso(moment), starts_at=iso(clock.at + timedelta(days=1)), slug="soon"
    )
    assert made["status"] == "scheduled"
    places = ("/api/events", "/api/events.ics", "/api/events/soon", "/sitemap.xml", "/sitemaps/events-0.xml")

    async def visible():
        answers = [await client.get(path) for path in places]
        return [b"soon" in answer.body and answer.status == 200 for answer in answers[:3]] + [
            b"events" in answers[3].body, b"/events/soon" in answers[4].body
        ]  # fmt: skip

    assert not any(await visible())
    clock.at = moment - timedelta(milliseconds=1)
    assert not any(await visible())
    clock.at = moment
    assert await visible() == [True] * 5
    assert await visible() == [True] * 5


async def test_what_is_upcoming_is_past_at_its_end_through_the_cache(client, event, clock):
    await event(starts_at=iso(clock.at), ends_at=iso(clock.at + timedelta(minutes=5)))
    assert await titles(client, "?when=upcoming") == ["Open day"]
    clock.move(minutes=5)
    assert await titles(client, "?when=upcoming") == []
    assert await titles(client, "?when=past") == ["Open day"]


async def test_an_old_slug_leads_to_the_present_one_without_chains_and_a_reused_slug_wins(client, staff, event):
    made = await event(slug="first")
    for slug in ("second", "third"):
        assert (await staff.patch(f"{PATH}/{made['id']}", {"slug": slug})).status == 200
    for old in ("first", "second"):
        moved = await client.get(f"/api/events/{old}")
        assert (moved.status, moved.headers["location"]) == (301, "/api/events/third")
    assert (await client.get("/api/events/first.ics")).headers["location"] == "/api/events/third.ics"
    other = await event(slug="first", title="Another")
    assert (await client.get("/api/events/first")).json["id"] == other["id"]
    taken = await staff.patch(f"{PATH}/{made['id']}", {"slug": "first"})
    assert (taken.status, taken.code) == (409, "slug_taken")
    assert (await staff.patch(f"{PATH}/{made['id']}", {"slug": "second"})).status == 200
    assert (await client.get("/api/events/third")).headers["location"] == "/api/events/second"
    await staff.patch(f"{PATH}/{made['id']}", {"status": "draft"})
    assert (await client.get("/api/events/third")).status == 404


async def test_twins_of_one_title_get_two_slugs_and_of_one_version_one_change_wins(client, staff, event):
    made = await asyncio.gather(*(event(title="Same") for _ in range(5)))
    assert len({each["slug"] for each in made}) == 5
    path = f"{PATH}/{made[0]['id']}"
    replies = await asyncio.gather(*(staff.patch(path, {"version": 1, "capacity": str(n)}) for n in range(5)))
    assert sorted(reply.status for reply in replies) == [200, 409, 409, 409, 409]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"time_zone": "Mars/Olympus"}, "unknown_time_zone"),
        ({"rrule": "FREQ=SECONDLY"}, "bad_rrule"),
        ({"rrule": "FREQ=DAILY;COUNT=5000"}, "recurs_too_long"),
        ({"exdates": ["2026-01-01T00:00:00Z"]}, "no_occurrence"),
        ({"ends_at": "2020-01-01T00:00:00Z"}, "ends_before_start"),
        ({"starts_at": "2026-12-01T18:00:00"}, "timezone_aware"),
        ({"starts_at": "1500-12-01T18:00:00Z"}, "greater_than_equal"),
        ({"status": "scheduled"}, "missing"),
        ({"image_url": "javascript:alert(1)"}, "string_pattern_mismatch"),
        ({"url": "ftp://example.org"}, "string_pattern_mismatch"),
        ({"title": "two\nlines"}, "control_character"),
        ({"slug": "Not A Slug"}, "string_pattern_mismatch"),
        ({"color": "red"}, "extra_forbidden"),
    ],
)
async def test_what_is_no_event_is_refused(staff, clock, change, code):
    body = {"title": "Open day", "starts_at": iso(clock.at), "time_zone": "Europe/Madrid", **change}
    reply = await staff.post(PATH, body)
    assert (reply.status, reply.json["errors"][0]["code"]) == (422, code), reply.body
    assert await db.fetch_value("SELECT count(*) FROM landing_event") == 0


async def test_only_staff_with_the_permission_write(client):
    assert (await client.post(PATH, {})).status == 401
    assert (await client.as_customer().post(PATH, {})).status == 403
    assert (await client.as_staff("landing.contacts").get(PATH)).status == 403


@pytest.mark.parametrize("path", ["x" * 300, "%00", "a%0Ab", "0190c2a4-6c1e-7d1b-9f0e-3b8d5a2c7e11", "Ünï"])
async def test_unknown_events_are_not_found(client, staff, path):
    for prefix in ("/api/events/", f"{PATH}/"):
        assert (await staff.get(prefix + path)).status == 404
    assert (await client.get(f"/api/events/{path}.ics")).status == 404


@pytest.mark.parametrize("query", ["cursor=W10", "cursor=WyJ4IiwieSJd", "from=never", "limit=0", "when=soon", "q=%00"])
async def test_hostile_queries_are_refused(client, query):
    assert (await client.get(f"/api/events?{query}")).status in {400, 422}


async def test_staff_see_drafts_and_page_through_all(staff, event):
    for number in range(5):
        await event(title=f"Event {number}", status="draft" if number % 2 else "published")
    first = (await staff.get(f"{PATH}?limit=3")).json
    rest = (await staff.get(f"{PATH}?limit=3&cursor={first['next_cursor']}")).json
    assert [row["title"] for row in first["items"] + rest["items"]] == [f"Event {n}" for n in (4, 3, 2, 1, 0)]
    assert {row["status"] for row in (await staff.get(f"{PATH}?status=draft")).json["items"]} == {"draft"}
    assert [row["title"] for row in (await staff.get(f"{PATH}?q=event 3")).json["items"]] == ["Event 3"]


async def test_endless_events_are_kept_ahead_by_a_job(client, event, clock):
    await event(rrule="FREQ=WEEKLY")
    count = "SELECT count(*) FROM landing_occurrence"
    before = await db.fetch_value(count)
    clock.move(days=70)
    async with db.transaction():
        await enqueue("landing.upkeep")
    await run_jobs()
    assert await db.fetch_value(count) == before + 10
    far = (clock.at + timedelta(days=720)).isoformat()
    assert (await client.get(f"/api/events?from={far.replace('+00:00', 'Z')}")).json["total"] > 0


async def test_a_list_costs_the_same_statements_however_long_it_is(client, event, clock):
    from feria_core.db import statement_count

    counts = []
    for _ in range(2):
        await event(title="Many", rrule="FREQ=DAILY;COUNT=50")
        token = statement_count.set([0])
        try:
            from feria_landing.events import listing
            from feria_landing.events.schemas import EventQuery

            await listing.listed(EventQuery(limit=100))
            counts.append(statement_count.get()[0])
        finally:
            statement_count.reset(token)
    assert counts == [2, 2]


async def test_fractions_of_seconds_are_left_away(event):
    made = await event(starts_at="2026-12-01T18:00:00.75Z", rrule="FREQ=DAILY;COUNT=2")
    assert made["starts_at"] == "2026-12-01T18:00:00Z"


async def test_a_moment_is_what_it_was_in_utc(event):
    made = await event(starts_at="2026-12-01T18:00:00-06:00")
    assert datetime.fromisoformat(made["starts_at"]) == datetime(2026, 12, 2, 0, 0, tzinfo=UTC)
