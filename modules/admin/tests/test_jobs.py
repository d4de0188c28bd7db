"""Jobs as staff see them, and dead letters that are tried again."""

from __future__ import annotations

import asyncio
from uuid import UUID, uuid4

import pytest

from feria_core import db
from feria_core.ids import new_id
from feria_core.testing.client import ApiClient

PATH = "/api/admin/jobs"


@pytest.fixture
def staff(client: ApiClient) -> ApiClient:
    return client.as_staff("jobs.read", "jobs.write")


async def dead(name: str = "core.send_mail", queue: str = "mail") -> UUID:
    job_id = new_id()
    await db.execute(
        "INSERT INTO core_job (id, name, queue, arguments, state, attempt, max_attempts, finished_at, last_error)"
        " VALUES ($1, $2, $3, '{\"who\": \"ada@example.org\"}', 'dead', 8, 8, now(), $4)",
        job_id, name, queue, "OSError: refused\nDETAIL: ada@example.org",
    )  # fmt: skip
    return job_id


async def test_dead_letters_are_listed_with_their_cause_and_without_arguments(staff: ApiClient) -> None:
    ids = [await dead() for _ in range(3)]
    first = (await staff.get(f"{PATH}?state=dead&queue=mail&limit=2")).json
    rest = (await staff.get(f"{PATH}?state=dead&limit=2&cursor={first['next_cursor']}")).json
    assert [item["id"] for item in first["items"] + rest["items"]] == [str(each) for each in reversed(ids)]
    assert first["items"][0]["cause"] == "OSError: refused"
    assert b"ada@" not in (await staff.get(PATH)).body
    assert (await staff.get(f"{PATH}?state=dead&name=core.sweep")).json["items"] == []


async def test_the_summary_counts_queues_and_knows_schedules(staff: ApiClient) -> None:
    await dead()
    seen = (await staff.get(f"{PATH}/summary")).json
    assert [(each["queue"], each["dead"], each["waiting"]) for each in seen["queues"]] == [("mail", 1, 0)]
    assert {"job": "core.sweep", "every_s": 600, "last_run_at": None} in seen["schedules"]


async def test_a_dead_letter_is_tried_again_once(staff: ApiClient) -> None:
    job = await dead()
    answers = await asyncio.gather(*(staff.post(f"{PATH}/{job}/retry") for _ in range(3)))
    assert sorted(reply.status for reply in answers) == [200, 409, 409]
    assert {reply.code for reply in answers} == {None, "job_not_dead"}
    assert tuple(await db.fetch_one("SELECT state, attempt FROM core_job") or ()) == ("queued", 0)
    assert await db.fetch_value("SELECT count(*) FROM core_audit WHERE action = 'job.retried'") == 1
    assert (await staff.post(f"{PATH}/{uuid4()}/retry")).status == 404


async def test_many_are_tried_again_as_one_act(staff: ApiClient) -> None:
    for _ in range(3):
        await dead()
    await dead("core.sweep", "default")
    assert (await staff.post(f"{PATH}/retry", {"name": "core.send_mail"})).json == {"retried": 3}
    assert (await staff.post(f"{PATH}/retry", {"name": "core.send_mail"})).json == {"retried": 0}
    assert await db.fetch_value("SELECT count(*) FROM core_job WHERE state = 'dead'") == 1
    assert await db.fetch_value("SELECT count(*) FROM core_audit") == 1


async def test_looking_and_retrying_are_two_rights(client: ApiClient) -> None:
    reader = client.as_staff("jobs.read")
    assert (await reader.get(PATH)).status == 200
    assert (await reader.post(f"{PATH}/retry", {})).status == 403
    assert (await client.get(PATH)).status == 401
