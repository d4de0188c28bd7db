"""What staff find, read and correct."""

from urllib.parse import quote
from uuid import UUID

import orjson
import pytest

from feria_core import db
from feria_core.ids import new_id
from feria_core.testing.work import run_jobs
from feria_orders.schemas import StaffOrderOut

NAUGHTY = [
    "%",
    "_",
    "\\",
    "'",
    "' OR 1=1 --",
    "$1",
    "{}",
    "{0}",
    "\U0001f6d2",
    "İ",
    "a" * 200,
    "\u202e",
    "--",
    "/*",
    "%s",
]


async def numbers(staff, query=""):
    reply = await staff.get(f"/api/admin/orders{query}")
    assert reply.status == 200, reply.body
    return [item["number"] for item in reply.json["items"]]


async def test_staff_see_every_placed_order_and_no_draft(staff, clock, orders, draft, place):
    one = await place(customer_id=new_id())
    clock.move(seconds=1)
    two = await place()
    await orders.create(draft())
    assert await numbers(staff) == [two.number, one.number]


async def test_one_order_shows_what_staff_need(staff, place):
    owner = new_id()
    order = await place(customer_id=owner)
    document = (await staff.get(f"/api/admin/orders/{order.number}")).json
    StaffOrderOut.model_validate(document)
    assert set(document) == set(StaffOrderOut.model_fields)
    assert document["customer_id"] == str(owner)
    assert document["timeline"][0]["public"] is True


async def test_filters_find_what_they_name(staff, place):
    owner = new_id()
    pending = await place(customer_id=owner, email="Zoe+50%@Example.com")
    paid = await place(status="paid")
    assert await numbers(staff, "?payment_status=paid") == [paid.number]
    assert await numbers(staff, f"?customer={owner}") == [pending.number]
    assert await numbers(staff, "?q=zoe%2B50%25%40exam") == [pending.number]
    assert await numbers(staff, f"?q={paid.number[2:6].lower()}") == [paid.number]
    assert await numbers(staff, "?status=cancelled") == []
    assert await numbers(staff, f"?status=open&payment_status=pending&customer={owner}&q=ZOE") == [pending.number]
    assert await numbers(staff, "?fulfilment_status=fulfilled") == []


async def test_days_include_both_ends(staff, clock, place):
    clock.at = clock.at.replace(year=2026, month=11, day=20, hour=23, minute=59, second=59)
    order = await place()
    assert await numbers(staff, "?from=2026-11-20&to=2026-11-20") == [order.number]
    assert await numbers(staff, "?from=2026-11-21") == []
    assert await numbers(staff, "?to=2026-11-19") == []
    assert await numbers(staff, "?from=2026-11-21T00:59:59%2B01:00") == [order.number]
    assert await numbers(staff, "?to=2026-11-20T23:59:00Z") == []


@pytest.mark.parametrize("text", NAUGHTY)
async def test_naughty_text_finds_nothing_and_breaks_nothing(staff, place, text):
    await place(email="xx@yy.zz")
    found = await numbers(staff, f"?q={quote(text)}")
    assert found == []


@pytest.mark.parametrize(
    "query",
    [
        "q=%00",
        "q=%ED%A0%80x" + "y" * 200,
        "customer=1",
        "status=draft",
        "status=",
        "payment_status=x",
        "from=yesterday",
        "to=0001-01-01",
        "from=9999-12-31",
        "from=2026-11-20T10:00:00",
        "to=1e400",
        "from=99999999999999999999",
        "limit=0",
        "cursor=x",
        "nonsense=1",
        "from=2026-11-20&from=2026-11-21",
        "from=0001-01-01T00:00:00%2B14:00",
        "from=-1e20",
        "q=a&q=b",
    ],
)
async def test_naughty_queries_are_refused(staff, query):
    assert (await staff.get(f"/api/admin/orders?{query}")).status in (400, 422)


async def test_pages_follow_each_other(staff, clock, place):
    placed = []
    for _ in range(5):
        clock.move(seconds=1)
        placed.insert(0, (await place()).number)
    first = (await staff.get("/api/admin/orders?limit=3&payment_status=pending")).json
    rest = await numbers(staff, f"?limit=3&payment_status=pending&cursor={first['next_cursor']}")
    assert [item["number"] for item in first["items"]] + rest == placed


