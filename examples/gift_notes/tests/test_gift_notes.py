from __future__ import annotations

import asyncio
import uuid
from datetime import UTC, datetime

import pytest

from feria_core import db
from feria_core.contracts.admin import ADMIN_SECTIONS
from feria_core.contracts.privacy import PERSONAL_DATA, DataSubject, OwnAddress
from feria_core.jobs import enqueue
from feria_core.runtime import registry
from feria_core.testing.guarding import staff_routes, unguarded
from feria_core.testing.work import run_jobs


def part():
    return next(part for part in registry().all(PERSONAL_DATA) if part.section == "gift_notes")


async def count():
    return await db.fetch_value("SELECT count(*) FROM gift_notes_note")


async def test_a_note_is_kept_with_the_order_and_its_customer_reads_it(shop):
    ada = shop.client.as_customer()
    number = await shop.order("  For you,\r\nAda ", ada)
    (note,) = (await ada.get("/api/account/gift-notes")).json["items"]
    assert (note["order_number"], note["text"], note["status"]) == (number, "For you,\nAda", "waiting")
    assert (await shop.client.as_customer().get("/api/account/gift-notes")).json["items"] == []
    assert (await shop.client.get("/api/account/gift-notes")).status == 401


async def test_a_checkout_without_a_note_is_completed_and_leaves_none(shop):
    owner, path = await shop.open()
    assert (await owner.get(path)).json["missing"] == ["payment"]
    assert (await shop.complete(owner, path)).status == 201
    assert await count() == 0


@pytest.mark.parametrize("nothing", [None, "", " \n "])
async def test_a_blank_note_takes_the_earlier_one_away(shop, nothing):
    owner, path = await shop.open()
    await owner.patch(path, {"steps": {"gift_note": "For you"}})
    assert (await owner.patch(path, {"steps": {"gift_note": nothing}})).json["steps"] == {}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [("x" * 501, "too_long"), (5, "not_text"), ({"a": 1}, "not_text"), (["x"], "not_text"), ("a\x07b", "not_text")],
)
async def test_what_is_no_note_is_refused_and_the_earlier_one_stays(shop, wrong, code):
    owner, path = await shop.open()
    await owner.patch(path, {"steps": {"gift_note": "é" * 500}})
    reply = await owner.patch(path, {"steps": {"gift_note": wrong}})
    assert (reply.status, reply.code) == (422, "validation_failed")
    assert (reply.json["errors"][0]["loc"], reply.json["errors"][0]["code"]) == (["body", "steps", "gift_note"], code)
    assert (await owner.get(path)).json["steps"] == {"gift_note": "é" * 500}


async def test_an_order_that_is_completed_twice_has_one_note(shop):
    owner, path = await shop.open()
    await owner.patch(path, {"steps": {"gift_note": "For you"}})
    await owner.post(f"{path}/payments", {"provider": "manual"}, headers={"Idempotency-Key": str(uuid.uuid4())})
    total = (await owner.get(path)).json["grand_total"]
    calls = [
        owner.post(f"{path}/complete", {"expected_total": total}, headers={"Idempotency-Key": str(uuid.uuid4())})
        for _ in range(4)
    ]
    replies = await asyncio.gather(*calls)
    assert any(reply.status == 201 for reply in replies)
    assert {reply.status for reply in replies} <= {200, 201, 409}
    assert await count() == 1


async def test_staff_find_notes_and_write_each_card_once(shop):
    first, second = await shop.order("One"), await shop.order("Two")
    assert [note["text"] for note in await shop.notes()] == ["Two", "One"]
    (note,) = await shop.notes(f"?number={first}")
    path = f"/api/admin/gift-notes/{note['id']}"
    replies = await asyncio.gather(*(shop.staff.post(f"{path}/written") for _ in range(3)))
    assert [(reply.status, reply.json["status"]) for reply in replies] == [(200, "written")] * 3
    assert (await shop.staff.get(path)).json["status"] == "written"
    assert [note["order_number"] for note in await shop.notes("?status=waiting")] == [second]
    assert await db.fetch_value("SELECT count(*) FROM core_audit WHERE action = 'gift_notes.note.written'") == 1


