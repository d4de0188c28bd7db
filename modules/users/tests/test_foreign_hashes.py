"""Hashes of other systems: they open the door once, and are ours afterwards."""

from __future__ import annotations

import asyncio

import bcrypt
import pytest
from argon2 import PasswordHasher

from feria_core import db
from feria_users.repository import accounts
from feria_users.service import foreign_hashes, guards, hash_work, hashing

PASSWORD = "correct horse battery"
OURS = "$argon2id$v=19$m=19456,t=2,p=1$"


@pytest.fixture(autouse=True)
def fresh_costs(monkeypatch):
    monkeypatch.setattr(hashing, "_dearest", (0.0, None))


@pytest.fixture
def holds(verified):
    """A verified account with this hash."""

    async def make(stored, email="ana@example.org"):
        await verified(email)
        await db.execute("UPDATE users_account SET password_hash = $1 WHERE email = $2", stored, email)

    return make


def bcrypted(password, prefix="$2b$", cost=4):
    made = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(cost)).decode()
    return prefix + made[4:]


async def stored():
    return await db.fetch_value("SELECT password_hash FROM users_account WHERE email = 'ana@example.org'")


@pytest.mark.parametrize(
    "made",
    [
        *(bcrypted(PASSWORD, prefix) for prefix in ("$2a$", "$2b$", "$2y$")),
        PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash(PASSWORD),
        PasswordHasher(time_cost=3, memory_cost=4096, parallelism=2).hash(PASSWORD),
    ],
    # Salts are random: without names no two test processes would agree on what there is to run.
    ids=["2a", "2b", "2y", "cheaper argon2", "dearer argon2"],
)
async def test_a_login_upgrades_the_hash_and_ends_no_session(holds, login, client, made):
    await holds(made)
    assert (await login(password="a wrong password")).status == 401
    assert await stored() == made
    first = (await login()).json
    assert (await stored()).startswith(OURS)
    assert (await client.signed_in(first["access_token"]).get("/api/users/me")).status == 200
    assert (await login()).status == 200
    assert (await client.post("/api/auth/refresh", {"refresh_token": first["refresh_token"]})).status == 200


async def test_our_own_hash_stays_as_it_is(verified, login):
    await verified()
    before = await stored()
    assert (await login()).status == 200
    assert await stored() == before


async def test_bcrypt_cut_long_passwords_and_the_upgrade_keeps_them_whole(holds, login):
    long = "long " * 20
    await holds(bcrypted(long))
    assert (await login(password=long[:72] + "another end")).status == 200
    # What signed in first is the password from now on, all of it.
    assert (await login(password=long)).status == 401
    assert (await login(password=long[:72] + "another end")).status == 200


@pytest.mark.parametrize("password", ["\u00e9" * 50, "\U0001f600" * 40, "e\u0301 accent apart", "p" * 256])
async def test_letters_of_several_bytes_are_cut_where_the_other_system_cut(holds, login, password):
    await holds(bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode())
    assert (await login(password=password)).status == 200
    assert (await stored()).startswith(OURS)
    assert (await login(password=password)).status == 200


async def test_parallel_logins_all_come_in_while_one_upgrades(holds, login):
    await holds(bcrypted(PASSWORD))
    answers = await asyncio.gather(*(login() for _ in range(8)))
    assert {answer.status for answer in answers} == {200}
    assert (await stored()).startswith(OURS)


async def test_an_upgrade_that_meets_a_password_change_loses(holds, monkeypatch, login):
    old = bcrypted(PASSWORD)
    await holds(old)
    account = await accounts.by_email("ana@example.org")
    await db.execute("UPDATE users_account SET password_hash = 'changed meanwhile'")
    assert not await accounts.upgrade_hash(account["id"], old, "upgraded", now=account["created_at"])
    assert await stored() == "changed meanwhile"


async def test_a_hash_from_before_an_upgrade_opens_nothing_after_a_change(holds, login, monkeypatch):
    """Checked against the first hash, upgraded by a twin, then changed by the owner: no session."""
    old = bcrypted(PASSWORD)
    await holds(old)
    seen = await accounts.by_email("ana@example.org")
    assert (await login()).status == 200
    await db.execute("UPDATE users_account SET password_hash = $1", hashing._DUMMY)

    async def as_before(_):
        return seen

    monkeypatch.setattr(guards, "account_behind", as_before)
    sessions = await db.fetch_value("SELECT count(*) FROM users_session")
    assert (await login()).code == "invalid_credentials"
    assert await db.fetch_value("SELECT count(*) FROM users_session") == sessions


def test_every_check_does_the_work_of_the_dearest_bcrypt_hash(monkeypatch):
    spent = []
    monkeypatch.setattr(hash_work, "spend_bcrypt", lambda costs: spent.append(sum(2**cost for cost in costs)))
    stored = {bcrypted(PASSWORD, cost=6): 2**6, bcrypted(PASSWORD, cost=4): 2**4, hashing._DUMMY: 0}
    for known, own in stored.items():
        hash_work.checked(known, "a wrong password", dummy=hashing._DUMMY, dearest=6)
        assert own + spent.pop() == 2**6
    hash_work.checked(hashing._DUMMY, "a wrong password", dummy=hashing._DUMMY, dearest=None)
    assert spent == [0]


async def test_the_dearest_bcrypt_hash_is_the_one_that_is_stored_now(holds, verified, login):
    await verified("own@example.org")
    assert await hashing._dearest_bcrypt() is None
    hashing._dearest = (0.0, None)
    await holds(bcrypted(PASSWORD, cost=4))
    await holds(bcrypted(PASSWORD, cost=6), "bea@example.org")
    assert await hashing._dearest_bcrypt() == 6
    assert (await login("bea@example.org")).status == 200
    hashing._dearest = (0.0, None)
    assert await hashing._dearest_bcrypt() == 4


@pytest.mark.parametrize(
    "text",
    [
        "", "plain", "$2b$31$" + "a" * 53, "$2b$15$" + "a" * 53, "$2b$03$" + "a" * 53, "$2x$10$" + "a" * 53,
        "$2b$10$short", "$2b$10$" + "!" * 53, "$1$salt$hash", "$argon2id$v=19$m=1048576,t=2,p=1$c2FsdHNhbHQ$aGFzaA",
        "$argon2id$v=19$m=1024,t=1000,p=1$c2FsdHNhbHQ$aGFzaA", "$argon2id$v=19$m=1024,t=1,p=100$c2FsdHNhbHQ$aGFzaA",
        "$argon2id$v=19$m=x,t=1,p=1$c2FsdHNhbHQ$aGFzaA", "$argon2id$", "$argon2id$" + "a" * 400, "\u0662b$10$",
    ],
)  # fmt: skip
def test_hashes_of_unbearable_cost_or_form_are_not_taken(text):
    assert not foreign_hashes.is_usable(text)


@pytest.mark.parametrize("text", ["$2b$31$" + "a" * 53, "$2b$10$!!!", "garbage", "$argon2id$v=19$m=x$$", "\U0001f600"])
async def test_a_stored_hash_that_is_none_is_a_wrong_password(holds, login, text):
    await holds(text)
    assert (await login()).code == "invalid_credentials"
