from __future__ import annotations

import asyncio
import base64
import json

from feria_core import db
from feria_users import jobs
from feria_users.service import keyring as keyrings
from feria_users.service.keyring import Keyring, keyring


def kid_of(token):
    return json.loads(base64.urlsafe_b64decode(token.split(".")[0] + "=="))["kid"]


async def test_a_token_from_before_a_rotation_holds_until_it_expires(client, signed_in, login, clock, monkeypatch):
    ana = await signed_in()
    fresh = await keyrings.rotate()
    after = (await login()).json["access_token"]
    assert kid_of(after) == fresh != kid_of(ana.access_token)
    for token in (ana.access_token, after):
        assert (await client.signed_in(token).get("/api/users/me")).status == 200
    published = (await client.get("/.well-known/jwks.json")).json["keys"]
    assert {key["kid"] for key in published} == {fresh, kid_of(ana.access_token)}
    clock.move(seconds=899)
    assert (await ana.client.get("/api/users/me")).status == 200
    clock.move(seconds=60)
    monkeypatch.setattr(keyring, "_loaded_at", float("-inf"))
    assert (await ana.client.get("/api/users/me")).status == 401
    assert await keyring.verifier(kid_of(ana.access_token)) is None


async def test_the_sweep_takes_retired_keys_only_once_their_tokens_are_gone(signed_in, clock):
    await signed_in()
    fresh = await keyrings.rotate()
    clock.move(minutes=16)
    await jobs.sweep(None)
    assert await db.fetch_value("SELECT count(*) FROM users_signing_key") == 2
    clock.move(minutes=5)
    await jobs.sweep(None)
    assert str(await db.fetch_value("SELECT id FROM users_signing_key")) == fresh


async def test_parallel_rotations_leave_one_key_that_signs(signed_in):
    await signed_in()
    await asyncio.gather(*(keyrings.rotate() for _ in range(5)))
    assert await db.fetch_value("SELECT count(*) FROM users_signing_key WHERE retired_at IS NULL") == 1
    assert await db.fetch_value("SELECT count(*) FROM users_signing_key") == 6
    assert [state for _, _, state in await keyrings.listed()].count("signs") == 1


async def test_a_process_that_loaded_just_before_knows_the_fresh_key_a_moment_later(signed_in):
    await signed_in()
    other = Keyring()
    await other.public_keys()
    fresh = await keyrings.rotate()
    await asyncio.sleep(keyrings._RELOAD_S * 1.5)
    assert await other.verifier(fresh) is not None


async def test_a_rotation_in_an_empty_shop_makes_the_first_key(database):
    fresh = await keyrings.rotate()
    assert (await keyring.signer())[0] == fresh
