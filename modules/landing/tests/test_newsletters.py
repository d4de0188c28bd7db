from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from feria_core import clock as time
from feria_core import db
from feria_core.ids import new_id, new_token
from feria_core.testing.work import run_jobs

PATH = "/api/admin/newsletters"


async def readers(count, *, lists=("news",), locale="en", prefix="reader"):
    """Write so many confirmed subscriptions."""
    for number in range(count):
        email = f"{prefix}{number}@example.org"
        await db.execute(
            "INSERT INTO landing_subscription (id, email, email_key, status, lists, locale, unsubscribe_token,"
            " created_at, confirmed_at, updated_at) VALUES ($1, $2, $2, 'confirmed', $3, $4, $5, $6, $6, $6)",
            new_id(), email, list(lists), locale, new_token(), time.now(),
        )  # fmt: skip


@pytest.fixture
def draft(staff):
    async def make(**changes):
        reply = await staff.post(PATH, {"subject": "News", "body": "# Hello\n\nA new *table*.", **changes})
        assert reply.status == 201, reply.body
        return reply.json

    return make


async def run_to_end(clock):
    """Work until nothing is queued any more, the clock moved on as the batches want it."""
    for _ in range(30):
        await run_jobs()
        if not await db.fetch_value("SELECT count(*) FROM core_job WHERE state = 'queued'"):
            return
        clock.move(seconds=60)
    raise AssertionError("the newsletter does not come to its end")


async def progress(staff, newsletter):
    found = (await staff.get(f"{PATH}/{newsletter['id']}")).json
    return found["state"], found["progress"]


async def test_a_draft_is_written_changed_and_deleted(staff, draft):
    made = await draft(body="Hi <script>x</script>")
    assert (made["state"], made["lists"], made["body_html"]) == ("draft", ["news"], "<p>Hi </p>\n")
    changed = await staff.patch(f"{PATH}/{made['id']}", {"subject": "Later", "version": 1})
    assert (changed.json["subject"], changed.json["version"]) == ("Later", 2)
    assert (await staff.patch(f"{PATH}/{made['id']}", {"subject": "x", "version": 1})).code == "stale_version"
    assert (await staff.post(PATH, {"subject": "x", "body": "x", "lists": ["secret"]})).status == 422
    assert [row["id"] for row in (await staff.get(f"{PATH}?state=draft")).json["items"]] == [made["id"]]
    assert (await staff.delete(f"{PATH}/{made['id']}")).status == 204
    assert (await staff.get(f"{PATH}/{made['id']}")).status == 404


async def test_a_trial_goes_to_one_address_and_sends_nothing_else(staff, draft, mailbox):
    await readers(2)
    made = await draft()
    assert (await staff.post(f"{PATH}/{made['id']}/test", {"email": "boss@example.org"})).status == 202
    await run_jobs()
    (mail,) = mailbox.mails()
    assert (mail["to"], mail["subject"]) == ("boss@example.org", "News")
    assert "List-Unsubscribe" not in mail["headers"]
    assert (await progress(staff, made))[0] == "draft"


async def test_each_reader_of_the_segment_gets_it_once_with_one_click_to_leave(client, staff, draft, mailbox, clock):
    await readers(5)
    await readers(2, locale="es", prefix="lector")
    await db.execute("UPDATE landing_subscription SET status = 'pending' WHERE email = 'reader0@example.org'")
    made = await draft(locale="en")
    assert (await staff.post(f"{PATH}/{made['id']}/send", {})).status == 202
    await run_to_end(clock)
    mails = mailbox.mails()
    assert sorted(mail["to"] for mail in mails) == [f"reader{n}@example.org" for n in range(1, 5)]
    headers = mails[0]["headers"]
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = headers["List-Unsubscribe"].strip("<>")
    assert link.startswith("http://localhost:8000/api/unsubscribe?token=")
    assert link in mails[0]["text"]
    assert "<em>table</em>" in mails[0]["html"]
    assert "A new *table*." in mails[0]["text"]
    assert await progress(staff, made) == ("sent", {"recipients": 4, "mailed": 4, "skipped": 0, "waiting": 0})
    left = await client.post(link.removeprefix("http://localhost:8000"))
    assert left.json["status"] == "unsubscribed"


async def test_it_is_started_once_by_twins_and_is_no_draft_then(staff, draft, mailbox, clock):
    await readers(3)
    made = await draft()
    path = f"{PATH}/{made['id']}"
    replies = await asyncio.gather(*(staff.post(f"{path}/send", {}) for _ in range(4)))
    assert sorted(reply.status for reply in replies) == [202, 409, 409, 409]
    for refused in (await staff.patch(path, {"subject": "x"}), await staff.delete(path)):
        assert refused.code == "newsletter_not_draft"
    await run_to_end(clock)
    assert len(mailbox.mails()) == 3
    assert (await staff.post(f"{path}/stop")).code == "newsletter_not_running"


