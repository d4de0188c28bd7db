from __future__ import annotations

import asyncio

import pytest

from feria_core import db


@pytest.fixture
def forgot(client):
    async def post(email="ana@example.org", **headers):
        return await client.post("/api/auth/password/forgot", {"email": email}, headers=headers)

    return post


@pytest.fixture
def reset(client):
    async def post(token, password="a fresh password"):
        return await client.post("/api/auth/password/reset", {"token": token, "password": password})

    return post


def comparable(reply):
    headers = {k: v for k, v in reply.headers.items() if k not in ("x-request-id", "date")}
    return reply.status, headers, reply.body


async def test_a_forgotten_password_is_reset_and_every_session_ends(
    client, signed_in, login, forgot, reset, mails, token_in
):
    ana = await signed_in()
    assert (await forgot()).status == 202
    mail = (await mails())[-1]
    assert "/reset-password?token=" in mail["text"]
    assert (await reset(token_in(mail))).status == 204
    assert (await ana.client.get("/api/users/me")).status == 401
    refused = await client.post("/api/auth/refresh", {"refresh_token": ana.refresh_token})
    assert refused.status == 401
    assert (await login()).status == 401
    assert (await login(password="a fresh password")).status == 200
    assert "was changed" in (await mails())[-1]["subject"]


async def test_known_unknown_and_disabled_addresses_get_one_answer(verified, forgot, mails):
    await verified("ana@example.org")
    await verified("dan@example.org")
    await db.execute("UPDATE users_account SET status = 'disabled' WHERE email = 'dan@example.org'")
    before = len(await mails())
    answers = [await forgot(email) for email in ("ana@example.org", "nobody@example.org", "dan@example.org")]
    assert len({repr(comparable(answer)) for answer in answers}) == 1
    assert len(await mails()) == before + 1


async def test_known_and_unknown_addresses_cause_the_same_writes(verified, forgot):
    await verified()
    jobs = "SELECT count(*) FROM core_job WHERE name = 'users.send_password_reset' AND state = 'queued'"
    await forgot("ana@example.org")
    assert await db.fetch_value(jobs) == 1
    await forgot("nobody@example.org")
    assert await db.fetch_value(jobs) == 2


async def test_a_reset_link_works_once_even_for_twenty_at_a_time(verified, forgot, reset, mails, token_in, login):
    await verified()
    await forgot()
    token = token_in((await mails())[-1])
    answers = await asyncio.gather(*(reset(token, f"a fresh password {n}") for n in range(20)))
    assert sorted(answer.status for answer in answers) == [204] + [400] * 19
    winner = [answer.status for answer in answers].index(204)
    assert (await login(password=f"a fresh password {winner}")).status == 200
    assert (await reset(token)).code == "invalid_token"


async def test_a_used_link_voids_the_others(verified, forgot, reset, mails, token_in):
    await verified()
    await forgot()
    await forgot()
    first, second = [token_in(mail) for mail in (await mails())[-2:]]
    assert (await reset(second)).status == 204
    assert (await reset(first)).status == 400


async def test_a_changed_password_voids_the_links(signed_in, forgot, reset, mails, token_in):
    ana = await signed_in()
    await forgot()
    token = token_in((await mails())[-1])
    body = {"current_password": ana.password, "new_password": "a fresh password"}
    assert (await ana.client.put("/api/users/me/password", body)).status == 204
    assert (await reset(token, "yet another one")).status == 400


async def test_links_expire_and_serve_one_purpose_and_one_address(
    client, verified, register, forgot, reset, mails, token_in, clock
):
    await verified("ana@example.org")
    await register("bob@example.org")
    verify = token_in((await mails())[-1])
    await forgot()
    token = token_in((await mails())[-1])
    assert (await reset(verify)).status == 400
    assert (await client.post("/api/auth/verify-email", {"token": token})).status == 400
    await db.execute("UPDATE users_account SET email_normalized = 'new@example.org' WHERE email = 'ana@example.org'")
    assert (await reset(token)).status == 400
    await db.execute("UPDATE users_account SET email_normalized = 'ana@example.org' WHERE email = 'ana@example.org'")
    clock.move(minutes=61)
    assert (await reset(token)).status == 400
    for garbage in ("x", "\U0001f600", "' OR 1=1 --"):
        assert (await reset(garbage)).status == 400


async def test_a_refused_password_leaves_the_link_good(verified, forgot, reset, mails, token_in):
    await verified()
    await forgot()
    token = token_in((await mails())[-1])
    for password in ("password123", "ana@example.org", "short"):
        assert (await reset(token, password)).status == 422
    assert (await reset(token)).status == 204


async def test_a_reset_also_shows_whose_address_it_is(register, forgot, reset, mails, token_in, login, client):
    await register(password="password of a stranger")
    verify = token_in((await mails())[-1])
    await forgot()
    assert (await reset(token_in((await mails())[-1]))).status == 204
    assert (await login(password="a fresh password")).status == 200
    assert (await client.post("/api/auth/verify-email", {"token": verify})).status == 400


async def test_more_than_five_requests_an_hour_are_silently_dropped(verified, forgot, mails):
    await verified()
    before = len(await mails())
    assert {(await forgot()).status for _ in range(8)} == {202}
    assert len(await mails()) == before + 5


async def test_changing_the_password_ends_every_session_and_is_announced(client, signed_in, login, mails):
    ana = await signed_in()
    other = (await login()).json
    body = {"current_password": ana.password, "new_password": "a fresh password"}
    assert (await ana.client.put("/api/users/me/password", body)).status == 204
    for token in (ana.access_token, other["access_token"]):
        assert (await client.signed_in(token).get("/api/users/me")).status == 401
    for token in (ana.refresh_token, other["refresh_token"]):
        assert (await client.post("/api/auth/refresh", {"refresh_token": token})).status == 401
    assert (await login()).status == 401
    assert (await login(password="a fresh password")).status == 200
    assert "was changed" in (await mails())[-1]["subject"]


async def test_changing_needs_the_current_password_and_is_limited(signed_in):
    ana = await signed_in()
    body = {"current_password": "a wrong password", "new_password": "a fresh password"}
    statuses = [(await ana.client.put("/api/users/me/password", body)).status for _ in range(22)]
    assert statuses == [401] * 20 + [429] * 2
    assert (await ana.client.get("/api/users/me")).status == 200


async def test_a_new_password_follows_the_rules(signed_in):
    ana = await signed_in()
    for new in ("password123", ana.email, "short"):
        answer = await ana.client.put("/api/users/me/password", {"current_password": ana.password, "new_password": new})
        assert answer.status == 422
        assert answer.json["errors"][0]["loc"] == ["body", "new_password"]


async def test_two_changes_at_once_leave_one_password(signed_in, login):
    ana = await signed_in()
    answers = await asyncio.gather(
        *(
            ana.client.put(
                "/api/users/me/password", {"current_password": ana.password, "new_password": f"fresh password {n}"}
            )
            for n in range(6)
        )
    )
    assert sorted(answer.status for answer in answers) == [204] + [401] * 5
    winner = [answer.status for answer in answers].index(204)
    assert (await login(password=f"fresh password {winner}")).status == 200