async def test_a_page_leads_to_the_next(shop):
    for text in ("One", "Two", "Three"):
        await shop.order(text)
    page = (await shop.staff.get("/api/admin/gift-notes?limit=2")).json
    rest = (await shop.staff.get(f"/api/admin/gift-notes?limit=2&cursor={page['next_cursor']}")).json
    assert [note["text"] for note in page["items"] + rest["items"]] == ["Three", "Two", "One"]
    assert rest["next_cursor"] is None
    assert (await shop.staff.get("/api/admin/gift-notes?cursor=nonsense")).status == 400


async def test_only_staff_who_may_see_notes(shop):
    for caller, status in (
        (shop.client, 401),
        (shop.client.as_customer(), 403),
        (shop.client.as_staff("orders.read"), 403),
    ):
        assert (await caller.get("/api/admin/gift-notes")).status == status
    for wrong in (str(uuid.uuid4()), "nonsense"):
        assert (await shop.staff.get(f"/api/admin/gift-notes/{wrong}")).status == 404
        assert (await shop.staff.post(f"/api/admin/gift-notes/{wrong}/written")).status == 404


async def test_old_notes_are_forgotten(shop, clock):
    await shop.order("For you")
    clock.move(days=364)
    for left in (1, 0):
        async with db.transaction():
            await enqueue("gift_notes.forget_old")
        await run_jobs()
        assert await count() == left
        clock.move(days=2)


async def test_a_customer_sees_and_erases_his_notes(shop):
    person = uuid.uuid4()
    await shop.order("For you", shop.client.as_customer(person))
    await shop.order("Not mine", shop.client.as_customer())
    subject = DataSubject(person, "Ada", None)
    assert [note["text"] for note in (await part().export(subject))["notes"]] == ["For you"]
    for _ in range(2):
        async with db.transaction():
            await part().erase(subject)
    assert await part().export(subject) == {}
    assert [note["text"] for note in await shop.notes()] == ["Not mine"]


async def test_a_guests_notes_belong_to_who_has_shown_the_address_and_only_while_it_was_his(shop):
    await shop.order("For you")
    forms = ("guest@example.org",)
    stranger = DataSubject(uuid.uuid4(), "Eve", None)
    earlier = OwnAddress("guest@example.org", forms, datetime(2020, 1, 1, tzinfo=UTC))
    former = DataSubject(uuid.uuid4(), "Eve", None, (earlier,))
    owner = DataSubject(uuid.uuid4(), "Ada", forms[0], (OwnAddress("Guest@example.org", forms),))
    assert [await part().export(person) for person in (stranger, former)] == [{}, {}]
    assert [note["text"] for note in (await part().export(owner))["notes"]] == ["For you"]
    async with db.transaction():
        await part().erase(owner)
    assert await count() == 0


async def test_the_staffs_pages_have_a_section_whose_routes_are_there(shop):
    (section,) = [section for section in registry().all(ADMIN_SECTIONS) if section.name == "gift_notes"]
    await shop.order("For you")
    (note,) = (await shop.staff.get(section.list_path)).json["items"]
    assert {column.path for column in section.columns} <= set(note)
    (act,) = section.acts
    assert (await shop.staff.call(act.method, act.path.format(**note))).status == 200


async def test_openapi_describes_its_routes(shop):
    paths = (await shop.client.get("/openapi.json")).json["paths"]
    assert {"/api/account/gift-notes", "/api/admin/gift-notes/{note_id}/written"} <= set(paths)


async def test_nobody_gets_through_a_staff_route_without_its_permission(client):
    assert "GET /api/admin/gift-notes" in {str(route) for route in staff_routes(client)}
    assert await unguarded(client) == []
