from __future__ import annotations

from uuid import uuid4

import orjson
import pytest

from feria_core import db
from feria_core.contracts.users import PEOPLE
from feria_core.runtime import registry
from feria_users.service.staff import create_staff


@pytest.fixture
def reader(client):
    return client.as_staff("users.read")


@pytest.fixture
def writer(client):
    return client.as_staff("users.read", "users.write")


async def account_id(email="ana@example.org"):
    return await db.fetch_value("SELECT id FROM users_account WHERE email_normalized = $1", email)


async def found(client, query=""):
    answer = await client.get(f"/api/admin/customers{query}")
    assert answer.status == 200, answer.json
    return [item["email"] for item in answer.json["items"]]


async def audited(action):
    rows = await db.fetch_all(
        "SELECT actor_kind, before::text AS before, after::text AS after FROM core_audit WHERE action = $1", action
    )
    return [(row["actor_kind"], orjson.loads(row["before"]), orjson.loads(row["after"])) for row in rows]


async def test_customers_are_found_by_the_beginning_of_address_and_name(client, reader, verified):
    for email in ("ana@example.org", "bea_m@example.org", "beaxm@example.org"):
        await verified(email)
    await db.execute("UPDATE users_account SET name = 'José Ramírez' WHERE email = 'ana@example.org'")
    assert await found(reader) == ["beaxm@example.org", "bea_m@example.org", "ana@example.org"]
    assert await found(reader, "?q=BEA") == ["beaxm@example.org", "bea_m@example.org"]
    assert await found(reader, "?q=bea_") == ["bea_m@example.org"]
    assert await found(reader, "?q=%25") == []
    assert await found(reader, "?q=ram%C3%ADrez%20jos") == ["ana@example.org"]
    assert await found(reader, "?q=nobody") == []


@pytest.mark.parametrize("text", ["'", "!!", ":*", "a:*b", "a%26%7C(", "%5C", "%F0%9F%98%80", "%C2%B2", "__"])
async def test_no_text_breaks_the_search(reader, text):
    assert await found(reader, f"?q={text}") == []


async def test_the_list_goes_on_where_the_page_before_ended(client, reader, verified):
    for number in range(3):
        await verified(f"c{number}@example.org")
    first = (await reader.get("/api/admin/customers?limit=2")).json
    rest = (await reader.get(f"/api/admin/customers?limit=2&cursor={first['next_cursor']}")).json
    assert [item["email"] for item in first["items"] + rest["items"]] == [f"c{n}@example.org" for n in (2, 1, 0)]
    assert rest["next_cursor"] is None
    assert (await reader.get("/api/admin/customers?cursor=WzFd")).status == 400


async def test_a_group_is_set_taken_away_and_told_to_other_modules(writer, verified):
    await verified()
    ana = await account_id()
    changed = await writer.patch(f"/api/admin/customers/{ana}", {"group": "wholesale"})
    assert (changed.status, changed.json["group"], changed.json["status"]) == (200, "wholesale", "active")
    assert (await registry().get(PEOPLE).person(ana)).group == "wholesale"
    assert await found(writer, "?group=wholesale") == ["ana@example.org"]
    assert await found(writer, "?group=other") == []
    assert (await writer.patch(f"/api/admin/customers/{ana}", {})).json["group"] == "wholesale"
    assert (await writer.patch(f"/api/admin/customers/{ana}", {"group": None})).json["group"] is None
    assert (await registry().get(PEOPLE).person(ana)).group is None
    assert (await audited("customer.changed"))[0] == (
        "staff", {"group": None, "status": "active"}, {"group": "wholesale", "status": "active"},
    )  # fmt: skip


async def test_a_disabled_customer_is_out_at_once_and_comes_back_when_enabled(writer, signed_in, login, client):
    ana = await signed_in()
    path = f"/api/admin/customers/{await account_id()}"
    assert (await writer.patch(path, {"status": "disabled"})).json["status"] == "disabled"
    assert (await ana.client.get("/api/users/me")).status == 401
    assert (await client.post("/api/auth/refresh", {"refresh_token": ana.refresh_token})).status == 401
    assert (await login()).code == "invalid_credentials"
    assert await found(writer, "?status=disabled") == ["ana@example.org"]
    assert (await writer.patch(path, {"status": "active"})).json["status"] == "active"
    assert (await ana.client.get("/api/users/me")).status == 401
    assert (await login()).status == 200


async def test_staff_are_not_disabled_as_customers(writer, database):
    await create_staff(email="owner@example.org", password="the first owner of it")
    path = f"/api/admin/customers/{await account_id('owner@example.org')}"
    assert (await writer.patch(path, {"status": "disabled"})).code == "staff_account"
    assert (await writer.patch(path, {"group": "friends", "status": "disabled"})).code == "staff_account"
    shown = (await writer.get(path)).json
    assert (shown["is_staff"], shown["status"], shown["group"]) == (True, "active", None)
    assert (await writer.patch(path, {"group": "friends"})).status == 200


async def test_who_may_see_may_not_change_and_others_may_neither(client, reader, verified):
    await verified()
    path = f"/api/admin/customers/{await account_id()}"
    assert (await reader.get(path)).json["email"] == "ana@example.org"
    assert (await reader.patch(path, {"group": "x"})).status == 403
    assert (await client.as_customer().get(path)).status == 403
    assert (await client.get("/api/admin/customers")).status == 401
    assert (await client.as_api_key("users.read").get(path)).status == 200


async def test_erased_and_unknown_customers_are_missing(writer, signed_in):
    ana = await signed_in()
    path = f"/api/admin/customers/{await account_id()}"
    await writer.patch(path, {"group": "wholesale"})
    assert (await ana.client.delete("/api/users/me")).status == 204
    for missing in (path, f"/api/admin/customers/{uuid4()}", "/api/admin/customers/nobody"):
        assert (await writer.get(missing)).status == 404
        assert (await writer.patch(missing, {"group": "x"})).status == 404
    assert await db.fetch_value("SELECT customer_group FROM users_account") is None
    assert await found(writer) == []


@pytest.mark.parametrize(
    "body", [{"group": ""}, {"group": "x" * 101}, {"group": "a\x00"}, {"status": "erased"}, {"name": "x"}]
)
async def test_what_is_no_change_is_refused(writer, verified, body):
    await verified()
    assert (await writer.patch(f"/api/admin/customers/{await account_id()}", body)).code == "validation_failed"
