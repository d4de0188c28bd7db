from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from feria_core import db
from feria_users.service.staff import create_staff

PASSWORD = "the password of staff"


@pytest.fixture
def owner(client, login):
    """Make an owner who signs in; a client that asks as this person."""

    async def make(email="owner@example.org"):
        await create_staff(email=email, password=PASSWORD)
        return client.signed_in((await login(email, PASSWORD)).json["access_token"])

    return make


@pytest.fixture
def role(client):
    async def make(caller, name="editor", permissions=("users.read",)):
        answer = await caller.post("/api/admin/roles", {"name": name, "permissions": list(permissions)})
        assert answer.status == 201, answer.json
        return name

    return make


async def path_of(email):
    found = await db.fetch_value("SELECT id FROM users_account WHERE email_normalized = $1", email)
    return f"/api/admin/staff/{found}"


async def owners():
    return await db.fetch_value(
        "SELECT count(*) FROM users_staff st JOIN users_role r ON r.id = st.role_id JOIN users_account a"
        " ON a.id = st.account_id WHERE r.name = 'owner' AND a.status = 'active'"
    )


@pytest.fixture
def invited(owner, role, mails, token_in):
    """An owner, and the token of the mail by which eva@ was invited as an editor."""

    async def make():
        boss = await owner()
        await role(boss)
        answer = await boss.post("/api/admin/staff", {"email": "Eva@example.org", "name": "Eva", "roles": ["editor"]})
        assert answer.status == 201, answer.json
        return boss, token_in((await mails())[-1]), answer.json

    return make


async def test_an_invitation_sets_the_password_once(invited, client, login):
    boss, token, shown = await invited()
    assert (shown["email"], shown["name"], shown["status"]) == ("Eva@example.org", "Eva", "invited")
    assert (shown["roles"], shown["permissions"]) == (["editor"], ["users.read"])
    assert (await login("eva@example.org", PASSWORD)).code == "invalid_credentials"
    accepted = {"token": token, "password": PASSWORD, "name": "Eva Luna"}
    answers = await asyncio.gather(*(client.post("/api/auth/accept-invite", accepted) for _ in range(6)))
    assert sorted(answer.status for answer in answers) == [204] + [400] * 5
    eva = client.signed_in((await login("eva@example.org", PASSWORD)).json["access_token"])
    assert (await eva.get("/api/admin/customers")).status == 200
    shown = (await boss.get(await path_of("eva@example.org"))).json
    assert (shown["status"], shown["name"]) == ("active", "Eva Luna")


async def test_a_stranger_who_registers_the_invited_address_gains_nothing(invited, client, register, login, mails):
    _, token, _ = await invited()
    await register("eva@example.org", "password of a stranger")
    assert not [mail for mail in await mails() if "/verify-email?token=" in mail["text"]]
    assert (await login("eva@example.org", "password of a stranger")).status == 401
    assert (await client.post("/api/auth/accept-invite", {"token": token, "password": PASSWORD})).status == 204
    assert (await login("eva@example.org", PASSWORD)).status == 200


async def test_nothing_of_an_account_that_nobody_verified_stays(owner, register, client, login, mails, token_in):
    boss = await owner()
    await register("eva@example.org", "password of a stranger")
    link = token_in((await mails())[-1])
    assert (await boss.post("/api/admin/staff", {"email": "eva@example.org", "role": "owner"})).json[
        "status"
    ] == "invited"
    assert (await client.post("/api/auth/verify-email", {"token": link})).status == 400
    assert (await login("eva@example.org", "password of a stranger")).status == 401


async def test_a_customer_keeps_the_password_and_signs_in_anew(owner, role, signed_in, login, mails):
    boss, ana = await owner(), await signed_in()
    await role(boss)
    assert (await boss.post("/api/admin/staff", {"email": "ana@example.org", "role": "editor"})).json[
        "status"
    ] == "active"
    assert (await ana.client.get("/api/users/me")).status == 401
    assert (await login()).status == 200
    assert "belongs to the staff" in (await mails())[-1]["text"]
    again = await boss.post("/api/admin/staff", {"email": "ANA@example.org", "roles": ["editor"]})
    assert again.code == "already_staff"


async def test_twins_invite_one_person_once(owner, mails):
    boss = await owner()
    body = {"email": "eva@example.org", "role": "owner"}
    answers = await asyncio.gather(*(boss.post("/api/admin/staff", body) for _ in range(6)))
    assert sorted(answer.status for answer in answers) == [201] + [409] * 5
    assert len([mail for mail in await mails() if "/accept-invite?token=" in mail["text"]]) == 1


