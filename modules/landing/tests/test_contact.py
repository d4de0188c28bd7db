from __future__ import annotations

import asyncio

import orjson
import pytest

from feria_core import db
from feria_core.testing.work import run_jobs

MESSAGE = {"name": "Ana", "email": "ana@example.org", "subject": "A table", "message": "Do you\ndeliver?"}


async def stored():
    return await db.fetch_value("SELECT count(*) FROM landing_contact")


@pytest.fixture
def send(client):
    """Send a message from a socket of this address; return the status."""

    async def sent(peer="203.0.113.5", *, headers=None, **changes):
        response = await client.app.test_client().open(
            "/api/contact", method="POST", data=orjson.dumps({**MESSAGE, **changes}),
            headers={"Content-Type": "application/json", **(headers or {})}, scope_base={"client": (peer, 40000)},
        )  # fmt: skip
        return response.status_code

    return sent


async def test_a_message_is_stored_mailed_to_the_team_and_acknowledged(client, mailbox, staff):
    reply = await client.post("/api/contact", MESSAGE)
    assert (reply.status, reply.json) == (202, {"status": "accepted"})
    assert await stored() == 1
    await run_jobs()
    received, team = mailbox.mails()
    assert (team["to"], team["subject"]) == ("shop@localhost.localdomain", "Message: A table")
    assert "Do you\ndeliver?" in team["text"]
    assert team["headers"]["Reply-To"] == "ana@example.org"
    assert received["to"] == "ana@example.org"
    assert "deliver" not in received["text"]


async def test_the_fourth_in_an_hour_is_refused_and_the_window_slides(client, clock):
    for _ in range(3):
        assert (await client.post("/api/contact", MESSAGE)).status == 202
        clock.move(minutes=10)
    refused = await client.post("/api/contact", MESSAGE)
    assert (refused.status, refused.code) == (429, "rate_limited")
    assert refused.headers["retry-after"] == str(30 * 60)
    clock.move(seconds=30 * 60 - 1)
    assert (await client.post("/api/contact", MESSAGE)).status == 429
    clock.move(seconds=1)
    assert (await client.post("/api/contact", MESSAGE)).status == 202
    assert (await client.post("/api/contact", MESSAGE)).status == 429
    assert await stored() == 4


async def test_of_twenty_at_once_three_are_stored(send):
    statuses = await asyncio.gather(*(send() for _ in range(20)))
    assert sorted(statuses) == [202] * 3 + [429] * 17
    assert await stored() == 3


@pytest.mark.parametrize("kind", ["one socket", "forged", "one household"])
async def test_of_four_in_a_row_and_twenty_at_once_three_are_stored(send, kind):
    """From one address, under 100 forged ones each time, and from a thousand of one /64."""
    names = {
        "one socket": [("203.0.113.5", None)] * 24,
        "forged": [("203.0.113.5", {"X-Forwarded-For": f"198.51.100.{n}, 10.0.0.{n}"}) for n in range(100)],
        "one household": [(f"2001:db8:7:1:{n:x}:{n:x}::{n:x}", None) for n in range(1, 1001)],
    }[kind]
    statuses = [await send(peer, headers=headers) for peer, headers in names[:4]]
    assert statuses == [202, 202, 202, 429]
    rest = names[4:]
    for start in range(0, len(rest), 20):
        at_once = await asyncio.gather(*(send(peer, headers=headers) for peer, headers in rest[start : start + 20]))
        assert set(at_once) == {429}
    assert await stored() == 3
    # Whose address was forged, and who lives next door, is not shut out.
    assert await send("198.51.100.7") == 202
    assert await send("2001:db8:7:2::1") == 202


@pytest.mark.parametrize("kind", ["one socket", "forged", "one household"])
async def test_of_all_of_them_at_once_three_are_stored(send, kind):
    sent = {
        "one socket": [send() for _ in range(20)],
        "forged": [send(headers={"X-Forwarded-For": f"198.51.100.{n}"}) for n in range(100)],
        "one household": [send(f"2001:db8:9:1::{n:x}") for n in range(1, 201)],
    }
    statuses = await asyncio.gather(*sent.pop(kind))
    for others in sent.values():
        for never in others:
            never.close()
    assert statuses.count(202) == 3
    assert await stored() == 3


async def test_a_final_refusal_is_seen_and_tried_again_by_staff(client, mailbox):
    staff = client.as_staff("jobs.read", "jobs.write")
    mailbox.fail_next(550, times=2)
    assert (await client.post("/api/contact", MESSAGE)).status == 202
    assert await run_jobs() == ["dead", "dead"]
    letters = (await staff.get("/api/admin/jobs?state=dead&name=core.send_mail")).json["items"]
    assert ["550" in letter["cause"] for letter in letters] == [True, True]
    assert (await staff.post("/api/admin/jobs/retry", {"name": "core.send_mail"})).json == {"retried": 2}
    assert await run_jobs() == ["done", "done"]
    assert sorted(mail["to"] for mail in mailbox.mails()) == ["ana@example.org", "shop@localhost.localdomain"]


