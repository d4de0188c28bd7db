from __future__ import annotations

from uuid import uuid4

import pytest

from feria_core import clock as core_clock
from feria_core import db
from feria_core.runtime import current
from feria_users.repository import staff as staff_rows
from feria_users.service.staff import create_staff

EVERYTHING = "*"


@pytest.fixture
def owner(client):
    return client.as_staff(*declared())


@pytest.fixture
def clerk(client):
    """May appoint staff, and see customers."""
    return client.as_staff("staff.write", "users.read")


def declared():
    return {permission.name for module in current().modules for permission in module.manifest.permissions}


async def made(caller, name="editor", permissions=("users.read",), **more):
    answer = await caller.post("/api/admin/roles", {"name": name, "permissions": list(permissions), **more})
    assert answer.status == 201, answer.json
    return answer.json


async def role_id(name):
    return await db.fetch_value("SELECT id FROM users_role WHERE name = $1", name)


async def test_every_permission_is_listed_with_what_it_is_for(owner):
    items = (await owner.get("/api/admin/permissions")).json["items"]
    assert [item["name"] for item in items] == sorted(declared())
    assert {"name": "users.read", "description": "See customers and their sessions", "module": "users"} in items


async def test_a_role_is_made_listed_changed_and_removed(owner):
    role = await made(owner, "Shop floor", ["users.read", "catalog.write", "users.read"], requires_otp=True)
    assert (role["permissions"], role["requires_otp"], role["members"]) == (["catalog.write", "users.read"], True, 0)
    path = f"/api/admin/roles/{role['id']}"
    assert (await owner.get(path)).json == role
    assert (await owner.get("/api/admin/roles")).json["items"] == [role]
    changed = await owner.patch(path, {"permissions": ["users.read"], "requires_otp": False})
    assert (changed.json["permissions"], changed.json["requires_otp"]) == (["users.read"], False)
    assert (await owner.delete(path)).status == 204
    assert (await owner.get(path)).status == 404
    rows = await db.fetch_all("SELECT action, after::text AS after FROM core_audit ORDER BY id")
    assert [row["action"] for row in rows] == ["role.created", "role.changed", "role.removed"]
    assert '"role": "Shop floor"' in rows[1]["after"]


