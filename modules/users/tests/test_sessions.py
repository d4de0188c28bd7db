from __future__ import annotations

import asyncio

from feria_core import db
from feria_core.ids import new_id, token_hash


async def refresh(client, token):
    return await client.post("/api/auth/refresh", {"refresh_token": token})


async def test_a_refresh_rotates_the_token(client, signed_in, clock):
    ana = await signed_in()
    clock.move(minutes=16)
    assert (await ana.client.get("/api/users/me")).status == 401
    answer = await refresh(client, ana.refresh_token)
    assert answer.status == 200
    assert answer.json["refresh_token"] != ana.refresh_token
    assert (await client.signed_in(answer.json["access_token"]).get("/api/users/me")).status == 200
    assert (await refresh(client, answer.json["refresh_token"])).status == 200


async def test_twenty_parallel_refreshes_get_one_successor_and_nobody_is_signed_out(client, signed_in):
    ana = await signed_in()
    answers = await asyncio.gather(*(refresh(client, ana.refresh_token) for _ in range(20)))
    assert {answer.status for answer in answers} == {200}
    [successor] = {answer.json["refresh_token"] for answer in answers}
    assert await db.fetch_value("SELECT count(*) FROM users_refresh_token WHERE used_at IS NULL") == 1
    assert await db.fetch_value("SELECT count(*) FROM users_refresh_token") == 2
    for answer in answers:
        assert (await client.signed_in(answer.json["access_token"]).get("/api/users/me")).status == 200
    assert (await refresh(client, successor)).status == 200


async def test_a_twin_within_ten_seconds_gets_the_same_successor(client, signed_in, clock):
    ana = await signed_in()
    first = (await refresh(client, ana.refresh_token)).json
    clock.move(seconds=10)
    assert (await refresh(client, ana.refresh_token)).json["refresh_token"] == first["refresh_token"]


async def test_a_token_used_long_ago_ends_the_family(client, signed_in, clock):
    ana = await signed_in()
    first = (await refresh(client, ana.refresh_token)).json
    clock.move(seconds=120)
    reused = await refresh(client, ana.refresh_token)
    assert (reused.status, reused.code) == (401, "refresh_token_reused")
    assert (await refresh(client, first["refresh_token"])).status == 401
    assert (await client.signed_in(first["access_token"]).get("/api/users/me")).status == 401
    assert (await refresh(client, ana.refresh_token)).code == "refresh_token_reused"


async def test_a_reused_token_leaves_other_devices_alone(client, signed_in, login, clock):
    ana = await signed_in()
    other = (await login()).json
    await refresh(client, ana.refresh_token)
    clock.move(seconds=11)
    assert (await refresh(client, ana.refresh_token)).code == "refresh_token_reused"
    assert (await refresh(client, other["refresh_token"])).status == 200


async def test_unknown_tokens_are_refused(client, database):
    for token in ("nonsense", "\U0001f600", "x" * 200, "fk_abc"):
        answer = await refresh(client, token)
        assert (answer.status, answer.code) == (401, "invalid_refresh_token")


async def test_signing_out_ends_access_and_refresh_at_once(client, signed_in):
    ana = await signed_in()
    assert (await client.post("/api/auth/logout", {"refresh_token": ana.refresh_token})).status == 204
    assert (await ana.client.get("/api/users/me")).status == 401
    assert (await refresh(client, ana.refresh_token)).code == "invalid_refresh_token"
    assert (await client.post("/api/auth/logout", {"refresh_token": ana.refresh_token})).status == 204
    assert (await client.post("/api/auth/logout", {"refresh_token": "unknown"})).status == 204


async def test_a_twin_gets_nothing_after_the_session_ended(client, signed_in):
    ana = await signed_in()
    first = (await refresh(client, ana.refresh_token)).json
    await client.post("/api/auth/logout", {"refresh_token": first["refresh_token"]})
    assert (await refresh(client, ana.refresh_token)).code == "invalid_refresh_token"


async def test_a_disabled_account_is_out_at_once(client, signed_in):
    ana = await signed_in()
    await db.execute("UPDATE users_account SET status = 'disabled'")
    assert (await ana.client.get("/api/users/me")).status == 401
    assert (await refresh(client, ana.refresh_token)).status == 401


async def test_a_session_ends_when_unused_and_at_a_certain_age(client, signed_in, clock):
    ana = await signed_in()
    token = ana.refresh_token
    for _ in range(6):
        clock.move(days=29)
        answer = await refresh(client, token)
        assert answer.status == 200
        token = answer.json["refresh_token"]
    clock.move(days=7)
    assert (await refresh(client, token)).status == 401


async def test_an_unused_session_ends(client, signed_in, clock):
    ana = await signed_in()
    clock.move(days=31)
    assert (await refresh(client, ana.refresh_token)).status == 401


async def test_refresh_tokens_are_stored_hashed(client, signed_in):
    ana = await signed_in()
    await refresh(client, ana.refresh_token)
    hashes = {row["hash"] for row in await db.fetch_all("SELECT hash FROM users_refresh_token")}
    assert token_hash(ana.refresh_token) in hashes
    dump = await db.fetch_value("SELECT string_agg(to_jsonb(t)::text, '') FROM users_refresh_token t")
    assert ana.refresh_token not in dump


async def test_devices_are_listed_and_ended_one_by_one(client, signed_in, login):
    ana = await signed_in()
    phone = (await login(**{"User-Agent": "Phone\t1"})).json
    listed = (await ana.client.get("/api/users/me/sessions")).json
    assert listed["next_cursor"] is None
    assert listed["items"][0]["user_agent"] == "Phone1"
    assert [item["current"] for item in listed["items"]] == [False, True]
    gone = await ana.client.delete(f"/api/users/me/sessions/{listed['items'][0]['id']}")
    assert gone.status == 204
    assert (await client.signed_in(phone["access_token"]).get("/api/users/me")).status == 401
    assert len((await ana.client.get("/api/users/me/sessions")).json["items"]) == 1


async def test_devices_are_paged(signed_in, login):
    ana = await signed_in()
    for _ in range(4):
        await login()
    seen, cursor = [], None
    while True:
        path = "/api/users/me/sessions?limit=2" + (f"&cursor={cursor}" if cursor else "")
        page = (await ana.client.get(path)).json
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert len(seen) == len(set(seen)) == 5
    assert (await ana.client.get("/api/users/me/sessions?cursor=WzFd")).status == 400


async def test_nobody_ends_the_sessions_of_others(signed_in):
    ana, bob = await signed_in("ana@example.org"), await signed_in("bob@example.org")
    theirs = (await bob.client.get("/api/users/me/sessions")).json["items"][0]["id"]
    for session_id in (theirs, str(new_id()), "garbage", "%00"):
        assert (await ana.client.delete(f"/api/users/me/sessions/{session_id}")).status == 404
    assert (await bob.client.get("/api/users/me")).status == 200
