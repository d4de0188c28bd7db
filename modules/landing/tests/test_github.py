from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from feria_core import db
from feria_core.jobs import enqueue
from feria_core.testing.github import payloads
from feria_core.testing.work import run_jobs

RECORDED = Path(__file__).resolve().parents[4] / "shared/data/github"


async def refresh():
    """Do what the schedule does each minute."""
    async with db.transaction():
        await enqueue("landing.refresh_github")
    return await run_jobs()


async def copied(client, clock):
    await refresh()
    answer = (await client.get("/api/projects")).json
    assert answer["stale"] is False
    return answer


def calls(hub, path="/orgs/"):
    return [call for call in hub.calls if call.path.startswith(path) and "members" not in call.path]


async def test_projects_come_from_the_copy_with_filters_sorts_and_pages(client, hub, clock):
    hub.repositories += [
        payloads.repository("secret", number=50, private=True),
        payloads.repository("copy", number=51, fork=True, stargazers_count=9000),
        payloads.repository("old", number=52, archived=True),
        payloads.repository("evil", number=53, homepage="javascript:alert(1)", description="nul \x00 here"),
    ]
    answer = await copied(client, clock)
    assert [item["name"] for item in answer["items"]][:2] == ["till", "storefront"]
    assert (answer["total"], answer["fetched_at"]) == (
        6,
        clock.at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
    )

    async def names(query):
        return [item["name"] for item in (await client.get(f"/api/projects?{query}")).json["items"]]

    assert await names("language=python&sort=name") == ["label-printer", "recipes"]
    assert await names("topic=shop") == ["storefront"]
    assert await names("q=TILL") == ["till"]
    assert (await names("forks=true"))[0] == "copy"
    assert "old" in await names("archived=true")
    first = (await client.get("/api/projects?limit=4")).json
    rest = (await client.get(f"/api/projects?limit=4&cursor={first['next_cursor']}")).json
    assert (len(first["items"]), len(rest["items"]), rest["next_cursor"]) == (4, 2, None)
    evil = next(item for item in answer["items"] if item["name"] == "evil")
    assert (evil["homepage"], evil["description"]) == (None, "nul  here")


async def test_contributions_filter_by_type_state_and_repository_and_name_nobody(client, hub, clock):
    await refresh()

    async def found(query=""):
        return (await client.get(f"/api/contributions?{query}")).json

    assert (await found())["total"] == 6
    assert {item["type"] for item in (await found("type=pr"))["items"]} == {"pull_request"}
    assert (await found("type=issue&state=open"))["total"] == 1
    assert (await found("state=merged&repo=Feria-Demo/Till"))["items"][0]["number"] == 70
    assert (await found("state=closed"))["total"] == 2
    rows = await db.fetch_all("SELECT row_to_json(c)::text AS row FROM landing_contribution c")
    assert not any("ada-demo" in row["row"] for row in rows)
    assert await db.fetch_value("SELECT count(*) FROM landing_github_page WHERE url LIKE '%ada%'") == 0


async def test_a_hundred_misses_ask_once_and_answer_at_once(client, hub):
    replies = await asyncio.gather(*(client.get(f"/api/projects?limit={n}") for n in range(1, 101)))
    assert {(r.status, r.json["stale"], len(r.json["items"])) for r in replies} == {(200, True, 0)}
    assert await db.fetch_value("SELECT count(*) FROM core_job") == 1
    assert hub.calls == []
    await run_jobs()
    assert len(calls(hub)) == 1
    assert (await client.get("/api/projects?limit=1")).json["total"] == 5


async def test_of_many_workers_one_asks(client, hub, clock):
    from feria_landing.github.refresh import refresh as refresh_feed

    await asyncio.gather(*(refresh_feed("projects") for _ in range(10)))
    assert len(calls(hub)) == 1


async def test_nobody_asks_again_within_six_hours_and_nobody_sees_a_stale_copy_while_github_answers(client, hub, clock):
    await copied(client, clock)
    clock.move(hours=5, minutes=54)
    await refresh()
    assert len(calls(hub)) == 1
    clock.move(minutes=1)
    await refresh()
    assert len(calls(hub)) == 2
    clock.move(minutes=10)
    assert (await client.get("/api/projects")).json["stale"] is False


async def test_a_copy_is_stale_from_its_second_on_through_the_cache(client, hub, clock):
    await copied(client, clock)
    clock.move(seconds=6 * 3600 - 1)
    assert (await client.get("/api/projects")).json["stale"] is False
    clock.move(seconds=1)
    stale = (await client.get("/api/projects")).json
    assert (stale["stale"], stale["total"]) == (True, 5)