@pytest.mark.parametrize(("method", "path"), [("GET", ""), ("GET", "/F-0000-0000"), ("PATCH", "/F-0000-0000")])
async def test_the_permission_is_needed(client, customer, method, path):
    path = f"/api/admin/orders{path}"
    assert (await client.call(method, path, json={})).status == 401
    assert (await customer(new_id()).call(method, path, json={})).status == 403
    other = client.signed_in("test-staff-catalog.read")
    assert (await other.call(method, path, json={})).status == 403


async def test_reading_does_not_permit_correcting(client, place):
    order = await place()
    reader = client.signed_in("test-staff-orders.read")
    assert (await reader.patch(f"/api/admin/orders/{order.number}", {"note": "x"})).status == 403


async def test_notes_are_corrected_and_audited(client, staff, customer, place):
    owner = new_id()
    order = await place(customer_id=owner, note="Ring twice")
    reply = await staff.patch(f"/api/admin/orders/{order.number}", {"staff_note": " fragile ", "note": None})
    assert reply.status == 200
    assert (reply.json["staff_note"], reply.json["note"]) == ("fragile", None)
    assert reply.json["timeline"][-1] | {"at": 0} == {
        "at": 0,
        "kind": "corrected",
        "message": "note, staff_note",
        "public": False,
        "by": "shop",
        "actor_kind": "staff",
        "actor_id": str(UUID(int=1)),
    }
    row = await db.fetch_one("SELECT action, actor_kind, object_id, after::text FROM core_audit")
    assert tuple(row)[:3] == ("orders.correct", "staff", order.number)
    assert orjson.loads(row["after"]) == {"fields": ["note", "staff_note"]}
    seen = (await customer(owner).get(f"/api/orders/{order.number}")).json
    assert "staff_note" not in seen
    assert [event["kind"] for event in seen["timeline"]] == ["placed"]


async def test_a_new_address_gets_the_confirmation_and_old_links_die(client, staff, mailbox, orders, place):
    order = await place(email="typo@example.com")
    old = orjson.loads(await orders.document(order.id, guest_token=True))["token"]
    await run_jobs()
    mailbox.clear()
    assert (await staff.patch(f"/api/admin/orders/{order.number}", {"email": "right@example.com"})).status == 200
    await run_jobs()
    [mail] = mailbox.mails()
    assert mail["to"] == "right@example.com"
    assert (await client.get(f"/api/orders/{order.number}?token={old}")).status == 404
    new = mail["text"].partition("?token=")[2].split()[0]
    assert (await client.get(f"/api/orders/{order.number}?token={new}")).status == 200


async def test_what_does_not_change_leaves_no_trace(staff, place):
    order = await place(note="same")
    for body in ({}, {"note": "same"}):
        assert (await staff.patch(f"/api/admin/orders/{order.number}", body)).status == 200
    assert await db.fetch_value("SELECT count(*) FROM core_audit") == 0
    assert await db.fetch_value("SELECT count(*) FROM orders_event") == 1


@pytest.mark.parametrize(
    "body",
    [
        {"email": "x"},
        {"email": None},
        {"email": ""},
        {"email": "a@b.c\r\nBcc: d@e.f"},
        {"email": "a@b,c.d"},
        {"note": 1},
        {"note": "x" * 2001},
        {"status": "cancelled"},
        {"grand_total": 0},
        {"number": "F-0000-0000"},
        {"note": "a\x00b"},
        [],
        "x",
        None,
        {"email": "ñ@example.com"},
    ],
)
async def test_naughty_corrections_are_refused(staff, place, body):
    order = await place()
    reply = await staff.call(
        "PATCH",
        f"/api/admin/orders/{order.number}",
        data=orjson.dumps(body),
        headers={"Content-Type": "application/json"},
    )
    assert reply.status in (400, 422), reply.body


async def test_drafts_and_unknown_numbers_are_not_found(staff, orders, draft):
    unplaced = await orders.create(draft())
    for number in (unplaced.number, "F-0000-0000", "nonsense", "%00"):
        assert (await staff.get(f"/api/admin/orders/{number}")).status == 404
        assert (await staff.patch(f"/api/admin/orders/{number}", {"note": "x"})).status == 404
