from __future__ import annotations

import base64
from datetime import timedelta

import orjson
import pytest

from feria_core import db
from feria_users.service.staff import create_staff

OWNER = ("owner@example.org", "the first owner of it")


@pytest.fixture
def owner(client, login):
    async def make(email=OWNER[0]):
        await create_staff(email=email, password=OWNER[1])
        return client.signed_in((await login(email, OWNER[1])).json["access_token"])

    return make


async def account_id(email="ana@example.org"):
    return await db.fetch_value("SELECT id FROM users_account WHERE email_normalized = $1", email)


@pytest.fixture
def acting(client, owner, signed_in):
    """Ana, her staff, and a client by which they act for her."""

    async def make():
        ana, staff = await signed_in(), await owner()
        answer = await staff.post(f"/api/admin/customers/{await account_id()}/act-as")
        assert answer.status == 201, answer.json
        return ana, staff, client.signed_in(answer.json["access_token"]), answer.json

    return make


async def test_staff_act_for_a_customer_and_every_answer_says_so(acting):
    _, staff, as_ana, opened = await acting()
    staff_id = str(await account_id(OWNER[0]))
    me = await as_ana.get("/api/users/me")
    assert (me.status, me.json["email"], me.json["kind"], me.json["permissions"]) == (
        200, "ana@example.org", "customer", [],
    )  # fmt: skip
    assert me.headers["acting-staff"] == staff_id
    assert (await as_ana.delete("/api/users/me/addresses/nowhere")).headers["acting-staff"] == staff_id
    assert "acting-staff" not in (await staff.get("/api/users/me")).headers
    assert 0 < opened["expires_in"] <= 900
    assert "refresh_token" not in opened
    middle = opened["access_token"].split(".")[1]
    claims = orjson.loads(base64.urlsafe_b64decode(middle + "=" * (-len(middle) % 4)))
    assert (claims["sub"], claims["act"]) == (str(await account_id()), {"sub": staff_id})


async def test_what_opens_the_account_stays_the_customers_own(acting):
    _, _, as_ana, _ = await acting()
    password = {"current_password": "correct horse battery", "new_password": "another fine password"}
    refused = [
        await as_ana.put("/api/users/me/password", password),
        await as_ana.post("/api/users/me/email", {"email": "b@example.org", "password": "correct horse battery"}),
        await as_ana.post("/api/users/me/otp", {"password": "correct horse battery"}),
        await as_ana.post("/api/users/me/otp/confirm", {"code": "123456"}),
        await as_ana.delete("/api/users/me/otp", json={"password": "correct horse battery"}),
        await as_ana.post("/api/users/me/otp/recovery-codes", {"password": "correct horse battery"}),
        await as_ana.delete("/api/users/me/identities/1"),
        await as_ana.delete("/api/users/me/sessions/1"),
        await as_ana.get("/api/users/me/export"),
        await as_ana.delete("/api/users/me"),
    ]
    assert [answer.code for answer in refused] == ["acting_staff"] * len(refused)


async def test_acting_is_audited_with_who_and_for_whom(acting):
    await acting()
    row = await db.fetch_one(
        "SELECT actor_kind, actor_id, object_id FROM core_audit WHERE action = 'customer.acted_as'"
    )
    assert (row["actor_kind"], row["actor_id"], row["object_id"]) == (
        "staff", str(await account_id(OWNER[0])), str(await account_id()),
    )  # fmt: skip


async def test_the_customer_sees_it_among_the_devices_and_ends_it(acting):
    ana, _, as_ana, _ = await acting()
    devices = (await ana.client.get("/api/users/me/sessions")).json["items"]
    shown = next(device for device in devices if device["device"] == "Shop staff")
    assert (await ana.client.delete(f"/api/users/me/sessions/{shown['id']}")).status == 204
    assert (await as_ana.get("/api/users/me")).status == 401
    assert (await ana.client.get("/api/users/me")).status == 200


ENDS = [
    "UPDATE users_session SET revoked_at = now() WHERE acting_session_id IS NULL AND account_id = $1",
    "UPDATE users_account SET status = 'disabled' WHERE id = $1",
    "DELETE FROM users_staff WHERE account_id = $1",
    "UPDATE users_role SET permissions = '{users.write}' WHERE $1::uuid IS NOT NULL",
    "UPDATE users_role SET requires_otp = true WHERE $1::uuid IS NOT NULL",
]


