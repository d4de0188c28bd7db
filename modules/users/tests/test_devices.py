from __future__ import annotations

import asyncio

import pytest

from feria_core import db
from feria_users import jobs
from feria_users.service.devices import device_name

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:141.0) Gecko/20100101 Firefox/141.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.5 Mobile/15E148 Safari/604.1"
)
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko)"
    " Chrome/138.0.0.0 Safari/537.36 Edg/138.0.0.0"
)


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        (FIREFOX, "Firefox on Linux"), (IPHONE, "Safari on iPhone"), (EDGE, "Edge on Windows"),
        ("curl/8.5.0", "curl"), ("Shop App 3", "Shop App 3"), ("", None), (None, None), ("\U0001f600", None),
        ("http://evil.example/", "http"), ("x" * 300, "x" * 40),
    ],
)  # fmt: skip
def test_a_device_has_a_name_for_people(user_agent, name):
    assert device_name(user_agent) == name


async def device_mails(mails):
    return [mail for mail in await mails() if "new device" in mail["subject"] or "nuevo" in mail["subject"]]


async def test_a_login_from_a_fresh_device_is_told_and_the_very_first_is_not(verified, login, mails, clock):
    await verified()
    await login(**{"User-Agent": FIREFOX})
    assert await device_mails(mails) == []
    await login(**{"User-Agent": FIREFOX})
    await login(**{"User-Agent": FIREFOX.replace("141.0", "142.0")})
    assert await device_mails(mails) == []
    await login(password="a wrong password", **{"User-Agent": IPHONE})
    assert await device_mails(mails) == []
    await login(**{"User-Agent": IPHONE})
    [mail] = await device_mails(mails)
    assert mail["to"] == "ana@example.org"
    assert "Safari on iPhone" in mail["text"]
    assert f"{clock.at:%Y-%m-%d %H:%M} UTC" in mail["text"]
    assert "http://localhost:8000/account/sessions" in mail["text"]
    await login(**{"User-Agent": IPHONE})
    assert len(await device_mails(mails)) == 1


async def test_it_is_told_in_the_persons_language(verified, login, mails):
    await verified()
    await db.execute("UPDATE users_account SET locale = 'es'")
    await login(**{"User-Agent": FIREFOX})
    await login(**{"User-Agent": IPHONE})
    [mail] = await device_mails(mails)
    assert "dispositivo nuevo" in mail["subject"]


async def test_what_a_stranger_calls_his_device_becomes_no_link(verified, login, mails):
    await verified()
    await login(**{"User-Agent": FIREFOX})
    await login(**{"User-Agent": "See https://evil.example/now <b>"})
    [mail] = await device_mails(mails)
    assert "evil" not in mail["text"] + mail["html"]


async def test_there_are_no_more_than_some_an_hour(verified, login, mails):
    await verified()
    for name in "abcdefghijkl":
        assert (await login(**{"User-Agent": f"client {name}"})).status == 200
    assert len(await device_mails(mails)) == 5


async def test_of_two_parallel_first_logins_one_is_told(verified, login, mails):
    await verified()
    await asyncio.gather(login(**{"User-Agent": FIREFOX}), login(**{"User-Agent": IPHONE}))
    assert len(await device_mails(mails)) == 1


async def test_a_login_that_opens_nothing_leaves_no_device(verified, login, monkeypatch):
    await verified()

    async def slow(stored, password):
        await db.execute("UPDATE users_account SET password_hash = 'changed meanwhile'")
        return True

    monkeypatch.setattr("feria_users.service.sessions.verify_password", slow)
    assert (await login()).status == 401
    assert await db.fetch_value("SELECT count(*) FROM users_device") == 0
    assert await db.fetch_value("SELECT count(*) FROM users_known_pair") == 0


async def test_the_list_of_sessions_names_devices(verified, login, client):
    await verified()
    await login(**{"User-Agent": FIREFOX})
    token = (await login(**{"User-Agent": IPHONE})).json["access_token"]
    items = (await client.signed_in(token).get("/api/users/me/sessions")).json["items"]
    assert [(item["device"], item["current"]) for item in items] == [
        ("Safari on iPhone", True), ("Firefox on Linux", False),
    ]  # fmt: skip
    assert all(item["created_at"] and item["last_used_at"] for item in items)


async def test_devices_that_were_not_used_for_long_are_forgotten(verified, login, clock):
    await verified()
    await login()
    clock.move(days=401)
    await jobs.sweep(None)
    assert await db.fetch_value("SELECT count(*) FROM users_device") == 0


async def test_the_welcome_comes_once_after_the_verification(register, mails, token_in, client, login):
    await register()
    [link] = await mails()
    await client.post("/api/auth/verify-email", {"token": token_in(link)})
    assert ["ready" in mail["text"] for mail in await mails()] == [False, True]
    await client.post("/api/auth/password/forgot", {"email": "ana@example.org"})
    body = {"token": token_in((await mails())[-1]), "password": "four other plain words"}
    assert (await client.post("/api/auth/password/reset", body)).status == 204
    assert sum("account at Feria is ready" in mail["text"] for mail in await mails()) == 1
