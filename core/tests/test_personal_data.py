"""What core forgets of a person, and what it does not learn in the first place."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import ClassVar
from uuid import UUID

import orjson
import pytest

from feria_core import audit, db, idempotency, limits, mail
from feria_core._internal.personal_data import CorePersonalData
from feria_core.contracts.events import Event, personal
from feria_core.contracts.privacy import DataSubject, OwnAddress
from feria_core.events import publish
from feria_core.ids import new_id
from feria_core.limits import Limit
from feria_core.module import Subscription
from feria_core.runtime import current

ANA, PAST = "ana@example.org", "ana@old.example"
ME = UUID(int=7)


@dataclass(frozen=True)
class Waved(Event):
    name: ClassVar[str] = "tests.waved"

    who: UUID
    email: str = field(metadata=personal())
    said: str = ""


@pytest.fixture
def subject(database: None) -> DataSubject:
    return DataSubject(ME, "Ana", ANA, (OwnAddress(ANA, (ANA,)),))


async def erase(subject: DataSubject) -> None:
    async with db.transaction():
        await CorePersonalData().erase(subject)


async def send(to: str, **context: str) -> UUID:
    async with db.transaction():
        return await mail.send("core/test", to=to, context=context)


async def mails() -> dict[str, str]:
    rows = await db.fetch_all("SELECT recipient, context::text FROM core_mail ORDER BY id")
    return {row["recipient"]: row["context"] for row in rows}


async def test_mails_to_the_person_go_and_what_mails_to_others_say(subject) -> None:
    await send("Ana@Example.org", link="x")
    await send("shop@example.org", note="from ANA@example.org", other="diana@example.org, ana@example.org.mx")
    await send("diana@example.org")
    await erase(subject)
    assert list(await mails()) == ["shop@example.org", "diana@example.org"]
    assert orjson.loads((await mails())["shop@example.org"]) == {
        "note": "from [erased]", "other": "diana@example.org, ana@example.org.mx",
    }  # fmt: skip


async def test_of_an_earlier_address_only_what_was_the_persons_goes(subject) -> None:
    sent = await send(PAST, first="x")
    until = await db.fetch_value("SELECT clock_timestamp()")
    await db.execute("UPDATE core_mail SET created_at = $2 WHERE id = $1", sent, until - timedelta(seconds=1))
    await send(PAST, second="x")
    await erase(replace(subject, addresses=(*subject.addresses, OwnAddress(PAST, (PAST,), until))))
    assert await mails() == {PAST: '{"second": "x"}'}


async def test_events_about_the_person_lose_their_personal_fields(subject, monkeypatch) -> None:
    listening = {**current().subscriptions, Waved.name: (("tests.wave", Subscription(Waved, "nowhere:none")),)}
    monkeypatch.setattr("feria_core.events.current", lambda: replace(current(), subscriptions=listening))
    monkeypatch.setattr(
        "feria_core._internal.personal_data.current", lambda: replace(current(), subscriptions=listening)
    )
    async with db.transaction():
        await publish(Waved(who=ME, email="elsewhere@example.org"))
        await publish(Waved(who=UUID(int=8), email="ANA@example.org"))
        await publish(Waved(who=UUID(int=9), email="bea@example.org", said=f"hello {ANA}"))
    await erase(subject)
    # Ids of one millisecond come in any order.
    rows = await db.fetch_all("SELECT payload::text FROM core_outbox")
    kept = [orjson.loads(row["payload"]) for row in rows]
    assert sorted((each["email"], each["said"]) for each in kept) == [
        ("", ""), ("", ""), ("bea@example.org", "hello [erased]"),
    ]  # fmt: skip


async def test_answers_limits_and_reasons_that_lead_to_the_person_go(subject) -> None:
    async def answered(scope: str, body: bytes) -> None:
        claim = await idempotency.claim(scope, "key", b"digest")
        assert isinstance(claim, idempotency.Claim)
        await idempotency.finish(claim, idempotency.StoredAnswer(201, {}, body))

    await answered(f"customer:{ME}", b"{}")
    await answered("guest:a", b'{"email":"Ana@example.org","name":"\xc3\xb1"}')
    await answered("guest:b", b'{"email":"diana@example.org"}')
    await answered("guest:c", b"\xff\x00 not text")
    await limits.hit(Limit("tests", 5, 60), f"customer:{ME}")
    await limits.hit(Limit("tests", 5, 60), "customer:somebody")
    await send("shop@example.org")
    await db.execute("UPDATE core_job SET last_error = $1", f"Key (email)=({ANA}) exists")
    await erase(subject)
    rows = await db.fetch_all("SELECT scope FROM core_idempotency ORDER BY scope")
    assert [row["scope"] for row in rows] == ["guest:b", "guest:c"]
    assert await db.fetch_value("SELECT array_agg(key) FROM core_rate_limit") == ["tests:customer:somebody"]
    assert await db.fetch_value("SELECT last_error FROM core_job") == "[erased]"


async def test_the_export_lists_mails_without_what_they_say(subject) -> None:
    await send(ANA, link="https://shop/?token=secret")
    async with db.transaction():
        found = await CorePersonalData().export(subject)
    assert found["mails"][0]["recipient"] == ANA  # type: ignore[index, call-overload]
    assert "secret" not in orjson.dumps(found).decode()


async def test_nothing_is_mailed_to_what_is_left_of_the_erased(database: None) -> None:
    await send("erased@erased.invalid")
    assert await mails() == {}
    assert await db.fetch_value("SELECT count(*) FROM core_job") == 0


async def test_the_audit_log_learns_which_personal_fields_changed_and_not_to_what(database: None) -> None:
    async with db.transaction():
        await audit.record(
            "tests.changed", "users.account", new_id(),
            before={"name": "Ana", "email": ANA, "locale": "en", "address": {"line1": "Calle 5"}},
            after={"list": [{"phone": "1", "name": "Ana", "role": "owner"}], "api_token": "x"},
        )  # fmt: skip
        await audit.record("tests.changed", "product", new_id(), after={"name": "Oak", "options": {"phone": "iPhone"}})
    rows = await db.fetch_all("SELECT before::text, after::text FROM core_audit ORDER BY id")
    assert orjson.loads(rows[0]["before"]) == {
        "name": "[personal]", "email": "[personal]", "locale": "en", "address": "[personal]",
    }  # fmt: skip
    assert orjson.loads(rows[0]["after"]) == {
        "list": [{"phone": "[personal]", "name": "[personal]", "role": "owner"}], "api_token": "***",
    }  # fmt: skip
    assert orjson.loads(rows[1]["after"]) == {"name": "Oak", "options": {"phone": "iPhone"}}