async def test_an_invitation_ends_with_time_with_the_roles_and_with_the_next_one(
    invited, client, clock, mails, token_in
):
    boss, first, _ = await invited()
    path = await path_of("eva@example.org")
    assert (await boss.post(f"{path}/invite")).status == 204
    second = token_in((await mails())[-1])
    accept = "/api/auth/accept-invite"
    assert (await client.post(accept, {"token": first, "password": PASSWORD})).code == "invalid_token"
    clock.move(hours=73)
    assert (await client.post(accept, {"token": second, "password": PASSWORD})).code == "invalid_token"


async def test_an_invitation_that_was_taken_back_opens_nothing(invited, client):
    boss, token, _ = await invited()
    assert (await boss.delete(await path_of("eva@example.org"))).status == 204
    assert (await client.post("/api/auth/accept-invite", {"token": token, "password": PASSWORD})).status == 400


async def test_a_weak_password_leaves_the_invitation_open(invited, client):
    _, token, _ = await invited()
    weak = await client.post("/api/auth/accept-invite", {"token": token, "password": "password123"})
    assert weak.code == "validation_failed"
    assert (await client.post("/api/auth/accept-invite", {"token": token, "password": PASSWORD})).status == 204


async def test_who_can_sign_in_is_not_invited_again(owner):
    boss = await owner()
    assert (await boss.post(f"{await path_of('owner@example.org')}/invite")).code == "not_invited"


async def test_nobody_gives_what_he_lacks(client, owner, role):
    boss = await owner()
    await role(boss, "boss", ["staff.write", "users.write"])
    await role(boss)
    clerk = client.as_staff("staff.write", "users.read")
    refused = await clerk.post("/api/admin/staff", {"email": "eva@example.org", "role": "boss"})
    assert (refused.code, refused.json["permissions"]) == ("permission_not_held", ["users.write"])
    assert (await clerk.post("/api/admin/staff", {"email": "eva@example.org", "role": "owner"})).status == 403
    assert await db.fetch_value("SELECT count(*) FROM users_account WHERE email = 'eva@example.org'") == 0
    assert (await clerk.post("/api/admin/staff", {"email": "eva@example.org", "role": "editor"})).status == 201
    changed = await clerk.patch(await path_of("eva@example.org"), {"roles": ["boss"]})
    assert changed.code == "permission_not_held"


async def test_nobody_touches_who_holds_more(client, owner):
    await owner()
    path = await path_of("owner@example.org")
    clerk = client.as_staff("staff.write", "users.read")
    assert (await clerk.delete(path)).code == "permission_not_held"
    assert (await clerk.patch(path, {"status": "disabled"})).code == "permission_not_held"
    assert (await clerk.get(path)).json["status"] == "active"


async def test_disabled_staff_are_out_from_the_next_request_on(owner, login):
    boss, other = await owner(), await owner("other@example.org")
    path = await path_of("other@example.org")
    assert (await other.get("/api/admin/staff")).status == 200
    assert (await boss.patch(path, {"status": "disabled"})).json["status"] == "disabled"
    assert (await other.get("/api/admin/staff")).status == 401
    assert (await login("other@example.org", PASSWORD)).status == 401
    assert (await boss.patch(path, {"status": "active"})).json["status"] == "active"
    assert (await other.get("/api/admin/staff")).status == 401
    assert (await login("other@example.org", PASSWORD)).status == 200


async def test_changed_roles_count_from_the_next_request_on(owner, role):
    boss, other = await owner(), await owner("other@example.org")
    await role(boss)
    changed = await boss.patch(await path_of("other@example.org"), {"roles": ["editor"]})
    assert (changed.json["roles"], changed.json["permissions"]) == (["editor"], ["users.read"])
    assert (await other.get("/api/admin/staff")).status == 403
    assert (await other.get("/api/admin/customers")).status == 200


async def test_removed_staff_are_customers(owner, login):
    boss, other = await owner(), await owner("other@example.org")
    path = await path_of("other@example.org")
    assert (await boss.delete(path)).status == 204
    assert (await other.get("/api/users/me")).status == 401
    assert (await login("other@example.org", PASSWORD)).status == 200
    assert (await boss.get(path)).status == 404
    assert (await boss.delete(path)).status == 404


LAST = {
    "removed": lambda client, path: client.delete(path),
    "demoted": lambda client, path: client.patch(path, {"roles": ["editor"]}),
    "disabled": lambda client, path: client.patch(path, {"status": "disabled"}),
}


