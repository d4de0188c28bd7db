"""Whatever staff do, and whatever is refused to them, is one audit row: the process may die before any statement."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from feria_core import audit_log, db
from feria_core.testing.crashing import Nursery
from feria_core.testing.work import run_jobs
from feria_users.service.staff import create_staff

FEW = 4
PASSWORD = "correct horse battery"
RIGHTS = ("catalog.write", "bulk.write", "webhooks.write")


@pytest.fixture(scope="module")
def nursery(plugins_file, database_url, server_urls, module_environment, tmp_path_factory) -> Iterator[Nursery]:
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": server_urls[1],
        "FERIA_CORE__LOG_LEVEL": "error",
        "FERIA_CORE__POOL_SIZE": "2",
        "FERIA_CORE__MEDIA_DIR": str(tmp_path_factory.mktemp("record") / "media"),
        **module_environment,
    }
    with Nursery(plugins_file, environment) as running:
        yield running


async def made(slug):
    return await db.fetch_value("SELECT count(*) FROM catalog_category WHERE slug = $1", slug)


async def audited(request_id):
    rows = await db.fetch_all("SELECT action FROM core_audit WHERE request_id = $1", request_id)
    return [row["action"] for row in rows]


async def category(client, nursery, slug, *, kill_before=None):
    """Ask for a category in a process that may die; return what became of it, and the audit rows."""
    request_id = uuid4().hex
    headers = {**client.as_staff(*RIGHTS).headers, "X-Request-Id": request_id}
    body = {"name": slug.title(), "slug": slug}
    outcome = await nursery.request("POST", "/api/admin/categories", body, headers, kill_before=kill_before)
    return outcome, await audited(request_id)


def points(statements, *, few):
    if not few:
        return list(range(1, statements + 1))
    return sorted({1 + (statements - 1) * number // (FEW - 1) for number in range(FEW)})


async def change_table(client, nursery, *, few):
    outcome, rows = await category(client, nursery, "whole")
    assert (outcome.status, len(rows), await made("whole")) == (201, 1, 1), outcome.body
    seen = set()
    for point in points(outcome.statements, few=few):
        slug = f"dies-at-{point}"
        died, rows = await category(client, nursery, slug, kill_before=point)
        assert died.was_killed
        assert len(rows) == await made(slug)
        seen.add(len(rows))
    return seen


async def refusal_table(client, nursery, *, few):
    await category(client, nursery, "taken")
    outcome, rows = await category(client, nursery, "taken")
    assert (outcome.status, rows) == (409, ["refused"]), outcome.body
    for point in points(outcome.statements, few=few):
        died, rows = await category(client, nursery, "taken", kill_before=point)
        assert died.was_killed
        assert len(rows) <= 1
        assert await made("taken") == 1


async def test_a_change_and_its_audit_row_are_one_commit(client, nursery):
    await change_table(client, nursery, few=True)
    assert not (await audit_log.verify()).breaks


async def test_a_refusal_is_on_record_before_it_is_answered(client, nursery):
    await refusal_table(client, nursery, few=True)
    assert not (await audit_log.verify()).breaks


async def signed_in(client):
    """Staff with an account of their own: a worker in another process asks the database what they may."""
    await create_staff(email="ada@example.org", password=PASSWORD)
    reply = await client.post("/api/auth/login", {"email": "ada@example.org", "password": PASSWORD})
    return client.signed_in(reply.json["access_token"])


async def products(staff):
    made = []
    for _ in range(3):
        sku = uuid4().hex
        variant = {"sku": sku, "price": {"amount": 1000, "currency": "USD"}}
        made.append((await staff.post("/api/admin/products", {"name": "Chair", "variants": [variant]})).json["id"])
    return sorted(made)


async def named(name):
    rows = await db.fetch_all("SELECT id::text AS id FROM catalog_product WHERE name = $1 ORDER BY id", name)
    return [row["id"] for row in rows]


async def edited(request_id):
    rows = await db.fetch_all(
        "SELECT object_id FROM core_audit WHERE request_id = $1 AND action = 'catalog.product.edited' ORDER BY 1",
        request_id,
    )
    return [row["object_id"] for row in rows]


async def bulk_act(client, nursery, clock, name, *, kill_before=None):
    """Rename three products by one act, whose worker may die; all that is done is under the request's id."""
    staff = await signed_in(client)
    keys = await products(staff)
    request_id = uuid4().hex
    body = {"section": "products", "act": "edit", "keys": keys, "body": {"name": name}}
    headers = {"X-Request-Id": request_id, "Idempotency-Key": request_id}
    assert (await staff.post("/api/admin/bulk", body, headers=headers)).status == 202
    outcome = await nursery.work(kill_before=kill_before)
    done = await edited(request_id)
    assert done == await named(name), kill_before
    for _ in range(2):
        clock.move(minutes=20)  # what the dead worker had leased is free again
        await run_jobs()
    assert await edited(request_id) == await named(name) == keys
    assert sorted(await audited(request_id)) == ["bulk.begun", *["catalog.product.edited"] * 3]
    return outcome, len(done)


async def bulk_table(client, nursery, clock, *, few):
    """One row for the beginning and one for each thing, whenever the worker dies; return how many were done then."""
    whole, done = await bulk_act(client, nursery, clock, "whole")
    assert not whole.was_killed
    seen = {done}
    for point in points(whole.statements, few=few):
        _, done = await bulk_act(client, nursery, clock, f"dies-at-{point}", kill_before=point)
        seen.add(done)
    assert not (await audit_log.verify()).breaks
    return seen


async def test_each_thing_of_a_bulk_act_is_on_record_once(client, nursery, clock):
    assert await bulk_table(client, nursery, clock, few=True) > {0, 3}


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_the_whole_table_of_deaths(client, nursery, clock):
    await change_table(client, nursery, few=False)
    await refusal_table(client, nursery, few=False)
    assert await bulk_table(client, nursery, clock, few=False) == {0, 1, 2, 3}
    assert not (await audit_log.verify()).breaks


async def refusals():
    return await db.fetch_all("SELECT actor_kind, object_id, after->>'code' AS code FROM core_audit ORDER BY at, id")


@pytest.mark.parametrize(
    ("caller", "path", "body", "code"),
    [
        ("as_staff", "/api/admin/categories", {"name": "x", "color": "red"}, "validation_failed"),
        ("as_api_key", "/api/admin/products/01890000-0000-7000-8000-000000000000/reprice", {"percent": 5}, "not_found"),
        ("as_staff", "/api/admin/roles", {"name": "x", "permissions": []}, "forbidden"),
    ],
)
async def test_what_is_refused_to_staff_is_told_by_its_code(client, caller, path, body, code):
    assert (await getattr(client, caller)(*RIGHTS).post(path, body)).code == code
    (row,) = await refusals()
    assert (row["actor_kind"], row["object_id"], row["code"]) == (caller.removeprefix("as_"), path, code)


async def test_looks_and_strangers_leave_no_row(client):
    await client.as_staff().get("/api/admin/products")
    await client.post("/api/admin/categories", {"name": "x"})
    await client.as_customer().post("/api/admin/categories", {"name": "x"})
    await client.as_staff(*RIGHTS).post("/api/cart/items", {})
    assert await refusals() == []


async def test_a_repeated_refusal_under_one_key_is_on_record_once(client):
    staff = client.as_staff(*RIGHTS)
    body = {"section": "nothing", "act": "edit", "keys": ["1"]}
    for _ in range(2):
        reply = await staff.post("/api/admin/bulk", body, headers={"Idempotency-Key": "same"})
        assert reply.status == 422
    assert len(await refusals()) == 1
