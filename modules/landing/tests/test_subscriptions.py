from __future__ import annotations

import asyncio
import csv
import io

import pytest

from feria_core import db
from feria_core.contracts.newsletter import MAILING_SERVICES
from feria_core.runtime import registry
from feria_core.testing.work import run_jobs

ASK = "/api/subscribe"
CONFIRM, LEAVE = "/api/subscribe/confirm", "/api/unsubscribe"


async def subscribed(client, link_for, email="bo@example.org", **body):
    assert (await client.post(ASK, {"email": email, **body})).status == 202
    token = await link_for(email, CONFIRM)
    assert (await client.get(f"{CONFIRM}?token={token}")).status == 200
    return await db.fetch_value("SELECT unsubscribe_token FROM landing_subscription WHERE email_key = lower($1)", email)


async def status_of(email="bo@example.org"):
    return await db.fetch_value("SELECT status FROM landing_subscription WHERE email_key = $1", email)


async def test_nobody_is_subscribed_before_the_link_was_followed(client, link_for):
    assert (await client.post(ASK, {"email": "Bo@Example.org"})).json == {"status": "accepted"}
    token = await link_for("bo@example.org", CONFIRM)
    assert await status_of() == "pending"
    confirmed = await client.get(f"{CONFIRM}?token={token}")
    assert (confirmed.status, confirmed.json) == (200, {"status": "confirmed", "lists": ["news"]})
    assert await status_of() == "confirmed"


async def test_a_link_confirms_once_also_for_twins(client, link_for):
    await client.post(ASK, {"email": "bo@example.org"})
    token = await link_for("bo@example.org", CONFIRM)
    replies = await asyncio.gather(*(client.get(f"{CONFIRM}?token={token}") for _ in range(5)))
    assert sorted(reply.status for reply in replies) == [200, 400, 400, 400, 400]
    assert {reply.code for reply in replies} == {None, "invalid_token"}


@pytest.mark.parametrize(("hours", "status"), [(47.99, 200), (48, 400)])
async def test_a_link_confirms_for_48_hours(client, link_for, clock, hours, status):
    await client.post(ASK, {"email": "bo@example.org"})
    token = await link_for("bo@example.org", CONFIRM)
    clock.move(hours=hours)
    assert (await client.get(f"{CONFIRM}?token={token}")).status == status


async def test_the_answer_and_its_statements_are_the_same_for_known_and_unknown_addresses(
    client, link_for, staff, monkeypatch
):
    from feria_core.http import blueprint

    await subscribed(client, link_for, "known@example.org")
    await staff.post("/api/admin/subscriptions/suppressions", {"email": "never@example.org"})
    seen = []
    original = blueprint.respond

    def noting(result, status):
        seen.append(db.statement_count.get()[0])
        return original(result, status)

    monkeypatch.setattr(blueprint, "respond", noting)
    replies = [await client.post(ASK, {"email": f"{who}@example.org"}) for who in ("known", "unknown", "never")]
    told = [(r.status, r.body, {k: v for k, v in r.headers.items() if k != "x-request-id"}) for r in replies]
    assert told[0] == told[1] == told[2]
    assert len(seen) == 3
    assert len(set(seen)) == 1


async def test_who_is_subscribed_is_told_so_and_gets_no_new_link(client, link_for, mailbox):
    await subscribed(client, link_for)
    mailbox.clear()
    await client.post(ASK, {"email": "bo@example.org"}, headers={"Accept-Language": "es"})
    await run_jobs()
    (mail,) = mailbox.mails()
    assert mail["subject"] == "Feria: you are subscribed"
    assert CONFIRM not in mail["text"]


async def test_a_mailbox_cannot_be_flooded(client, mailbox):
    for _ in range(6):
        assert (await client.post(ASK, {"email": "victim@example.org"})).status == 202
    await run_jobs()
    assert len(mailbox.mails()) == 3


