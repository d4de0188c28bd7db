"""A guesser with many addresses: the account rests longer and longer, its owner comes in nevertheless."""

from __future__ import annotations

import asyncio
import itertools

import pytest

from feria_core import db
from feria_core.runtime import settings
from feria_users import jobs
from feria_users.service import guards, hash_work, hashing
from feria_users.settings import UsersSettings


@pytest.fixture(autouse=True)
def cheap_hashes(monkeypatch):
    """Hundreds of logins, none of which is about the cost of a hash."""
    monkeypatch.setattr(hashing, "_COST", (1, 8, 1))
    monkeypatch.setattr(hashing, "_DUMMY", hash_work.hashed("nobody's", cost=hashing._COST))


@pytest.fixture
def elsewhere(monkeypatch, login):
    """Log in from an address that nobody had before, or from a given one."""
    fresh = (f"198.{18 + n // 65536}.{n // 256 % 256}.{n % 256}" for n in itertools.count(1))
    own = guards.client_address

    async def attempt(email="ana@example.org", password="a wrong guess", *, address=None):
        task_address = address or next(fresh)
        monkeypatch.setattr(guards, "client_address", lambda: task_address)
        try:
            return await login(email, password)
        finally:
            monkeypatch.setattr(guards, "client_address", own)

    return attempt


def free():
    return settings(UsersSettings).account_failures


async def exhaust(elsewhere, email="ana@example.org"):
    for _ in range(free()):
        assert (await elsewhere(email)).status == 401


async def test_each_further_guess_makes_the_account_rest_twice_as_long(verified, elsewhere, clock):
    await verified()
    await exhaust(elsewhere)
    rests = []
    for _ in range(12):
        refused = await elsewhere()
        assert (refused.status, refused.code) == (429, "rate_limited")
        rests.append(int(refused.headers["retry-after"]))
        clock.move(seconds=rests[-1])
        assert (await elsewhere()).status == 401
    assert rests == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


async def test_knocking_meanwhile_makes_nothing_longer(verified, elsewhere, clock):
    await verified()
    await exhaust(elsewhere)
    for _ in range(20):
        assert (await elsewhere()).headers["retry-after"] == "1"
    clock.move(seconds=1)
    assert (await elsewhere(password="correct horse battery")).status == 200


async def test_the_owner_waits_fifteen_minutes_at_most(verified, elsewhere, clock):
    await verified()
    await exhaust(elsewhere)
    for _ in range(30):
        clock.move(seconds=int((await elsewhere()).headers["retry-after"]))
        await elsewhere()
    clock.move(minutes=15)
    assert (await elsewhere(password="correct horse battery")).status == 200
    # The right password ended the rest for everybody.
    assert (await elsewhere()).status == 401


async def test_an_address_that_signed_in_before_is_exempt(verified, elsewhere, clock):
    await verified()
    assert (await elsewhere(password="correct horse battery", address="203.0.113.7")).status == 200
    await exhaust(elsewhere)
    assert (await elsewhere()).status == 429
    assert (await elsewhere(password="correct horse battery", address="203.0.113.8")).status == 429
    assert (await elsewhere(password="correct horse battery", address="203.0.113.7")).status == 200
    # It bears the limit of its pair like any other.
    pair = settings(UsersSettings).login_failures_per_minute
    statuses = [(await elsewhere(address="203.0.113.7")).status for _ in range(pair + 1)]
    assert statuses == [401] * pair + [429]


async def test_an_address_of_one_account_is_not_exempt_at_another(verified, elsewhere):
    await verified()
    await verified("bea@example.org")
    assert (await elsewhere("bea@example.org", "correct horse battery", address="203.0.113.7")).status == 200
    await exhaust(elsewhere)
    assert (await elsewhere(address="203.0.113.7")).status == 429


async def test_a_reset_lets_the_owner_in_at_once_from_where_he_is(
    verified, elsewhere, client, mails, token_in, monkeypatch
):
    await verified()
    await exhaust(elsewhere)
    assert (await elsewhere(address="203.0.113.9")).status == 429
    await client.post("/api/auth/password/forgot", {"email": "ana@example.org"})
    token = token_in((await mails())[-1])
    monkeypatch.setattr(guards, "client_address", lambda: "203.0.113.9")
    body = {"token": token, "password": "four other plain words"}
    assert (await client.post("/api/auth/password/reset", body)).status == 204
    await exhaust(elsewhere)
    assert (await elsewhere()).status == 429
    assert (await elsewhere(password="four other plain words", address="203.0.113.9")).status == 200


def comparable(reply):
    headers = {k: v for k, v in reply.headers.items() if k not in ("x-request-id", "date")}
    return reply.status, headers, {k: v for k, v in reply.json.items() if k != "instance"}


async def test_unknown_and_disabled_addresses_are_answered_alike(verified, elsewhere, clock):
    await verified("ana@example.org")
    await verified("dan@example.org")
    await db.execute("UPDATE users_account SET status = 'disabled' WHERE email = 'dan@example.org'")
    for _ in range(free() + 3):
        answers = [await elsewhere(email) for email in ("ana@example.org", "dan@example.org", "nobody@example.org")]
        assert comparable(answers[0]) == comparable(answers[1]) == comparable(answers[2])
    assert answers[0].status == 429


async def test_of_fifty_parallel_guesses_no_more_than_allowed_are_tried(verified, login, clock, monkeypatch):
    await verified()
    numbers = itertools.count(1)
    monkeypatch.setattr(guards, "client_address", lambda: f"198.18.1.{next(numbers) % 250}")
    answers = await asyncio.gather(*(login(password=f"wrong guess {n}") for n in range(50)))
    statuses = [answer.status for answer in answers]
    assert (statuses.count(401), statuses.count(429)) == (free(), 50 - free())


async def test_waiting_does_not_bring_the_free_guesses_back_within_a_day(verified, elsewhere, clock):
    await verified()
    await exhaust(elsewhere)
    clock.move(hours=2)
    assert (await elsewhere()).status == 401
    assert (await elsewhere()).status == 429
    clock.move(hours=25)
    await exhaust(elsewhere)


async def test_what_is_kept_names_nobody_and_is_swept(verified, elsewhere, clock):
    await verified()
    await elsewhere()
    await elsewhere(password="correct horse battery", address="203.0.113.7")
    await elsewhere("nobody@example.org")
    kept = await db.fetch_all("SELECT users_guess::text AS row FROM users_guess")
    kept += await db.fetch_all("SELECT users_known_pair::text AS row FROM users_known_pair")
    assert len(kept) == 2
    assert not any(word in row["row"] for row in kept for word in ("ana", "nobody", "203.0.113", "198.18"))
    clock.move(days=91)
    await jobs.sweep(None)
    assert await db.fetch_value("SELECT count(*) FROM users_guess") == 0
    assert await db.fetch_value("SELECT count(*) FROM users_known_pair") == 0
