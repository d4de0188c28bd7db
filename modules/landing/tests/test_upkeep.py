"""What a person may ask, what doctor looks at, what a newcomer sees."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from feria_core import db
from feria_core.contracts.privacy import PERSONAL_DATA, DataSubject, OwnAddress
from feria_core.ids import new_id
from feria_core.runtime import registry
from feria_core.testing.work import run_jobs
from feria_landing import checks, demo

EMAIL = "Zenobia.Quill@Erase.example"


@pytest.fixture
def person():
    form = EMAIL.lower()
    return DataSubject(new_id(), "Zenobia", EMAIL, (OwnAddress(EMAIL, (form,)),))


def landing_data():
    return next(part for part in registry().all(PERSONAL_DATA) if part.section == "landing")


async def places(needle):
    """Return the tables and columns of the module, and of the mails, that hold the text."""
    columns = await db.fetch_all(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        " AND (table_name LIKE 'landing_%' OR table_name IN ('core_mail', 'core_job', 'core_audit'))"
    )
    found = set()
    for row in columns:
        sql = (
            f'SELECT count(*) FROM {row["table_name"]} WHERE strpos(lower("{row["column_name"]}"::text), lower($1)) > 0'
        )
        if await db.fetch_value(sql, needle):
            found.add((row["table_name"], row["column_name"]))
    return found


async def live(client, staff, link_for):
    body = {"name": "Zenobia Quill", "email": EMAIL, "subject": "Hi", "message": "From Zenobia Quill"}
    assert (await client.post("/api/contact", body)).status == 202
    (row,) = (await staff.get("/api/admin/contacts")).json["items"]
    await staff.post(f"/api/admin/contacts/{row['id']}/reply", {"message": "Dear Zenobia"})
    await client.post("/api/subscribe", {"email": EMAIL})
    token = await link_for(EMAIL, "/api/subscribe/confirm")
    await client.get(f"/api/subscribe/confirm?token={token}")
    made = (await staff.post("/api/admin/newsletters", {"subject": "News", "body": "Hello"})).json
    await staff.post(f"/api/admin/newsletters/{made['id']}/send", {})
    await run_jobs()
    await client.post("/api/subscribe", {"email": EMAIL})
    await client.post("/api/contact", {**body, "subject": "Again"})


async def test_the_export_shows_all_of_a_person_and_the_erasure_takes_all_of_it(client, staff, link_for, person):
    await live(client, staff, link_for)
    exported = await landing_data().export(person)
    assert [contact["subject"] for contact in exported["contacts"]] == ["Hi", "Again"]
    assert exported["contacts"][0]["replies"][0]["message"] == "Dear Zenobia"
    (subscription,) = exported["subscriptions"]
    assert [line["action"] for line in subscription["consents"]] == ["requested", "confirmed"]
    assert subscription["newsletters"][0]["subject"] == "News"
    assert len(exported["signups"]) == 1
    async with db.transaction():
        for part in registry().all(PERSONAL_DATA):
            if part.section in {"landing", "core"}:
                await part.erase(person)
    for needle in (EMAIL, "zenobia", "quill"):
        # The team's mail about the message is taken apart by core: the address goes, what was written stays to be read.
        assert await places(needle) <= {("core_mail", "context")}
    assert await places(EMAIL) == set()
    await run_jobs()
    assert (await landing_data().export(person)) == {"contacts": [], "subscriptions": [], "signups": []}


async def test_what_somebody_else_wrote_later_under_the_address_is_kept(client, staff, link_for):
    await live(client, staff, link_for)
    past = OwnAddress(EMAIL, (EMAIL.lower(),), until=datetime(2020, 1, 1, tzinfo=UTC))
    former = DataSubject(new_id(), "Former", None, (past,))
    async with db.transaction():
        await landing_data().erase(former)
    assert await db.fetch_value("SELECT count(*) FROM landing_contact") == 2
    assert (await landing_data().export(former))["contacts"] == []


async def test_doctor_finds_occurrences_that_are_not_those_of_the_rule(event):
    await event(rrule="FREQ=DAILY;COUNT=3")
    await event(title="Once")
    assert await checks.occurrences() == []
    await db.execute("DELETE FROM landing_occurrence WHERE starts_at = (SELECT max(starts_at) FROM landing_occurrence)")
    (found,) = await checks.occurrences()
    assert "open-day" in found


async def test_a_newcomer_finds_events_and_testimonials_once(client):
    assert await demo.load()
    assert await demo.load() == []
    assert (await client.get("/api/events?when=upcoming")).json["total"] > 50
    assert (await client.get("/api/events?when=past")).json["items"][0]["title"] == "Spring fair"
    assert len((await client.get("/api/testimonials")).json["items"]) == 3
    assert await checks.occurrences() == []
