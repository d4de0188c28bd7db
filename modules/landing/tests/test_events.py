from __future__ import annotations

import pytest

PATH = "/api/admin/events"


@pytest.fixture
def staff(client):
    return client.as_staff("landing.write")


async def make(staff, **changes):
    body = {
        "title": "Open day",
        "starts_at": "2026-12-01T18:00:00Z",
        "ends_at": "2026-12-01T20:00:00Z",
        "time_zone": "Europe/Madrid",
        **changes,
    }
    reply = await staff.post(PATH, body)
    assert reply.status == 201, reply.body
    return reply.json


async def test_smoke(client, staff):
    made = await make(
        staff, rrule="FREQ=WEEKLY;COUNT=5", description="# Hi <script>x</script>", location="Plaza", tags=["a"]
    )
    print(made)
    r = await client.get("/api/events")
    print(r.json)
    assert r.json["total"] == 5
    r = await client.get("/api/events/open-day")
    print(r.json)
    assert r.status == 200
    r = await client.get("/api/events.ics")
    print(r.body.decode())
    assert r.status == 200
    r = await client.get("/api/events/open-day.ics")
    assert r.status == 200
    r = await staff.patch(f"{PATH}/{made['id']}", {"slug": "neu"})
    assert r.status == 200, r.body
    r = await client.get("/api/events/open-day")
    assert r.status == 301
    r = await staff.get(PATH)
    print(r.json)
    r = await client.get("/sitemaps/events-0.xml")
    print(r.body)
    t = await staff.post("/api/admin/testimonials", {"author": "A", "quote": "q", "status": "published"})
    assert t.status == 201, t.body
    r = await client.get("/api/testimonials")
    print(r.json)
    assert (await staff.put("/api/admin/testimonials/order", {"ids": [t.json["id"]]})).status == 204
    r = await staff.patch(f"/api/admin/testimonials/{t.json['id']}", {"status": "rejected"})
    assert r.status == 200, r.body
    assert (await client.get("/api/testimonials")).json["items"] == []