async def test_what_has_not_changed_costs_no_rewrite(client, hub, clock):
    await copied(client, clock)
    before = await db.fetch_all("SELECT xmin::text AS x, id FROM landing_project ORDER BY id")
    rewritten = await db.fetch_value("SELECT rewritten_at FROM landing_github_feed WHERE name = 'projects'")
    clock.move(hours=6)
    await refresh()
    assert [call.status for call in calls(hub)] == [200, 304]
    assert calls(hub)[1].etag
    assert await db.fetch_all("SELECT xmin::text AS x, id FROM landing_project ORDER BY id") == before
    assert await db.fetch_value("SELECT rewritten_at FROM landing_github_feed WHERE name = 'projects'") == rewritten
    assert (await client.get("/api/projects")).json["stale"] is False
    hub.repositories[0]["stargazers_count"] += 1
    clock.move(hours=6)
    await refresh()
    assert [call.status for call in calls(hub)] == [200, 304, 200]
    assert await db.fetch_value("SELECT stars FROM landing_project WHERE name = 'storefront'") == 413


async def test_all_pages_are_read_and_each_is_asked_for_conditionally(client, hub, clock):
    hub.repositories = [payloads.repository(f"r{n:03}", number=n, stargazers_count=n) for n in range(250)]
    assert (await copied(client, clock))["total"] == 250
    assert [call.status for call in calls(hub)] == [200] * 3
    hub.repositories[249]["stargazers_count"] = 9999
    clock.move(hours=6)
    await refresh()
    assert [call.status for call in calls(hub)[3:]] == [304, 304, 200]
    assert (await client.get("/api/projects?limit=1")).json["items"][0]["stars"] == 9999


FAILURES = [
    ("status", {"code": 500}),
    ("status", {"code": 502}),
    ("status", {"code": 503}),
    ("status", {"code": 401}),
    ("status", {"code": 404}),
    ("status", {"code": 202}),
    ("drop", {}),
    ("broken_json", {}),
    ("wrong_shape", {}),
    ("redirect", {}),
    ("redirect", {"code": 302, "location": "http://127.0.0.1:1/"}),
    ("huge", {}),
    ("stall", {"seconds": 30}),
]


@pytest.mark.parametrize(("do", "details"), FAILURES)
async def test_a_failure_keeps_the_last_good_copy_and_is_not_repeated_at_once(
    client, hub, clock, staff, do, details, monkeypatch
):
    from feria_landing.github import client as github_client

    await copied(client, clock)
    chosen = github_client.settings(github_client.LandingSettings)
    quick = chosen.model_copy(update={"github_timeout_s": 0.3})
    monkeypatch.setattr(github_client, "settings", lambda _: quick)
    clock.move(hours=7)
    hub.calls.clear()
    hub.behave(do, times=100, **details)
    for _ in range(5):
        assert "dead" not in await refresh()
    # One for each feed; aiohttp asks a second time where the connection broke (RFC 9112, 9.3.1).
    assert len(hub.calls) == (4 if do == "drop" else 2)
    answer = (await client.get("/api/projects")).json
    assert (answer["stale"], answer["total"]) == (True, 5)
    (feed, _) = (await staff.get("/api/admin/github")).json["items"]
    assert (feed["failures"], feed["stale"]) == (1, True)
    assert feed["last_error"]
    hub.rules.clear()
    clock.move(seconds=61)
    await refresh()
    assert (await client.get("/api/projects")).json["stale"] is False


async def test_the_breaker_opens_for_longer_with_each_failure(client, hub, clock):
    hub.behave("status", times=1000)
    waits = []
    for _ in range(9):
        await refresh()
        row = await db.fetch_one("SELECT not_before FROM landing_github_feed WHERE name = 'projects'")
        waits.append((row["not_before"] - clock.at) / timedelta(minutes=1))
        clock.at = row["not_before"]
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60, 60]
    hub.rules.clear()
    hub.calls.clear()
    await refresh()
    assert (await client.get("/api/projects")).json["stale"] is False


@pytest.mark.parametrize(
    ("do", "details"),
    [
        ("primary_limit", {"seconds": 1800}),
        ("primary_limit", {"seconds": 1800, "code": 429}),
        ("secondary_limit", {"seconds": 1800}),
        ("secondary_limit", {"seconds": 1800, "code": 403}),
    ],
)
async def test_a_limit_is_waited_for_with_one_call_for_each_reset(client, hub, clock, do, details):
    clock.at = clock.at.replace(microsecond=0)
    hub.behave(do, times=2, **details)
    await refresh()
    assert len(hub.calls) == 2
    for _ in range(29):
        clock.move(minutes=1)
        await refresh()
    assert len(hub.calls) == 2
    clock.move(minutes=1)
    await refresh()
    assert (await client.get("/api/projects")).json["stale"] is False