async def test_unknown_lists_are_refused(client):
    reply = await client.post(ASK, {"email": "bo@example.org", "lists": ["secret"]})
    assert (reply.status, reply.json["errors"][0]["code"]) == (422, "unknown_list")
    assert (await client.get("/api/subscribe/lists")).json["items"] == [{"code": "news", "name": "News"}]


@pytest.mark.parametrize("email", ["", "x", "a@b", "a@@b.org", "a b@c.org", "a@1.2.3.4", "a\n@b.org", ".a@b.org"])
async def test_what_is_no_address_is_refused(client, email):
    assert (await client.post(ASK, {"email": email})).status == 422


async def test_one_click_ends_it_without_a_login_and_looking_does_not(client, link_for):
    token = await subscribed(client, link_for)
    looked = await client.get(f"{LEAVE}?token={token}")
    assert (looked.json["status"], await status_of()) == ("subscribed", "confirmed")
    clicked = await client.post(
        f"{LEAVE}?token={token}", data=b"List-Unsubscribe=One-Click",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )  # fmt: skip
    assert (clicked.status, clicked.json) == (200, {"status": "unsubscribed", "lists": []})
    assert await status_of() == "unsubscribed"
    assert (await client.post(f"{LEAVE}?token={token}")).status == 200
    assert (await client.post(f"{LEAVE}?token=guessed")).code == "invalid_token"


async def test_people_get_pages_and_programs_json(client, link_for):
    token = await subscribed(client, link_for)
    browser = client.with_headers(accept="text/html,application/xhtml+xml,*/*;q=0.8", accept_language="es")
    page = await browser.get(f"{LEAVE}?token={token}")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert page.headers["referrer-policy"] == "no-referrer"
    assert '<form method="post">' in page.body.decode()
    assert "Darse de baja" in page.body.decode()
    assert "No recibirá" in (await browser.post(f"{LEAVE}?token={token}")).body.decode()
    assert (await browser.get(f"{CONFIRM}?token=<script>")).status == 400


async def test_who_has_gone_may_come_back_and_an_old_open_link_does_not_bring_him_back(client, link_for):
    await client.post(ASK, {"email": "bo@example.org"})
    old = await link_for("bo@example.org", CONFIRM)
    token = await subscribed(client, link_for)
    await client.post(f"{LEAVE}?token={token}")
    assert (await client.get(f"{CONFIRM}?token={old}")).status == 400
    assert await status_of() == "unsubscribed"
    await subscribed(client, link_for)
    assert await status_of() == "confirmed"


async def test_the_proof_of_consent_says_what_when_which_text_and_from_where(client, link_for, staff):
    import hashlib
    from uuid import UUID

    # The audit log tells under which address the tests' client comes.
    await staff.post("/api/admin/subscriptions/suppressions", {"email": "other@example.org"})
    await subscribed(client, link_for)
    (row,) = (await staff.get("/api/admin/subscriptions")).json["items"]
    detail = (await staff.get(f"/api/admin/subscriptions/{row['id']}")).json
    assert [(line["action"], line["text_version"]) for line in detail["consents"]] == [
        ("requested", "1"), ("confirmed", "1"),
    ]  # fmt: skip
    where = await db.fetch_value("SELECT address FROM core_audit WHERE action = 'landing.suppression.added'")
    for line in detail["consents"]:
        assert line["address_hash"] == hashlib.sha256(UUID(line["id"]).bytes + where.encode()).hexdigest()