async def test_forwarded_addresses_of_nobody_that_is_trusted_do_not_count(send):
    statuses = [await send(headers={"X-Forwarded-For": f"198.51.100.{n}"}) for n in range(100)]
    assert statuses.count(202) == 3
    assert await send("198.51.100.7") == 202


async def test_one_household_has_one_limit_for_all_its_addresses(send):
    statuses = [await send(f"2001:db8:1:2:{n:x}::{n:x}") for n in range(1, 60)]
    statuses += await asyncio.gather(*(send(f"2001:db8:1:2::{n:x}") for n in range(1, 941)))
    assert statuses.count(202) == 3
    assert await send("2001:db8:1:3::1") == 202


async def test_a_message_that_is_not_acceptable_does_not_count(client):
    for _ in range(5):
        assert (await client.post("/api/contact", {**MESSAGE, "email": "nobody"})).status == 422
        assert (await client.post("/api/contact", {**MESSAGE, "website": "https://spam.example"})).status == 202
    assert await stored() == 0
    assert [(await client.post("/api/contact", MESSAGE)).status for _ in range(4)] == [202, 202, 202, 429]


async def test_a_message_that_could_not_be_stored_does_not_count(client, monkeypatch):
    from feria_landing.contact import repository

    async def fail(*_):
        raise ConnectionError("the database went away")

    with monkeypatch.context() as broken:
        broken.setattr(repository, "add", fail)
        for _ in range(3):
            assert (await client.post("/api/contact", MESSAGE)).status == 503
    assert [(await client.post("/api/contact", MESSAGE)).status for _ in range(4)] == [202, 202, 202, 429]


@pytest.mark.parametrize(
    "change",
    [
        {"subject": "Hi\r\nBcc: all@example.org"},
        {"name": "Ana\nBcc: all@example.org"},
        {"email": "ana@example.org\r\nBcc: all@example.org"},
        {"email": "ana@example.org, all@example.org"},
        {"subject": "\u202egnp.exe"},
        {"name": ""},
        {"message": "x" * 5001},
        {"phone": "1"},
        {"message": "nul \x00"},
    ],
)
async def test_what_would_end_a_header_or_is_no_message_is_refused(client, change):
    reply = await client.post("/api/contact", {**MESSAGE, **change})
    assert (reply.status, reply.code) == (422, "validation_failed")
    assert await stored() == 0


async def test_a_message_is_taken_while_the_mail_server_is_down_and_mailed_when_it_is_back(client, mailbox, clock):
    port = mailbox.port
    await mailbox.stop()
    try:
        assert (await client.post("/api/contact", MESSAGE)).status == 202
        assert await run_jobs() == ["retried", "retried"]
    finally:
        mailbox.port = port
        await mailbox.start()
    assert mailbox.mails() == []
    clock.move(minutes=2)
    assert await run_jobs() == ["done", "done"]
    assert len(mailbox.mails()) == 2


async def test_staff_read_answer_and_close(client, staff, mailbox):
    await client.post("/api/contact", MESSAGE, headers={"Accept-Language": "es"})
    (row,) = (await staff.get("/api/admin/contacts?status=new")).json["items"]
    path = f"/api/admin/contacts/{row['id']}"
    assert (await staff.get(path)).json["message"] == MESSAGE["message"]
    await run_jobs()
    mailbox.clear()
    answered = await staff.post(f"{path}/reply", {"message": "Sí, a todas partes.", "version": 1})
    assert (answered.status, answered.json["status"], len(answered.json["replies"])) == (201, "answered", 1)
    assert (await staff.post(f"{path}/reply", {"message": "Again", "version": 1})).code == "stale_version"
    await run_jobs()
    (mail,) = mailbox.mails()
    assert (mail["to"], mail["subject"]) == ("ana@example.org", "Re: A table")
    assert "Sí, a todas partes." in mail["text"]
    assert "Usted escribió" in mail["text"]
    assert (await staff.patch(path, {"status": "closed", "version": 2})).json["status"] == "closed"
    assert (await staff.get("/api/admin/contacts?q=ANA@")).json["items"][0]["status"] == "closed"
    assert (await staff.delete(path)).status == 204
    assert (await staff.get(path)).status == 404
    rows = await db.fetch_all(
        "SELECT action, before::text || after::text AS said FROM core_audit WHERE action <> 'refused' ORDER BY id"
    )
    assert [row["action"].rpartition(".")[2] for row in rows] == ["answered", "changed", "deleted"]
    assert not any("ana" in (row["said"] or "") for row in rows)


async def test_only_who_answers_may_look_into_the_inbox(client):
    assert (await client.get("/api/admin/contacts")).status == 401
    assert (await client.as_staff("landing.write").get("/api/admin/contacts")).status == 403


async def test_a_suppressed_address_gets_no_acknowledgement(client, staff, mailbox):
    await staff.post("/api/admin/subscriptions/suppressions", {"email": "ANA@example.org"})
    assert (await client.post("/api/contact", MESSAGE)).status == 202
    await run_jobs()
    assert [mail["to"] for mail in mailbox.mails()] == ["shop@localhost.localdomain"]
