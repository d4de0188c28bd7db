"""Headers that a mail brings, taking a mail back, and how close retries are after an outage."""

from __future__ import annotations

import random

import pytest

from feria_core import db, mail
from feria_core._internal import outbox
from feria_core.testing.work import run_jobs

TEMPLATE = "core/test"
LINK = "<https://shop.example.org/api/unsubscribe?token=" + "a" * 120 + ">"


async def send(to="ana@example.org", **headers):
    async with db.transaction():
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        await mail.send(TEMPLATE, to=to, context={}, headers=named or None)


async def test_a_long_header_arrives_as_it_is(client, mailbox):
    await send(**{"List-Unsubscribe": LINK, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"})
    await run_jobs()
    headers = mailbox.mails()[0]["headers"]
    assert headers["List-Unsubscribe"] == LINK
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert await db.fetch_value("SELECT headers FROM core_mail") is None


@pytest.mark.parametrize(
    "headers",
    [
        {"Bcc": "all@example.org"},
        {"Subject": "x"},
        {"Reply-To": "a@example.org\r\nBcc: all@example.org"},
        {"Reply-To": "a@example.org\nBcc: all@example.org"},
        {"Reply-To": "josé@example.org"},
        {"Reply-To": ""},
        {"List-Id": "x" * 1000},
    ],
)
async def test_other_headers_and_lines_are_refused(client, headers):
    with pytest.raises(ValueError, match="header"):
        await send(**headers)
    assert await db.fetch_value("SELECT count(*) FROM core_mail") == 0


async def test_a_mail_that_was_taken_back_is_not_sent_and_others_are(client, mailbox):
    await send("ana@example.org")
    await send("bo@example.org")
    async with db.transaction():
        assert await mail.withdraw("ANA@example.org", ["core/other"]) == 0
        assert await mail.withdraw("ANA@example.org", [TEMPLATE]) == 1
    assert await run_jobs() == ["done", "done"]
    assert [each["to"] for each in mailbox.mails()] == ["bo@example.org"]


@pytest.mark.parametrize("extreme", [0.8, 1.0, 1.2])
@pytest.mark.parametrize("queued_s", [0, 60, 150, 299, 450, 599])
def test_after_ten_minutes_of_outage_nothing_waits_ten_minutes_more(monkeypatch, queued_s, extreme):
    monkeypatch.setattr(random, "uniform", lambda _low, _high: extreme)
    at, attempt = float(queued_s), 0
    while at < 600:
        attempt += 1
        at += outbox.backoff_s(attempt, patient=True)
    assert at - 600 <= 600


async def test_ten_minutes_without_a_mail_server_delay_mails_and_double_none(client, mailbox, clock):
    port, began = mailbox.port, clock.at
    await mailbox.stop()
    try:
        for number in range(20):
            await send(f"reader{number}@example.org")
            await run_jobs()
            clock.move(seconds=30)
    finally:
        mailbox.port = port
        await mailbox.start()
    assert (clock.at - began).total_seconds() == 600
    for _ in range(60):
        clock.move(seconds=10)
        await run_jobs()
    assert sorted(each["to"] for each in mailbox.mails()) == sorted(f"reader{n}@example.org" for n in range(20))


@pytest.mark.parametrize("step", ["rcpt", "data"])
async def test_a_final_refusal_is_a_dead_letter_at_once_and_goes_out_when_staff_try_again(client, mailbox, step):
    mailbox.fail_next(550, step=step)
    await send()
    assert await run_jobs() == ["dead"]
    row = await db.fetch_one("SELECT state, last_error FROM core_job")
    assert row["state"] == "dead"
    assert "for good" in row["last_error"]
    await db.execute(
        "UPDATE core_job SET state = 'queued', attempt = 0, run_at = now(), started_at = NULL, lease_until = NULL,"
        " finished_at = NULL WHERE state = 'dead' AND name = 'core.send_mail'"
    )
    assert await run_jobs() == ["done"]
    assert len(mailbox.mails()) == 1


async def test_a_passing_refusal_is_tried_again(client, mailbox, clock):
    mailbox.fail_next(451, times=3)
    await send()
    for _ in range(6):
        await run_jobs()
        clock.move(minutes=8)
    assert len(mailbox.mails()) == 1


async def test_a_server_that_stalls_delays_the_mail_and_doubles_none(client, mailbox, clock, monkeypatch):
    from feria_core.mail import delivery

    quick = delivery.core_settings().model_copy(update={"smtp_timeout_s": 0.2})
    monkeypatch.setattr(delivery, "core_settings", lambda: quick)
    mailbox.stall(30)
    await send()
    assert await run_jobs() == ["retried"]
    mailbox.behave_again()
    clock.move(minutes=2)
    assert await run_jobs() == ["done"]
    assert len(mailbox.mails()) == 1
