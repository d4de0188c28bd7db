from __future__ import annotations

import pytest

from feria_core import db

PATH = "/api/admin/testimonials"


@pytest.fixture
def said(staff):
    """Make a testimonial; published unless told."""

    async def make(author, **changes):
        reply = await staff.post(PATH, {"author": author, "quote": "It fits.", "status": "published", **changes})
        assert reply.status == 201, reply.body
        return reply.json

    return make


async def shown(client):
    return [item["author"] for item in (await client.get("/api/testimonials")).json["items"]]


async def test_only_what_was_published_is_shown_at_once_and_until_it_is_rejected(client, staff, said):
    made = await said("Ana", status="pending", rating=5, company="Acme")
    assert await shown(client) == []
    published = await staff.patch(f"{PATH}/{made['id']}", {"status": "published", "version": 1})
    assert published.json["version"] == 2
    assert await shown(client) == ["Ana"]
    assert "status" not in (await client.get("/api/testimonials")).json["items"][0]
    await staff.patch(f"{PATH}/{made['id']}", {"status": "rejected"})
    assert await shown(client) == []


async def test_the_order_is_the_staffs_and_new_ones_come_last(client, staff, said):
    made = {author: await said(author) for author in ("Ana", "Bo", "Cleo", "Dan")}
    assert await shown(client) == ["Ana", "Bo", "Cleo", "Dan"]
    ids = [made["Cleo"]["id"], made["Ana"]["id"]]
    assert (await staff.put(f"{PATH}/order", {"ids": ids})).status == 204
    assert await shown(client) == ["Cleo", "Ana", "Bo", "Dan"]
    await said("First", position=0)
    assert (await shown(client))[:2] == ["Cleo", "First"]
    for bad in ({"ids": [ids[0], ids[0]]}, {"ids": []}):
        assert (await staff.put(f"{PATH}/order", bad)).status == 422
    assert (await staff.put(f"{PATH}/order", {"ids": ["0190c2a4-6c1e-7d1b-9f0e-3b8d5a2c7e11"]})).status == 404


async def test_staff_page_through_what_is_to_be_moderated(staff, said):
    for number in range(5):
        await said(f"Author {number}", status="pending" if number % 2 else "published")
    first = (await staff.get(f"{PATH}?limit=3")).json
    rest = (await staff.get(f"{PATH}?limit=3&cursor={first['next_cursor']}")).json
    assert [row["author"] for row in first["items"] + rest["items"]] == [f"Author {n}" for n in range(5)]
    pending = (await staff.get(f"{PATH}?status=pending")).json["items"]
    assert [row["author"] for row in pending] == ["Author 1", "Author 3"]


async def test_changes_are_audited_stale_ones_and_nonsense_refused(client, staff, said):
    made = await said("Ana")
    path = f"{PATH}/{made['id']}"
    assert (await staff.patch(path, {"version": 7, "quote": "x"})).code == "stale_version"
    for bad in ({"rating": 6}, {"quote": ""}, {"quote": None}, {"url": "javascript:alert(1)"}, {"author": "a\nb"}):
        assert (await staff.patch(path, bad)).status == 422
    assert (await staff.delete(path)).status == 204
    assert (await staff.delete(path)).status == 404
    assert (await client.as_staff("landing.contacts").get(PATH)).status == 403
    actions = [
        row["action"]
        for row in await db.fetch_all("SELECT action FROM core_audit WHERE action <> 'refused' ORDER BY id")
    ]
    assert actions == ["landing.testimonial.created", "landing.testimonial.deleted"]