@pytest.mark.parametrize("end", ENDS)
async def test_it_ends_with_whatever_allowed_it(acting, end):
    _, _, as_ana, _ = await acting()
    assert (await as_ana.get("/api/users/me")).status == 200
    await db.execute(end, await account_id(OWNER[0]))
    assert (await as_ana.get("/api/users/me")).status == 401


async def test_it_ends_by_itself_and_when_the_customer_joins_the_staff(acting, clock):
    _, _, as_ana, _ = await acting()
    await create_staff(email="ana@example.org", password="another fine password")
    assert (await as_ana.get("/api/users/me")).status == 401


async def test_after_a_quarter_of_an_hour_it_is_over(acting, clock):
    _, _, as_ana, _ = await acting()
    clock.move(minutes=16)
    assert (await as_ana.get("/api/users/me")).status == 401


async def test_nobody_acts_for_staff_for_the_disabled_or_for_nobody(owner, verified):
    await verified()
    staff = await owner()
    await owner("second@example.org")
    assert (
        await staff.post(f"/api/admin/customers/{await account_id('second@example.org')}/act-as")
    ).code == "staff_account"
    assert (await staff.post(f"/api/admin/customers/{await account_id(OWNER[0])}/act-as")).code == "staff_account"
    await db.execute("UPDATE users_account SET status = 'disabled' WHERE email = 'ana@example.org'")
    assert (await staff.post(f"/api/admin/customers/{await account_id()}/act-as")).status == 404
    assert (await staff.post("/api/admin/customers/nobody/act-as")).status == 404
    assert await db.fetch_value("SELECT count(*) FROM users_session WHERE acting_staff_id IS NOT NULL") == 0


async def test_it_takes_the_permission_and_a_person(client, verified):
    await verified()
    path = f"/api/admin/customers/{await account_id()}/act-as"
    assert (await client.as_staff("users.read", "users.write").post(path)).status == 403
    assert (await client.as_api_key("users.act_as").post(path)).status == 403
    assert (await client.as_customer().post(path)).status == 403


async def test_staff_see_for_whom_they_act_and_until_when(acting, clock):
    _, staff, as_ana, _ = await acting()
    shown = (await staff.get("/api/users/me")).json["acting_for"]
    until = shown[0].pop("expires_at")
    assert shown == [{"customer_id": str(await account_id()), "email": "ana@example.org", "name": "Ana"}]
    assert until.startswith((clock.at + timedelta(minutes=15)).strftime("%Y-%m-%dT%H:%M:%S"))
    assert (await as_ana.get("/api/users/me")).json["acting_for"] == []
    await staff.post(f"/api/admin/customers/{await account_id()}/act-as")
    assert len((await staff.get("/api/users/me")).json["acting_for"]) == 1
    clock.move(minutes=15)
    assert (await staff.get("/api/users/me")).status == 401


async def test_staff_end_it_and_what_others_opened_stays(acting, client, login):
    _, staff, as_ana, _ = await acting()
    other = client.signed_in((await login(*OWNER)).json["access_token"])
    path = f"/api/admin/customers/{await account_id()}/act-as"
    opened_by_other = await other.post(path)
    assert (await staff.delete(path)).status == 204
    assert (await as_ana.get("/api/users/me")).status == 401
    assert (await staff.get("/api/users/me")).json["acting_for"] == []
    still = client.signed_in(opened_by_other.json["access_token"])
    assert (await still.get("/api/users/me")).status == 200
    assert (await staff.delete(path)).status == 204
    for nobody in ("01936f2e-7c1a-7000-8000-00000000dead", "nobody"):
        assert (await staff.delete(f"/api/admin/customers/{nobody}/act-as")).code == "not_found"
    ended = "SELECT count(*) FROM core_audit WHERE action = 'customer.acting_ended'"
    assert await db.fetch_value(ended) == 1
    assert (await client.as_api_key("users.act_as").delete(path)).status == 403
    assert (await client.as_staff("users.write").delete(path)).status == 403
