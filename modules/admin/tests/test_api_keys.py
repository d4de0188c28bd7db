"""API keys: shown once, within what their maker holds, gone once revoked."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from feria_core import db
from feria_core.testing.client import ApiClient
from feria_core.testing.clock import MovableClock

PATH = "/api/admin/api-keys"


@pytest.fixture
def maker(client: ApiClient) -> ApiClient:
    return client.as_staff("api_keys.write", "audit.read")


async def made(maker: ApiClient, *permissions: str, **body: Any) -> dict[str, Any]:
    reply = await maker.post(PATH, {"name": "warehouse", "permissions": list(permissions or ("audit.read",)), **body})
    assert reply.status == 201, reply.body
    return reply.json


async def test_a_key_calls_what_its_permissions_allow_and_nothing_else(client: ApiClient, maker: ApiClient) -> None:
    key = await made(maker)
    assert (key["key"][:3], len(key["key"])) == ("fk_", 46)
    program = client.signed_in(key["key"])
    assert (await program.get("/api/admin/audit-log")).status == 200
    assert (await program.get(PATH)).status == 403
    assert (await program.get("/api/users/me")).status == 403
    forged = key["key"][:-1] + ("A" if key["key"][-1] != "A" else "B")
    assert (await client.signed_in(forged).get("/api/admin/audit-log")).status == 401


async def test_the_key_is_shown_once_and_stored_nowhere(maker: ApiClient) -> None:
    key = (await made(maker))["key"]
    listed = (await maker.get(PATH)).json["items"]
    assert [(item["beginning"], "key" in item) for item in listed] == [(key[:11], False)]
    for table in ("admin_api_key", "core_audit"):
        assert not await db.fetch_value(f"SELECT count(*) FROM {table} t WHERE strpos(t::text, $1) > 0", key[12:])


async def test_nobody_grants_what_he_lacks(client: ApiClient, maker: ApiClient) -> None:
    refused = await maker.post(PATH, {"name": "x", "permissions": ["audit.read", "staff.write"]})
    assert (refused.status, refused.code, refused.json["permissions"]) == (403, "permission_not_held", ["staff.write"])
    unknown = await maker.post(PATH, {"name": "x", "permissions": ["nobody.knows"]})
    assert (unknown.status, unknown.json["errors"][0]["code"]) == (422, "unknown_permission")
    program = client.signed_in((await made(maker, "api_keys.write"))["key"])
    assert (await program.post(PATH, {"name": "x", "permissions": ["audit.read"]})).code == "permission_not_held"
    assert await db.fetch_value("SELECT count(*) FROM admin_api_key") == 1


async def test_a_revoked_key_is_refused_from_the_next_request_on(client: ApiClient, maker: ApiClient) -> None:
    key = await made(maker)
    program = client.signed_in(key["key"])
    assert (await program.get("/api/admin/audit-log")).status == 200
    answers = await asyncio.gather(*(maker.delete(f"{PATH}/{key['id']}") for _ in range(3)))
    assert sorted(reply.status for reply in answers) == [204, 404, 404]
    assert (await program.get("/api/admin/audit-log")).status == 401
    assert (await maker.get(PATH)).json["items"] == []
    assert [item["id"] for item in (await maker.get(f"{PATH}?revoked=true")).json["items"]] == [key["id"]]
    rows = await db.fetch_all(
        "SELECT action, actor_kind, object_id FROM core_audit WHERE action <> 'refused' ORDER BY at, id"
    )
    assert [tuple(row) for row in rows] == [
        ("api_key.created", "staff", key["id"]), ("api_key.revoked", "staff", key["id"])
    ]  # fmt: skip


async def test_an_expired_key_is_refused(client: ApiClient, maker: ApiClient, clock: MovableClock) -> None:
    key = await made(maker, expires_at=(clock.at + timedelta(hours=1)).isoformat())
    program = client.signed_in(key["key"])
    assert (await program.get("/api/admin/audit-log")).status == 200
    clock.move(hours=1)
    assert (await program.get("/api/admin/audit-log")).status == 401


async def test_the_time_of_use_is_written_at_most_once_a_minute(
    client: ApiClient, maker: ApiClient, clock: MovableClock
) -> None:
    key = await made(maker)
    program = client.signed_in(key["key"])
    first = clock.at

    async def used_at() -> Any:
        await program.get("/api/admin/audit-log")
        return await db.fetch_value("SELECT last_used_at FROM admin_api_key")

    assert await used_at() == first
    clock.move(seconds=59)
    assert await used_at() == first
    assert await used_at() == first
    assert clock.move(seconds=1) == await used_at()


@pytest.mark.parametrize(
    "body",
    [
        {"name": "", "permissions": ["audit.read"]},
        {"name": "x", "permissions": []},
        {"name": "x", "permissions": ["audit.read"], "expires_at": "2026-01-01T00:00:00"},
        {"name": "x", "permissions": ["audit.read"], "expires_at": "2020-01-01T00:00:00Z"},
        {"name": "x", "permissions": ["audit.read"], "expires_at": "soon"},
        {"name": "x\x00", "permissions": ["audit.read"]},
    ],
)
async def test_what_makes_no_key_is_refused(maker: ApiClient, body: dict[str, Any]) -> None:
    assert (await maker.post(PATH, body)).status == 422


async def test_only_who_may_hand_out_keys_does(client: ApiClient) -> None:
    for caller, status in ((client, 401), (client.as_customer(), 403), (client.as_staff("audit.read"), 403)):
        assert (await caller.get(PATH)).status == status
        assert (await caller.delete(f"{PATH}/{'0' * 8}-0000-7000-8000-{'0' * 12}")).status == status
