from __future__ import annotations

import asyncio

import pytest

from feria_core import db
from feria_core.runtime import current
from feria_core.testing.work import run_jobs


def comparable(reply):
    headers = {k: v for k, v in reply.headers.items() if k not in ("x-request-id", "date")}
    body = {k: v for k, v in reply.json.items() if k != "instance"}
    return reply.status, headers, body


async def test_registering_mails_a_link_that_makes_signing_in_possible(client, register, login, mails, token_in):
    assert (await register()).status == 202
    refused = await login()
    assert (refused.status, refused.code) == (403, "email_not_verified")
    [mail] = await mails()
    assert mail["to"] == "ana@example.org"
    assert "/verify-email?token=" in mail["text"]
    assert (await client.post("/api/auth/verify-email", {"token": token_in(mail)})).status == 204
    answer = await login()
    assert answer.status == 200
    assert set(answer.json) == {"access_token", "token_type", "expires_in", "refresh_token"}
    assert (answer.json["token_type"], answer.json["expires_in"]) == ("Bearer", 900)


async def test_a_known_address_gets_the_same_answer_and_another_mail(verified, register, login, mails):
    fresh = await register("bob@example.org")
    await verified("ana@example.org")
    known = await register("ANA@example.org", "another fine password")
    assert comparable(known) == comparable(fresh)
    mail = (await mails())[-1]
    assert mail["to"] == "ana@example.org"
    assert "?token=" not in mail["text"]
    assert "already" in mail["text"]
    assert (await login()).status == 200
    assert (await login(password="another fine password")).status == 401


async def test_twenty_parallel_registrations_make_one_account(register, verified, client, login, mails, token_in):
    answers = await asyncio.gather(*(register("Ana@Example.org" if n % 2 else "ana@example.org") for n in range(20)))
    assert {answer.status for answer in answers} == {202}
    assert await db.fetch_value("SELECT count(*) FROM users_account") == 1
    sent = await mails()
    assert 1 <= len(sent) <= 5
    assert (await client.post("/api/auth/verify-email", {"token": token_in(sent[0])})).status == 204
    assert (await login()).status == 200


async def test_a_link_opens_once_even_for_twenty_at_a_time(client, register, mails, token_in):
    await register()
    token = token_in((await mails())[0])
    answers = await asyncio.gather(*(client.post("/api/auth/verify-email", {"token": token}) for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [204] + [400] * 19
    assert {answer.code for answer in answers} == {None, "invalid_token"}


async def test_a_link_expires(client, clock, register, mails, token_in):
    await register()
    token = token_in((await mails())[0])
    clock.move(hours=49)
    assert (await client.post("/api/auth/verify-email", {"token": token})).code == "invalid_token"


async def test_who_registers_an_address_first_does_not_get_in_with_its_owners_link(
    client, register, login, mails, token_in
):
    await register(password="password of a stranger", name="Mallory")
    await register(password="password of the owner", name="Ana")
    await register(password="password of a stranger", name="Mallory")
    links = [token_in(mail) for mail in await mails()]
    owners = links[1]
    assert (await client.post("/api/auth/verify-email", {"token": owners})).status == 204
    assert (await login(password="password of a stranger")).status == 401
    answer = await login(password="password of the owner")
    assert answer.status == 200
    assert (await client.signed_in(answer.json["access_token"]).get("/api/users/me")).json["name"] == "Ana"
    for link in links:
        assert (await client.post("/api/auth/verify-email", {"token": link})).status == 400


async def test_verifying_is_announced_once(client, register, mails, token_in, monkeypatch):
    monkeypatch.setitem(current().subscriptions, "users.email_verified", ())
    await register()
    await client.post("/api/auth/verify-email", {"token": token_in((await mails())[0])})
    rows = await db.fetch_all("SELECT payload->>'email' AS email FROM core_outbox WHERE name = 'users.email_verified'")
    assert [row["email"] for row in rows] == ["ana@example.org"]


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "Forwarded"])
async def test_no_header_of_a_request_reaches_a_mail(client, register, mails, header):
    value = "host=evil.example" if header == "Forwarded" else "evil.example"
    await register(**{header: value})
    await client.post("/api/auth/password/forgot", {"email": "ana@example.org"}, headers={header: value})
    sent = await mails()
    assert len(sent) == 2
    for mail in sent:
        assert "evil.example" not in mail["text"] + mail["html"] + str(mail["headers"])
        assert "http://localhost:8000/" in mail["text"]


async def test_mails_speak_the_language_of_who_registered(register, mails):
    await register(**{"Accept-Language": "es-CR,es;q=0.9"})
    [mail] = await mails()
    assert "confirme su correo" in mail["subject"]
    assert "Confirmar la dirección" in mail["html"]


@pytest.mark.parametrize("email", ["p\u0430ypal@example.org", "ana@b\u00fccher.example", "\uff41na@example.org"])
async def test_every_address_is_mailed(client, register, mails, token_in, login, email):
    await register(email)
    token = token_in((await mails())[0])
    assert (await client.post("/api/auth/verify-email", {"token": token})).status == 204
    assert (await login(email)).status == 200


async def test_one_address_gets_five_mails_an_hour(register, mails, clock):
    for _ in range(8):
        assert (await register()).status == 202
    assert len(await mails()) == 5
    clock.move(hours=1, seconds=1)
    await register()
    assert len(await mails()) == 6


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "nobody"}, "email"), ({"email": 1}, "email"), ({"password": "short"}, "password"),
        ({"password": "x" * 257}, "password"), ({"password": "password123"}, "password"),
        ({"password": "ana@example.org"}, "password"), ({"name": ""}, "name"), ({"name": "a\nb"}, "name"),
        ({"name": "x" * 201}, "name"), ({"is_admin": True}, "is_admin"),
    ],
)  # fmt: skip
async def test_what_does_not_fit_is_named(client, database, change, field):
    body = {"email": "ana@example.org", "password": "correct horse battery", "name": "Ana", **change}
    answer = await client.post("/api/auth/register", body)
    assert answer.status == 422
    assert answer.json["errors"][0]["loc"] == ["body", field]


async def test_passwords_are_neither_trimmed_nor_cut(verified, login):
    password = "  " + "ñ" * 252 + " x"
    await verified(password=password)
    assert (await login(password=password)).status == 200
    assert (await login(password=password.strip())).status == 401
    assert (await login(password=password[:-1])).status == 401


async def test_a_password_is_the_same_from_every_keyboard(verified, login):
    await verified(password="contrase\u00f1a de Ana")
    assert (await login(password="contrasen\u0303a de Ana")).status == 200


async def test_nothing_secret_is_stored_in_clear(register, mails, token_in):
    await register()
    token = token_in((await mails())[0])
    await run_jobs()
    for table in ("users_account", "users_one_time_token", "core_job", "core_mail"):
        rows = await db.fetch_all(f"SELECT to_jsonb(t)::text AS row FROM {table} t")
        assert rows
        assert not any(token in row["row"] or "correct horse" in row["row"] for row in rows), table
