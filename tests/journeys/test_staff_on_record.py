"""Whatever staff do, and whatever is refused to them, is one audit row: the process may die before any statement."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import pytest

from feria_core import audit_log, db
from feria_core.testing.crashing import Nursery

FEW = 4
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


@pytest.mark.soak
async def test_the_whole_table_of_deaths(client, nursery):
    await change_table(client, nursery, few=False)
    await refusal_table(client, nursery, few=False)
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
