from uuid import uuid4

import pytest

from feria_admin.bulk import running
from feria_core import db
from feria_core.testing.work import run_jobs

PRICE = {"amount": 1000, "currency": "USD"}


@pytest.fixture
def staff(client):
    return client.as_staff("bulk.write", "catalog.write", "stock.write")


async def products(staff, count, *, status="draft"):
    made = []
    for number in range(count):
        body = {"name": f"Chair {number}", "status": status, "variants": [{"sku": f"CH-{number}", "price": PRICE}]}
        reply = await staff.post("/api/admin/products", body)
        assert reply.status == 201, reply.body
        made.append(reply.json["id"])
    return made


async def begin(staff, **body):
    return await staff.post("/api/admin/bulk", body, headers={"Idempotency-Key": uuid4().hex})


async def begun(staff, **body):
    reply = await begin(staff, **body)
    assert reply.status == 202, reply.body
    return reply.json["id"]


async def ended(staff, bulk_id):
    assert set(await run_jobs()) <= {"done"}
    return (await staff.get(f"/api/admin/bulk/{bulk_id}")).json


async def audited(action):
    rows = await db.fetch_all("SELECT object_id, actor_kind FROM core_audit WHERE action = $1 ORDER BY at, id", action)
    assert {row["actor_kind"] for row in rows} <= {"staff"}
    return [row["object_id"] for row in rows]


async def statuses(staff, keys):
    return [(await staff.get(f"/api/admin/products/{key}")).json["status"] for key in keys]


async def test_an_act_is_done_to_each_with_an_audit_row_of_its_own(staff):
    keys = await products(staff, 3)
    bulk_id = await begun(staff, section="products", act="edit", keys=keys, body={"status": "published"})
    assert (await staff.get(f"/api/admin/bulk/{bulk_id}")).json["state"] == "running"
    over = await ended(staff, bulk_id)
    assert (over["state"], over["total"], over["done"], over["failed"], over["progress"]) == ("done", 3, 3, 0, 1.0)
    assert await statuses(staff, keys) == ["published"] * 3
    assert sorted(await audited("catalog.product.edited")) == sorted(keys)
    assert len(await audited("bulk.begun")) == 1


async def test_what_fails_is_told_with_its_reason_and_the_others_are_done(staff):
    keys = await products(staff, 2)
    gone = str(uuid4())
    bulk_id = await begun(
        staff, section="products", act="edit", keys=[keys[0], gone, keys[1]], body={"status": "published"}
    )
    over = await ended(staff, bulk_id)
    assert (over["state"], over["done"], over["failed"]) == ("done", 2, 1)
    (error,) = (await staff.get(f"/api/admin/bulk/{bulk_id}/errors")).json["items"]
    assert (error["position"], error["key"], error["code"]) == (1, gone, "not_found")
    file = await staff.get(f"/api/admin/bulk/{bulk_id}/errors?format=csv")
    assert file.body.splitlines()[1].startswith(f"1,{gone},not_found,".encode())
    assert await audited("refused") == [f"/api/admin/products/{gone}"]


async def test_all_that_a_list_gives_under_its_filters_is_chosen(staff, monkeypatch):
    monkeypatch.setattr(running, "PAGE", 2)
    keys = await products(staff, 5)
    other = await staff.post(
        "/api/admin/products",
        {"name": "Table", "status": "published", "variants": [{"sku": "T-1", "price": PRICE}]},
    )
    bulk_id = await begun(staff, section="products", act="reprice", query={"status": "draft"}, body={"percent": -10})
    over = await ended(staff, bulk_id)
    assert (over["state"], over["total"], over["done"]) == ("done", 5, 5)
    prices = await db.fetch_all(
        "SELECT price_amount, count(*) AS count FROM catalog_variant GROUP BY 1 ORDER BY 1",
    )
    assert [tuple(row.values()) for row in prices] == [(900, 5), (1000, 1)]
    assert other.json["id"] not in keys


async def test_those_that_do_not_stand_as_the_act_wants_are_skipped(staff):
    await products(staff, 1)
    first = await begun(staff, section="products", act="archive", query={})
    assert (await ended(staff, first))["done"] == 1
    again = await ended(staff, await begun(staff, section="products", act="archive", query={}))
    assert (again["done"], again["failed"], again["skipped"]) == (0, 0, again["total"])


async def test_what_is_cancelled_is_left_undone(staff):
    keys = await products(staff, 2)
    bulk_id = await begun(staff, section="products", act="edit", keys=keys, body={"status": "published"})
    assert (await staff.post(f"/api/admin/bulk/{bulk_id}/cancel")).json["state"] == "cancelled"
    assert (await ended(staff, bulk_id))["done"] == 0
    assert await statuses(staff, keys) == ["draft", "draft"]
    assert (await staff.post(f"/api/admin/bulk/{bulk_id}/cancel")).code == "bulk_over"


async def test_who_may_not_do_it_to_one_may_not_do_it_to_many(client, staff):
    keys = await products(staff, 1)
    lesser = client.as_staff("bulk.write", staff_id=uuid4())
    assert (await begin(lesser, section="products", act="edit", keys=keys, body={})).code == "forbidden"


async def test_a_right_that_is_taken_away_ends_what_is_left(client, staff):
    keys = await products(staff, 2)
    person = uuid4()
    lesser = client.as_staff("bulk.write", "catalog.write", staff_id=person)
    bulk_id = await begun(lesser, section="products", act="edit", keys=keys, body={"status": "published"})
    await client.as_staff("bulk.write", staff_id=person).get("/api/admin/bulk")  # holds less from now on
    over = await ended(staff, bulk_id)
    assert (over["done"], over["failed"]) == (0, 2)
    assert await statuses(staff, keys) == ["draft", "draft"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"section": "nothing", "act": "edit", "keys": ["1"]}, "unknown_section"),
        ({"section": "products", "act": "create", "keys": ["1"]}, "unknown_act"),
        ({"section": "products", "act": "edit", "keys": ["1"], "body": {"color": "red"}}, "extra_forbidden"),
        ({"section": "products", "act": "edit", "query": {"color": "red"}, "body": {}}, "extra_forbidden"),
        ({"section": "products", "act": "edit", "body": {}}, "value_error"),
        ({"section": "products", "act": "edit", "keys": [], "body": {}}, "too_short"),
    ],
)
async def test_what_cannot_be_done_to_any_is_refused_at_once(staff, body, code):
    reply = await begin(staff, **body)
    assert (reply.status, reply.json["errors"][0]["code"]) == (422, code)
    assert await db.fetch_value("SELECT count(*) FROM admin_bulk") == 0


async def test_a_repeated_request_begins_nothing_twice(staff):
    (key,) = await products(staff, 1)
    body = {"section": "products", "act": "reprice", "keys": [key], "body": {"percent": 100}}
    first = await staff.post("/api/admin/bulk", body, headers={"Idempotency-Key": "once"})
    second = await staff.post("/api/admin/bulk", body, headers={"Idempotency-Key": "once"})
    assert first.json["id"] == second.json["id"]
    await ended(staff, first.json["id"])
    assert await db.fetch_value("SELECT price_amount FROM catalog_variant") == 2000