@pytest.mark.parametrize("way", LAST)
async def test_the_last_owner_stays(owner, role, way):
    boss = await owner()
    await role(boss)
    path = await path_of("owner@example.org")
    assert (await LAST[way](boss, path)).code == "last_owner"
    assert (await boss.delete("/api/users/me")).code == "staff_account"
    # One who was only invited, or is disabled, could not bring the shop back.
    await boss.post("/api/admin/staff", {"email": "eva@example.org", "role": "owner"})
    assert (await LAST[way](boss, path)).code == "last_owner"
    await owner("other@example.org")
    await boss.patch(await path_of("other@example.org"), {"status": "disabled"})
    assert (await LAST[way](boss, path)).code == "last_owner"
    await boss.patch(await path_of("other@example.org"), {"status": "active"})
    assert (await LAST[way](boss, path)).status in (200, 204)


@pytest.mark.parametrize(("one", "two"), [("removed", "removed"), ("disabled", "demoted"), ("removed", "disabled")])
async def test_two_owners_who_end_each_other_at_once_leave_one(owner, role, one, two):
    for turn in range(3):
        emails = f"a{turn}@example.org", f"b{turn}@example.org"
        first, second = [await owner(email) for email in emails]
        if turn == 0:
            await role(first)
        await db.execute(
            "DELETE FROM users_staff WHERE account_id NOT IN (SELECT id FROM users_account WHERE email = ANY($1))",
            list(emails),
        )
        await asyncio.gather(LAST[one](first, await path_of(emails[1])), LAST[two](second, await path_of(emails[0])))
        assert await owners() == 1


async def test_every_change_is_one_row_of_the_audit_log_without_a_name(invited, client):
    boss, token, _ = await invited()
    await client.post("/api/auth/accept-invite", {"token": token, "password": PASSWORD})
    path = await path_of("eva@example.org")
    await boss.patch(path, {"status": "disabled"})
    await boss.delete(path)
    rows = await db.fetch_all(
        "SELECT action, before::text || after::text AS text FROM core_audit WHERE object_id = $1 ORDER BY id",
        path.rpartition("/")[2],
    )
    assert [row["action"] for row in rows] == ["staff.invited", "staff.joined", "staff.changed", "staff.removed"]
    assert "disabled" in rows[2]["text"]
    assert not await db.fetch_value("SELECT count(*) FROM core_audit WHERE after::text ILIKE '%eva%'")


async def test_the_list_of_staff_is_paged(owner):
    boss = await owner()
    await owner("other@example.org")
    first = (await boss.get("/api/admin/staff?limit=1")).json
    rest = (await boss.get(f"/api/admin/staff?limit=1&cursor={first['next_cursor']}")).json
    assert [item["email"] for item in first["items"] + rest["items"]] == ["other@example.org", "owner@example.org"]
    assert rest["next_cursor"] is None


async def test_a_disabled_account_is_not_made_staff(owner, verified):
    boss = await owner()
    await verified()
    await db.execute("UPDATE users_account SET status = 'disabled' WHERE email = 'ana@example.org'")
    assert (
        await boss.post("/api/admin/staff", {"email": "ana@example.org", "role": "owner"})
    ).code == "account_disabled"


@pytest.mark.parametrize(
    "body",
    [
        {"email": "eva@example.org"}, {"email": "eva@example.org", "roles": []}, {"email": "nobody", "role": "owner"},
        {"email": "eva@example.org", "role": "emperor"},
        {"email": "eva@example.org", "role": "owner", "roles": ["owner"]},
        {"email": "eva@example.org", "role": "owner", "name": "E\x00"},
    ],
)  # fmt: skip
async def test_what_is_no_invitation_is_refused(owner, body):
    boss = await owner()
    assert (await boss.post("/api/admin/staff", body)).code == "validation_failed"


async def test_unknown_staff_are_missing(owner, signed_in):
    boss = await owner()
    await signed_in()
    for missing in (f"/api/admin/staff/{uuid4()}", "/api/admin/staff/nobody", await path_of("ana@example.org")):
        assert (await boss.get(missing)).status == 404
        assert (await boss.patch(missing, {"status": "disabled"})).status == 404
        assert (await boss.delete(missing)).status == 404
        assert (await boss.post(f"{missing}/invite")).status == 404


async def test_a_role_that_demands_the_second_factor_gives_nothing_without_it(owner, role, client, login):
    boss = await owner()
    await role(boss)
    await create_staff(email="e@example.org", password=PASSWORD, role="editor")
    editor = client.signed_in((await login("e@example.org", PASSWORD)).json["access_token"])
    assert (await editor.get("/api/admin/customers")).status == 200
    roles = (await boss.get("/api/admin/roles")).json["items"]
    found = next(item["id"] for item in roles if item["name"] == "editor")
    await boss.patch(f"/api/admin/roles/{found}", {"requires_otp": True})
    assert (await editor.get("/api/admin/customers")).status == 403
    assert (await editor.get("/api/users/me")).json["otp_required"] is True
