"""What every answer has: an id, safe headers, problems that tell nothing of the inside."""

from __future__ import annotations

import pytest

from feria_core.http import disabled
from feria_core.http.lists import decode_cursor, encode_cursor
from feria_core.http.request import best_locale, real_address
from feria_core.testing.client import ApiClient


async def test_unknown_paths_and_methods_are_problems_with_the_request_id(client: ApiClient) -> None:
    missing = await client.get("/api/nothing", headers={"X-Request-Id": "my-request-1"})
    assert (missing.status, missing.code) == (404, "not_found")
    assert missing.json["instance"] == missing.headers["x-request-id"] == "my-request-1"
    wrong = await client.post("/api/modules")
    assert (wrong.status, wrong.code) == (405, "method_not_allowed")
    assert "GET" in wrong.headers["allow"]


async def test_paths_that_nobody_serves_read_no_entry_points(
    client: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (await client.get("/api/nothing-at-all")).status == 404
    monkeypatch.setattr(disabled, "discover", lambda: pytest.fail("the installation is read for every unknown path"))
    assert (await client.get("/api/nothing-either")).code == "not_found"


async def test_every_answer_carries_the_security_headers(client: ApiClient) -> None:
    answer = await client.get("/healthz")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    other = await client.get("/healthz")
    assert other.headers["x-request-id"] != answer.headers["x-request-id"]


async def test_a_hostile_request_id_is_replaced(client: ApiClient) -> None:
    answer = await client.get("/healthz", headers={"X-Request-Id": "a" * 65})
    assert answer.headers["x-request-id"] != "a" * 65


async def test_operators_see_health_readiness_metrics_and_modules(client: ApiClient) -> None:
    assert (await client.get("/healthz")).json == {"status": "ok"}
    assert (await client.get("/readyz")).json == {"status": "ready", "missing": []}
    assert b"feria_requests_total" in (await client.get("/metrics")).body
    modules = (await client.get("/api/modules")).json["items"]
    assert {"name": "catalog", "version": "0.2.0", "status": "enabled"} in modules


async def test_operators_see_how_the_pool_is_used(client: ApiClient) -> None:
    assert b'feria_database_connections{state="idle"}' in (await client.get("/metrics")).body


async def test_the_api_describes_itself_for_machines_and_people(client: ApiClient) -> None:
    described = (await client.get("/openapi.json")).json
    assert described["openapi"].startswith("3.1")
    assert "/api/modules" in described["paths"]
    for page in ("/docs", "/docs/errors"):
        answer = await client.get(page)
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        assert b"<script" not in answer.body


@pytest.mark.parametrize("credential", ["Bearer", "Basic abc", "Bearer not-a-token", "Bearer fk_unknown", "x" * 5000])
async def test_a_credential_that_does_not_hold_is_401_even_on_public_routes(client: ApiClient, credential: str) -> None:
    answer = await client.get("/api/modules", headers={"Authorization": credential})
    assert (answer.status, answer.code) == (401, "unauthenticated")
    assert answer.headers["www-authenticate"] == "Bearer"


def test_the_clients_address_is_the_peer_unless_a_configured_proxy_says_otherwise() -> None:
    trusted = ["10.0.0.0/8"]
    assert real_address("203.0.113.9", "1.2.3.4", trusted) == "203.0.113.9"
    assert real_address("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2", trusted) == "1.2.3.4"
    assert real_address("10.0.0.1", "garbage", trusted) == "10.0.0.1"
    assert real_address("10.0.0.1", None, trusted) == "10.0.0.1"
    assert real_address("10.0.0.1", "6.6.6.6", []) == "10.0.0.1"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("es", "es"),
        ("es-CR,es;q=0.9,en;q=0.8", "es"),
        ("de, en;q=0.5, es;q=0.4", "en"),
        ("*", "en"),
        ("x;q=nan", "en"),
        ("es;q=0", "en"),
    ],
)
def test_the_language_is_the_best_offered(header: str, language: str) -> None:
    assert best_locale(header, ("en", "es")) == language


def test_cursors_come_back_as_they_went_and_others_are_refused() -> None:
    from feria_core.errors import BadRequest

    assert decode_cursor(encode_cursor(1999, "a ü"), 2) == [1999, "a ü"]
    assert decode_cursor(None, 2) is None
    for hostile in ("", "%%%", "AAAA", encode_cursor(1), "ÿ", "e30"):
        with pytest.raises(BadRequest):
            decode_cursor(hostile, 2)