async def test_a_name_is_taken_once_by_twins_too(owner):
    import asyncio

    body = {"name": "editor", "permissions": []}
    answers = await asyncio.gather(*(owner.post("/api/admin/roles", body) for _ in range(8)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 7
    assert {answer.code for answer in answers if answer.status == 409} == {"role_exists"}


async def test_nobody_makes_a_role_of_more_than_he_holds(clerk):
    refused = await clerk.post("/api/admin/roles", {"name": "x", "permissions": ["users.read", "users.write"]})
    assert (refused.status, refused.code, refused.json["permissions"]) == (403, "permission_not_held", ["users.write"])
    assert (await made(clerk))["permissions"] == ["users.read"]


async def test_nobody_raises_himself_by_changing_a_role(owner, clerk):
    own = await made(owner, "clerk", ["staff.write", "users.read"])
    wanted = {"permissions": ["staff.write", "users.read", "users.write"]}
    assert (await clerk.patch(f"/api/admin/roles/{own['id']}", wanted)).code == "permission_not_held"
    assert (await clerk.get(f"/api/admin/roles/{own['id']}")).json["permissions"] == ["staff.write", "users.read"]


async def test_nobody_lowers_or_removes_a_role_that_holds_more_than_he(owner, clerk):
    above = await made(owner, "boss", ["staff.write", "users.write"], requires_otp=True)
    path = f"/api/admin/roles/{above['id']}"
    assert (await clerk.patch(path, {"permissions": []})).code == "permission_not_held"
    assert (await clerk.patch(path, {"requires_otp": False})).code == "permission_not_held"
    assert (await clerk.delete(path)).code == "permission_not_held"
    assert (await owner.get(path)).json == above


@pytest.mark.parametrize("name", ["blog.fly", EVERYTHING, "", "users.read "])
async def test_an_unknown_permission_is_refused(owner, name):
    role = await made(owner)
    for answer in (
        await owner.post("/api/admin/roles", {"name": "x", "permissions": [name]}),
        await owner.patch(f"/api/admin/roles/{role['id']}", {"permissions": ["users.read", name]}),
    ):
        if name.strip() in declared():
            assert answer.status in (200, 201)
        else:
            assert answer.code == "validation_failed"


async def test_a_permission_of_a_module_that_is_off_stays_where_it_was(owner):
    role = await made(owner)
    await db.execute("UPDATE users_role SET permissions = '{gone.write,users.read}'")
    path = f"/api/admin/roles/{role['id']}"
    kept = await owner.patch(path, {"permissions": ["gone.write"]})
    assert kept.json["permissions"] == ["gone.write"]
    assert (await owner.patch(path, {"permissions": ["gone.write", "other.write"]})).code == "validation_failed"


async def test_the_role_of_owners_stays_whole(owner, database):
    await staff_rows.ensure_role("owner", ["*"], now=core_clock.now())
    path = f"/api/admin/roles/{await role_id('owner')}"
    assert (await owner.patch(path, {"permissions": ["users.read"]})).code == "owner_role"
    assert (await owner.delete(path)).code == "owner_role"
    assert (await owner.post("/api/admin/roles", {"name": "owner", "permissions": []})).code == "role_exists"
    assert (await owner.patch(path, {"requires_otp": True})).json["requires_otp"] is True
    assert (await owner.get(path)).json["permissions"] == ["*"]


async def test_only_who_holds_everything_changes_what_owners_must_show(clerk, database):
    await staff_rows.ensure_role("owner", ["*"], now=core_clock.now())
    answer = await clerk.patch(f"/api/admin/roles/{await role_id('owner')}", {"requires_otp": True})
    assert answer.code == "permission_not_held"


async def test_a_role_that_somebody_holds_is_not_removed(owner, database):
    role = await made(owner)
    await create_staff(email="e@example.org", password="the password of e", role="editor")
    refused = await owner.delete(f"/api/admin/roles/{role['id']}")
    assert refused.code == "role_in_use"
    assert (await owner.get(f"/api/admin/roles/{role['id']}")).json["members"] == 1


async def test_a_changed_role_counts_from_the_next_request_on(client, owner, login):
    role = await made(owner)
    await create_staff(email="e@example.org", password="the password of e", role="editor")
    editor = client.signed_in((await login("e@example.org", "the password of e")).json["access_token"])
    assert (await editor.get("/api/admin/customers")).status == 200
    await owner.patch(f"/api/admin/roles/{role['id']}", {"permissions": []})
    assert (await editor.get("/api/admin/customers")).status == 403


async def test_roles_are_for_who_appoints_staff(client):
    for caller, status in ((client, 401), (client.as_customer(), 403), (client.as_staff("users.write"), 403)):
        for path in ("/api/admin/roles", "/api/admin/staff", "/api/admin/permissions", f"/api/admin/roles/{uuid4()}"):
            assert (await caller.get(path)).status == status
        assert (await caller.post("/api/admin/roles", {"name": "x", "permissions": []})).status == status


async def test_unknown_roles_are_missing(owner):
    for missing in (f"/api/admin/roles/{uuid4()}", "/api/admin/roles/editor"):
        assert (await owner.get(missing)).status == 404
        assert (await owner.patch(missing, {"permissions": []})).status == 404
        assert (await owner.delete(missing)).status == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "", "permissions": []},
        {"name": "a\x00", "permissions": []},
        {"name": "x" * 61, "permissions": []},
        {"name": "x"},
    ],
)
async def test_what_is_no_role_is_refused(owner, body):
    assert (await owner.post("/api/admin/roles", body)).code == "validation_failed"
