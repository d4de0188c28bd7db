from __future__ import annotations

from feria_core import db
from feria_core.contracts.users import PEOPLE
from feria_core.ids import new_id
from feria_core.runtime import registry


async def test_a_profile_is_read_and_changed(signed_in):
    ana = await signed_in("Ana@example.org")
    me = (await ana.client.get("/api/users/me")).json
    assert {k: me[k] for k in ("email", "name", "locale", "email_verified", "kind", "permissions")} == {
        "email": "Ana@example.org", "name": "Ana", "locale": "en", "email_verified": True, "kind": "customer",
        "permissions": [],
    }  # fmt: skip
    changed = await ana.client.patch("/api/users/me", {"name": " Ana Castro ", "locale": "es"})
    assert (changed.json["name"], changed.json["locale"]) == ("Ana Castro", "es")
    assert (await ana.client.patch("/api/users/me", {})).json["name"] == "Ana Castro"


async def test_nobody_changes_more_than_offered(signed_in):
    ana = await signed_in()
    for body in ({"email": "x@example.org"}, {"permissions": ["*"]}, {"locale": "xx"}, {"name": ""}, {"name": 1}):
        assert (await ana.client.patch("/api/users/me", body)).status == 422


async def test_everything_of_ones_own_needs_a_sign_in(client):
    calls = (
        ("GET", "/api/users/me"), ("PATCH", "/api/users/me"), ("DELETE", "/api/users/me"),
        ("PUT", "/api/users/me/password"), ("GET", "/api/users/me/sessions"),
        ("DELETE", f"/api/users/me/sessions/{new_id()}"),
    )  # fmt: skip
    for method, path in calls:
        assert (await client.call(method, path, json={})).status == 401


async def test_an_erased_account_is_nobodys(client, signed_in, login, register, mails, token_in):
    ana = await signed_in()
    user_id = await db.fetch_value("SELECT id FROM users_account")
    assert (await ana.client.delete("/api/users/me")).status == 204
    assert (await ana.client.get("/api/users/me")).status == 401
    assert (await client.post("/api/auth/refresh", {"refresh_token": ana.refresh_token})).status == 401
    assert (await login()).status == 401
    assert (await registry().get(PEOPLE).person(user_id)) is None
    for table in ("account", "session", "refresh_token", "one_time_token"):
        dump = await db.fetch_value(f"SELECT coalesce(string_agg(to_jsonb(t)::text, ''), '') FROM users_{table} t")
        assert "ana" not in dump.lower(), table
    assert await db.fetch_value("SELECT count(*) FROM users_account WHERE id = $1", user_id) == 1
    await register()
    assert (await client.post("/api/auth/verify-email", {"token": token_in((await mails())[-1])})).status == 204
    assert (await login()).status == 200


async def test_other_modules_learn_the_little_they_may_know(signed_in):
    await signed_in()
    user_id = await db.fetch_value("SELECT id FROM users_account")
    person = await registry().get(PEOPLE).person(user_id)
    assert person is not None
    assert (person.email, person.name, person.locale, person.is_email_verified) == (
        "ana@example.org",
        "Ana",
        "en",
        True,
    )
    assert await registry().get(PEOPLE).person(new_id()) is None