async def test_who_leaves_or_is_suppressed_meanwhile_gets_nothing(client, staff, draft, mailbox, clock, monkeypatch):
    monkeypatch.setattr("feria_landing.newsletter.sending._batch", lambda: 1)
    await readers(4)
    made = await draft()
    await staff.post(f"{PATH}/{made['id']}/send", {})
    await run_jobs()
    assert (await progress(staff, made))[1]["mailed"] == 1
    token = await db.fetch_value(
        "SELECT unsubscribe_token FROM landing_subscription WHERE email = 'reader2@example.org'"
    )
    await client.post(f"/api/unsubscribe?token={token}")
    await staff.post("/api/admin/subscriptions/suppressions", {"email": "reader3@example.org"})
    await run_to_end(clock)
    assert sorted(mail["to"] for mail in mailbox.mails()) == ["reader0@example.org", "reader1@example.org"]
    assert await progress(staff, made) == ("sent", {"recipients": 4, "mailed": 2, "skipped": 2, "waiting": 0})


async def test_a_worker_that_dies_between_any_two_steps_loses_and_doubles_nobody(
    staff, draft, mailbox, clock, monkeypatch
):
    from feria_core import mail

    monkeypatch.setattr("feria_landing.newsletter.sending._batch", lambda: 4)
    await readers(10)
    made = await draft()
    await staff.post(f"{PATH}/{made['id']}/send", {})
    original, calls = mail.send, []

    async def dies_at_some(template, **details):
        calls.append(template)
        if len(calls) in {3, 8, 12}:
            raise ConnectionError("killed")
        return await original(template, **details)

    monkeypatch.setattr(mail, "send", dies_at_some)
    await run_to_end(clock)
    assert sorted(each["to"] for each in mailbox.mails()) == sorted(f"reader{n}@example.org" for n in range(10))
    assert (await progress(staff, made))[0] == "sent"


async def test_the_same_job_run_again_mails_nobody_twice(staff, draft, mailbox, clock):
    from feria_core.jobs import enqueue

    await readers(3)
    made = await draft()
    await staff.post(f"{PATH}/{made['id']}/send", {})
    async with db.transaction():
        for is_first in (True, False):
            await enqueue("landing.send_newsletter", newsletter_id=made["id"], is_first=is_first)
    await run_to_end(clock)
    assert len(mailbox.mails()) == 3


async def test_who_leaves_while_his_mail_is_being_queued_gets_nothing(
    client, staff, draft, mailbox, clock, monkeypatch
):
    from feria_core import mail

    await readers(2)
    made = await draft()
    token = await db.fetch_value(
        "SELECT unsubscribe_token FROM landing_subscription WHERE email = 'reader0@example.org'"
    )
    original, leaving = mail.send, []

    async def slowly(template, **details):
        if template == "landing/newsletter" and not leaving:
            leaving.append(asyncio.create_task(client.post(f"/api/unsubscribe?token={token}")))
            waits = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
            while not leaving[0].done() and not await db.fetch_value(waits):
                await asyncio.sleep(0.01)
        return await original(template, **details)

    monkeypatch.setattr(mail, "send", slowly)
    await staff.post(f"{PATH}/{made['id']}/send", {})
    await run_jobs(rounds=1)
    assert (await leaving[0]).status == 200
    await run_to_end(clock)
    assert [each["to"] for each in mailbox.mails()] == ["reader1@example.org"]


async def test_it_can_be_stopped(staff, draft, mailbox, clock, monkeypatch):
    monkeypatch.setattr("feria_landing.newsletter.sending._batch", lambda: 1)
    await readers(5)
    made = await draft()
    await staff.post(f"{PATH}/{made['id']}/send", {})
    await run_jobs()
    assert (await staff.post(f"{PATH}/{made['id']}/stop")).json["state"] == "stopped"
    await run_to_end(clock)
    assert len(mailbox.mails()) == 1


async def test_it_goes_out_at_its_time_to_who_reads_it_then(staff, draft, mailbox, clock):
    made = await draft()
    send_at = (clock.at + timedelta(hours=2)).isoformat()
    await staff.post(f"{PATH}/{made['id']}/send", {"send_at": send_at})
    await run_jobs()
    await readers(2)
    assert mailbox.mails() == []
    clock.move(hours=2)
    await run_jobs()
    assert len(mailbox.mails()) == 2


async def test_one_that_nobody_reads_is_sent_at_once(staff, draft):
    made = await draft()
    await staff.post(f"{PATH}/{made['id']}/send", {})
    await run_jobs()
    assert (await progress(staff, made))[0] == "sent"


async def test_doctor_finds_one_that_stands_still(staff, draft, clock):
    from feria_landing import checks

    made = await draft()
    await staff.post(f"{PATH}/{made['id']}/send", {})
    assert await checks.newsletters() == []
    clock.move(hours=2)
    assert "News" in (await checks.newsletters())[0]
    assert UUID(made["id"])