async def test_a_suppressed_address_is_never_mailed_even_what_waits_already(client, link_for, staff, mailbox):
    await subscribed(client, link_for)
    await client.post(ASK, {"email": "bo@example.org"})
    await db.execute("UPDATE core_job SET run_at = run_at + interval '1 hour' WHERE state = 'queued'")
    reply = await staff.post(
        "/api/admin/subscriptions/suppressions", {"email": "BO@example.org", "reason": "complaint"}
    )
    assert reply.json == {"email": "BO@example.org", "is_suppressed": True}
    assert await status_of() == "unsubscribed"
    mailbox.clear()
    await client.post(ASK, {"email": "bo@example.org"})
    await db.execute("UPDATE core_job SET run_at = run_at - interval '1 hour' WHERE state = 'queued'")
    await run_jobs()
    assert mailbox.mails() == []
    gone = await staff.call("DELETE", "/api/admin/subscriptions/suppressions", json={"email": "bo@example.org"})
    assert gone.json["is_suppressed"] is False
    await subscribed(client, link_for)


async def test_what_waits_for_somebody_who_leaves_is_taken_back(client, link_for, mailbox):
    token = await subscribed(client, link_for)
    mailbox.clear()
    await client.post(ASK, {"email": "bo@example.org"})
    await run_jobs(rounds=1)
    await client.post(f"{LEAVE}?token={token}")
    await run_jobs()
    assert mailbox.mails() == []


async def test_the_export_holds_all_and_no_formula(client, link_for, staff):
    await subscribed(client, link_for)
    for email in ("=cmd@example.org", "+1@example.org", "-x@example.org"):
        await client.post(ASK, {"email": email})
    await run_jobs()
    answer = await staff.get("/api/admin/subscriptions/export")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.body.decode())))
    assert {row["email"] for row in rows} == {
        "bo@example.org", "'=cmd@example.org", "'+1@example.org", "'-x@example.org"
    }  # fmt: skip
    assert next(row["lists"] for row in rows if row["email"] == "bo@example.org") == "news"


async def test_staff_find_and_delete_subscriptions(client, link_for, staff):
    await subscribed(client, link_for)
    await client.post(ASK, {"email": "other@example.org"})
    await run_jobs()
    found = (await staff.get("/api/admin/subscriptions?status=confirmed&list=news&q=BO@")).json["items"]
    assert [row["email"] for row in found] == ["bo@example.org"]
    first = (await staff.get("/api/admin/subscriptions?limit=1")).json
    rest = (await staff.get(f"/api/admin/subscriptions?limit=1&cursor={first['next_cursor']}")).json
    assert {first["items"][0]["email"], rest["items"][0]["email"]} == {"bo@example.org", "other@example.org"}
    path = f"/api/admin/subscriptions/{found[0]['id']}"
    assert (await staff.delete(path)).status == 204
    assert (await staff.get(path)).status == 404
    assert (await client.as_staff("landing.write").get("/api/admin/subscriptions")).status == 403


async def test_unconfirmed_subscriptions_are_forgotten_after_a_month(client, link_for, clock):
    from feria_landing.newsletter import repository

    await subscribed(client, link_for)
    await client.post(ASK, {"email": "never@example.org"})
    await run_jobs()
    clock.move(days=31)
    assert await repository.sweep(clock.at) == 1
    assert await status_of() == "confirmed"


class Service:
    """A mailing service that fails once."""

    def __init__(self):
        self.told, self.is_down = [], True

    async def subscribed(self, reader):
        if self.is_down:
            self.is_down = False
            raise ConnectionError("the service does not answer")
        self.told.append(("subscribed", reader.email, reader.lists))

    async def unsubscribed(self, reader):
        self.told.append(("unsubscribed", reader.email, reader.lists))


async def test_an_attached_mailing_service_is_told_and_told_again_after_a_failure(client, link_for, clock):
    service = Service()
    registry().contribute(MAILING_SERVICES, service, module="tests")
    try:
        token = await subscribed(client, link_for)
        await run_jobs()
        assert service.told == []
        clock.move(minutes=1)
        await run_jobs()
        assert service.told == [("subscribed", "bo@example.org", ("news",))]
        await client.post(f"{LEAVE}?token={token}")
        await run_jobs()
        assert service.told[1:] == [("unsubscribed", "bo@example.org", ())]
    finally:
        registry()._offers.pop(MAILING_SERVICES.name)
