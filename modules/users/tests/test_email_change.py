from __future__ import annotations

import asyncio

import pytest

from feria_core import db
from feria_core.testing.work import run_jobs
from feria_users.domain import parse_email

PASSWORD = "correct horse battery"
OLD, NEW = "ana@example.org", "Ana@New.example"


@pytest.fixture
def ask(client):
    async def post(who, email=NEW, password=PASSWORD):
        return await who.client.post("/api/users/me/email", {"email": email, "password": password})

    return post


@pytest.fixture
def confirm(client):
    async def post(token):
        return await client.post("/api/auth/confirm-email", {"token": token})

    return post


async def test_the_new_address_counts_once_its_link_is_opened(signed_in, ask, confirm, mails, token_in, login):
    ana = await signed_in(OLD)
    assert (await ask(ana)).status == 202
    link = (await mails())[-1]
    assert link["to"] == "Ana@new.example"
    assert (await ana.client.get("/api/users/me")).json["email"] == OLD
    assert (await confirm(token_in(link))).status == 204
    assert (await ana.client.get("/api/users/me")).json["email"] == NEW
    told = (await mails())[-1]
    assert (told["to"], told["subject"]) == (OLD, "Feria: your e-mail address was changed")
    assert "shop@" in told["text"]
    assert (await login(OLD)).code == "invalid_credentials"
    assert (await login(NEW)).status == 200
    assert (await confirm(token_in(link))).code == "invalid_token"


async def test_a_wrong_password_and_a_guest_change_nothing(signed_in, ask, client, mails):
    ana = await signed_in()
    before = len(await mails())
    assert (await ask(ana, password="a wrong one here")).code == "invalid_credentials"
    assert (await ask(ana, email="no address")).json["errors"][0]["code"] == "invalid_email"
    assert (await client.post("/api/users/me/email", {"email": NEW, "password": PASSWORD})).status == 401
    assert len(await mails()) == before


async def test_an_address_with_an_account_is_told_and_the_answer_is_the_same(signed_in, ask, verified, mails):
    await verified("bea@example.org")
    ana = await signed_in()
    free, taken = await ask(ana, "free@example.org"), await ask(ana, "BEA@example.org")
    assert (free.status, free.body) == (taken.status, taken.body)
    told = (await mails())[-1]
    assert (told["to"], told["subject"]) == ("bea@example.org", "Feria: this address has an account already")
    assert "token=" not in told["text"]


async def test_who_registers_a_strangers_address_does_not_keep_him_from_it(
    signed_in, ask, confirm, register, mails, token_in, login
):
    await register("ana@new.example", "the squatter's words")
    squatted = token_in((await mails())[-1])
    ana = await signed_in()
    await ask(ana)
    assert (await confirm(token_in((await mails())[-1]))).status == 204
    assert await db.fetch_value("SELECT count(*) FROM users_account") == 1
    assert (await confirm(squatted)).code == "invalid_token"
    assert (await login(NEW)).status == 200


async def test_the_first_to_show_an_address_keeps_it(signed_in, ask, confirm, mails, token_in, login):
    ana, bea = await signed_in("ana@example.org"), await signed_in("bea@example.org")
    tokens = []
    for who in (ana, bea):
        await ask(who, "both@example.org")
        tokens.append(token_in((await mails())[-1]))
    answers = await asyncio.gather(*(confirm(token) for token in tokens))
    assert sorted((answer.status, answer.code) for answer in answers) == [(204, None), (409, "email_taken")]
    rows = await db.fetch_all("SELECT email FROM users_account ORDER BY email")
    assert "both@example.org" in [row["email"] for row in rows]
    assert len(rows) == 2


async def test_twins_of_one_link_use_it_once(signed_in, ask, confirm, mails, token_in):
    ana = await signed_in()
    await ask(ana)
    token = token_in((await mails())[-1])
    answers = await asyncio.gather(*(confirm(token) for _ in range(5)))
    assert sorted(answer.status for answer in answers) == [204, 400, 400, 400, 400]
    assert await db.fetch_value("SELECT count(*) FROM users_past_email") == 1


async def test_a_link_is_good_for_its_purpose_only(client, signed_in, ask, confirm, register, mails, token_in):
    ana = await signed_in()
    await ask(ana)
    change = token_in((await mails())[-1])
    await client.post("/api/auth/password/forgot", {"email": OLD})
    reset = token_in((await mails())[-1])
    await register("bea@example.org")
    verify = token_in((await mails())[-1])
    assert [(await confirm(token)).code for token in (reset, verify)] == ["invalid_token"] * 2
    body = {"token": change, "password": "another walnut desk"}
    assert (await client.post("/api/auth/password/reset", body)).code == "invalid_token"
    assert (await client.post("/api/auth/verify-email", {"token": change})).code == "invalid_token"
    assert (await confirm(change)).status == 204


async def test_a_change_voids_every_earlier_link_and_a_new_password_every_change(
    client, signed_in, ask, confirm, mails, token_in
):
    ana = await signed_in()
    await client.post("/api/auth/password/forgot", {"email": OLD})
    reset = token_in((await mails())[-1])
    await ask(ana, "first@example.org")
    first = token_in((await mails())[-1])
    await ask(ana, "second@example.org")
    second = token_in((await mails())[-1])
    assert (await confirm(first)).code == "invalid_token"
    assert (await confirm(second)).status == 204
    body = {"token": reset, "password": "another walnut desk"}
    assert (await client.post("/api/auth/password/reset", body)).code == "invalid_token"
    await ask(ana, "third@example.org")
    third = token_in((await mails())[-1])
    change = {"current_password": PASSWORD, "new_password": "another walnut desk"}
    assert (await ana.client.put("/api/users/me/password", change)).status == 204
    assert (await confirm(third)).code == "invalid_token"


async def test_a_link_expires(signed_in, ask, confirm, mails, token_in, clock):
    ana = await signed_in()
    await ask(ana)
    token = token_in((await mails())[-1])
    clock.move(seconds=48 * 3600 + 1)
    assert (await confirm(token)).code == "invalid_token"


async def test_nobody_is_mailed_without_end(signed_in, ask, mails):
    ana = await signed_in()
    before = len(await mails())
    for number in range(8):
        assert (await ask(ana, f"somebody-{number}@example.org")).status == 202
    assert len(await mails()) == before + 5


async def test_a_change_of_staff_stands_in_the_audit_log_without_the_address(client, mails, token_in, ask, confirm):
    from feria_users.service.staff import create_staff

    await create_staff(email=OLD, password=PASSWORD)
    tokens = (await client.post("/api/auth/login", {"email": OLD, "password": PASSWORD})).json
    owner = client.signed_in(tokens["access_token"])
    await owner.post("/api/users/me/email", {"email": NEW, "password": PASSWORD})
    assert (await confirm(token_in((await mails())[-1]))).status == 204
    row = await db.fetch_one("SELECT after::text FROM core_audit WHERE action = 'staff.email_changed'")
    assert row is not None
    assert row["after"] == '{"fields": ["email"]}'


async def test_the_event_carries_the_form_that_is_compared(signed_in, ask, confirm, mails, token_in):
    ana = await signed_in()
    await ask(ana)
    token = token_in((await mails())[-1])
    await confirm(token)
    payload = await db.fetch_value(
        "SELECT payload::text FROM core_outbox WHERE name = 'users.email_verified' ORDER BY id DESC LIMIT 1"
    )
    address = parse_email(NEW)
    assert address is not None
    assert f'"email": "{NEW}"' in payload
    assert f'"email_normalized": "{address.normalized}"' in payload
    await run_jobs()