async def test_a_limit_without_a_time_is_waited_for_a_minute_and_then_longer(client, hub, clock):
    hub.behave("bare_limit", times=1000)
    for wait in (60, 120, 240):
        hub.calls.clear()
        await refresh()
        assert len(hub.calls) == 2
        clock.move(seconds=wait - 1)
        await refresh()
        assert len(hub.calls) == 2
        clock.move(seconds=1)


async def test_an_empty_bucket_is_not_asked_once_more(client, hub, clock):
    hub.repositories = [payloads.repository(f"r{n}", number=n) for n in range(250)]
    hub.is_limited = True
    hub.count("core", has_token=False)
    hub.buckets["core"].used = 59
    await refresh()
    assert len(calls(hub)) == 1
    clock.move(minutes=59)
    await refresh()
    assert len(calls(hub)) == 1
    clock.move(minutes=2)
    await refresh()
    assert (await client.get("/api/projects")).json["total"] == 250


async def test_a_search_that_was_cut_short_is_no_copy(client, hub, clock):
    await refresh()
    clock.move(hours=7)
    hub.behave("cut_short", times=10)
    await refresh()
    answer = (await client.get("/api/contributions")).json
    assert (answer["stale"], answer["total"]) == (True, 6)


async def test_a_worker_that_died_in_a_refresh_holds_the_others_up_for_minutes_only(client, hub, clock):
    from feria_core.ids import new_id
    from feria_landing.github import repository

    await repository.claim("projects", new_id(), clock.at, clock.at)
    await refresh()
    assert calls(hub) == []
    clock.move(minutes=6)
    await refresh()
    assert len(calls(hub)) == 1


async def test_a_refresh_that_lost_its_claim_writes_nothing(client, hub, clock):
    from feria_core.ids import new_id
    from feria_landing.github import repository
    from feria_landing.github.refresh import Copy, _store

    await copied(client, clock)
    await _store("projects", new_id(), Copy())
    await repository.give_up("projects", new_id(), failures=9, not_before=clock.at, reason="late")
    assert (await client.get("/api/projects?limit=100")).json["total"] == 5


async def test_nothing_is_asked_where_nobody_is_configured(client, hub, monkeypatch):
    from feria_landing.github import reading
    from feria_landing.github import refresh as refreshing

    nobody = refreshing.settings(refreshing.LandingSettings).model_copy(update={"github_organisation": None})
    monkeypatch.setattr(refreshing, "settings", lambda _: nobody)
    answer = (await client.get("/api/projects")).json
    assert (answer["items"], answer["stale"], answer["fetched_at"]) == ([], False, None)
    await refresh()
    assert hub.calls == []
    assert reading.ASK_AGAIN


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded answers of GitHub are not there")
def test_recorded_answers_can_be_read():
    import orjson

    from feria_landing.github import parsing

    repositories = payloads.recorded(RECORDED, "examples/list_org_repos.json", "examples/list_user_repos.json")
    for body in repositories:
        assert [project["name"] for project in parsing.projects(orjson.dumps(body))] == ["Hello-World"]
    for body in payloads.recorded(RECORDED, "recorded/search_issues.json", "examples/search_issues.json"):
        found = parsing.contributions(orjson.dumps(body))
        assert len(found) == len(body["items"])
        assert all(item["url"].startswith("https://github.com/") and "/" in item["repo"] for item in found)


@pytest.mark.skipif(not RECORDED.is_dir(), reason="the recorded failures of GitHub are not there")
def test_recorded_failures_are_limits_where_they_say_so(clock):
    import json

    from feria_landing.github.failures import limited

    told = {}
    for file in sorted((RECORDED / "failures").glob("*.json")):
        answer = json.loads(file.read_text(encoding="utf-8"))
        limit = limited(answer["status"], answer["headers"], json.dumps(answer["body"]), clock.at)
        told[file.stem] = None if limit is None else limit.until
    limits = {name for name in told if "limit" in name and "not_a_limit" not in name}
    assert {name for name, until in told.items() if until is not None} == limits - {"secondary_limit_429_no_header"}
    assert told["forbidden_403_not_a_limit"] is None
    assert told["secondary_limit_403_retry_after"] == clock.at + timedelta(seconds=60)


async def test_the_token_is_sent_and_goes_nowhere_else(client, hub, clock, monkeypatch):
    from pydantic import SecretStr

    from feria_landing.github import client as github_client

    chosen = github_client.settings(github_client.LandingSettings)
    secret = chosen.model_copy(update={"github_token": SecretStr("ghp_secret")})
    monkeypatch.setattr(github_client, "settings", lambda _: secret)
    hub.repositories = [payloads.repository(f"r{n}", number=n) for n in range(150)]
    await refresh()
    assert {call.token for call in hub.calls} == {"Bearer ghp_secret"}
    rows = await db.fetch_all("SELECT url FROM landing_github_page")
    assert not any("ghp_" in row["url"] for row in rows)
