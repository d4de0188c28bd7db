"""The fake of GitHub: it pages, knows ETags, counts, and misbehaves as it is told."""

from __future__ import annotations

import aiohttp
import pytest

from feria_core.testing.github import FakeGitHub, fake_github
from feria_core.testing.github.payloads import repository


@pytest.fixture
async def hub():
    async with fake_github() as running:
        yield running


async def get(hub: FakeGitHub, path: str, **headers: str):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    async with (
        aiohttp.ClientSession() as session,
        session.get(hub.url + path, headers=named, allow_redirects=False) as answer,
    ):
        return answer.status, answer.headers, await answer.read()


async def test_pages_are_linked_to_the_last(hub):
    hub.repositories = [repository(f"r{n}", number=n) for n in range(5)]
    path, seen = "/orgs/feria-demo/repos?per_page=2", 0
    for _ in range(3):
        _, headers, body = await get(hub, path)
        seen += body.count(b'"full_name"')
        following = headers.get("Link", "").partition('>; rel="next"')
        path = following[0].removeprefix("<" + hub.url) if following[1] else ""
    assert (seen, path) == (5, "")


async def test_an_etag_that_is_known_gets_304_until_the_page_changes(hub):
    _, headers, _ = await get(hub, "/users/feria-demo/repos")
    status, _, body = await get(hub, "/users/feria-demo/repos", If_None_Match=headers["ETag"])
    assert (status, body) == (304, b"")
    hub.repositories[0]["stargazers_count"] += 1
    assert (await get(hub, "/users/feria-demo/repos", If_None_Match=headers["ETag"]))[0] == 200


async def test_a_bucket_runs_empty_and_is_full_again(hub, clock):
    hub.is_limited = True
    statuses = [(await get(hub, "/search/issues?q=author:ada-demo"))[0] for _ in range(11)]
    assert statuses == [200] * 10 + [403]
    assert (await get(hub, "/orgs/feria-demo/repos"))[0] == 200
    clock.move(seconds=61)
    assert (await get(hub, "/search/issues?q=author:ada-demo"))[0] == 200


@pytest.mark.parametrize(
    ("do", "status"),
    [("status", 500), ("primary_limit", 403), ("secondary_limit", 429), ("redirect", 301), ("broken_json", 200)],
)
async def test_it_does_what_it_is_told_once(hub, do, status):
    hub.behave(do)
    assert (await get(hub, "/orgs/feria-demo/repos"))[0] == status
    assert (await get(hub, "/orgs/feria-demo/repos"))[0] == 200
    assert [call.status for call in hub.calls] == [status, 200]


async def test_others_tell_it_by_http(hub):
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{hub.url}/_fake/behaviour", json=[{"do": "status", "code": 503}]) as told,
    ):
        assert told.status == 200
    assert (await get(hub, "/orgs/feria-demo/repos"))[0] == 503
    assert (await get(hub, "/orgs/somebody-else/repos"))[0] == 404
