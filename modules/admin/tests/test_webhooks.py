"""Outgoing webhooks: signed, tried for a day, switched off, and never sent to networks of our own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import pytest_asyncio
from standardwebhooks import Webhook

from feria_admin.settings import AdminSettings
from feria_core import db
from feria_core._internal import outbox
from feria_core._internal.execution import run_job
from feria_core.contracts.orders import OrderCancelled, OrderPaid, OrderPlaced
from feria_core.events import publish, publish_many
from feria_core.ids import new_id
from feria_core.runtime import current, use
from feria_core.testing.client import ApiClient
from feria_core.testing.clock import MovableClock
from feria_core.testing.mailbox import Mailbox
from feria_core.testing.webhook_receiver import WebhookReceiver
from feria_core.testing.work import run_jobs

PATH = "/api/admin/webhooks"


@pytest.fixture
def own_network(client: ApiClient) -> Iterator[None]:
    """The deployment's settings allow this machine, where the receiver listens."""
    before = current()
    allowed = AdminSettings(webhook_networks=("127.0.0.1/32",), webhook_timeout_s=1)
    use(replace(before, modules=tuple(
        replace(module, settings=allowed) if module.name == "admin" else module for module in before.modules
    )))  # fmt: skip
    yield
    use(before)


@pytest_asyncio.fixture(loop_scope="session")
async def receiver(own_network: None) -> AsyncIterator[WebhookReceiver]:
    async with WebhookReceiver() as running:
        yield running


@pytest.fixture
def staff(client: ApiClient) -> ApiClient:
    return client.as_staff("webhooks.write")


async def made(staff: ApiClient, url: str, *events: str, **body: Any) -> dict[str, Any]:
    reply = await staff.post(PATH, {"url": url, "events": list(events or ("orders.*",)), **body})
    assert reply.status == 201, reply.body
    return reply.json


async def placed(**values: Any) -> UUID:
    order_id = new_id()
    event = OrderPlaced(
        order_id=order_id, number="F-1", customer_id=None, email="ada@example.org", total_amount=100, currency="USD",
        variant_ids=(), **values,
    )  # fmt: skip
    async with db.transaction():
        await publish(event)
    return order_id


async def log_of(staff: ApiClient, webhook: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await staff.get(f"{PATH}/{webhook['id']}/deliveries")).json["items"]
    return items


async def test_an_event_arrives_signed_without_personal_fields(staff: ApiClient, receiver: WebhookReceiver) -> None:
    webhook = await made(staff, receiver.url)
    order_id = await placed()
    await run_jobs()
    [got] = receiver.received
    told = Webhook(webhook["secret"]).verify(got.body, got.headers)
    assert (told["type"], told["data"]["order_id"]) == ("orders.placed", str(order_id))
    assert b"ada@example.org" not in got.body
    [delivery] = await log_of(staff, webhook)
    assert (delivery["id"], delivery["state"]) == (got.headers["webhook-id"], "delivered")
    assert [(each["status"], each["error"]) for each in delivery["tries"]] == [(204, None)]


async def test_patterns_choose_events_and_unwanted_ones_are_not_even_written(
    staff: ApiClient, receiver: WebhookReceiver
) -> None:
    await made(staff, receiver.url, "orders.paid")
    await made(staff, receiver.url, "orders.*")
    one = OrderPaid(order_id=new_id(), number="F-1")
    async with db.transaction():
        await publish_many([one, OrderCancelled(order_id=new_id(), number="F-2")])
    await run_jobs()
    assert sorted(orjson.loads(got.body)["type"] for got in receiver.received) == [
        "orders.cancelled", "orders.paid", "orders.paid"
    ]  # fmt: skip
    for webhook in (await staff.get(PATH)).json["items"]:
        assert (await staff.delete(f"{PATH}/{webhook['id']}")).status == 204
    before = await db.fetch_value("SELECT count(*) FROM core_outbox")
    async with db.transaction():
        await publish(one)
    assert await db.fetch_value("SELECT count(*) FROM core_outbox") == before


async def test_a_failing_receiver_is_tried_ten_times_over_a_day(
    staff: ApiClient, receiver: WebhookReceiver, clock: MovableClock
) -> None:
    webhook = await made(staff, receiver.url)
    receiver.status = 500
    await placed()
    begun = clock.at
    for _ in range(12):
        await run_jobs()
        due = await db.fetch_value("SELECT max(run_at) FROM core_job WHERE state = 'queued'")
        if due is None:
            break
        clock.at = max(due, clock.at)
    [delivery] = await log_of(staff, webhook)
    assert (delivery["state"], len(delivery["tries"])) == ("failed", 10)
    assert (clock.at - begun).total_seconds() >= 24 * 3600
    assert len({got.headers["webhook-id"] for got in receiver.received}) == 1
    receiver.status = 200
    assert (await staff.post(f"{PATH}/{webhook['id']}/deliveries/{delivery['id']}/redeliver")).status == 202
    await run_jobs()
    assert [each["state"] for each in await log_of(staff, webhook)] == ["delivered"]
    assert (await staff.get(f"{PATH}/{webhook['id']}")).json["failures_in_a_row"] == 0


async def owner(client: ApiClient) -> UUID:
    """Return the account of a person who can be mailed."""
    account = new_id()
    await db.execute(
        "INSERT INTO users_account (id, email, email_normalized, name, locale, status, created_at, updated_at)"
        " VALUES ($1, 'grace@example.org', 'grace@example.org', 'Grace', 'es', 'active', now(), now())",
        account,
    )
    return account


async def test_fifteen_failures_in_a_row_switch_it_off_and_what_waits_is_sent_later(
    client: ApiClient, receiver: WebhookReceiver, mailbox: Mailbox
) -> None:
    staff = client.as_staff("webhooks.write", staff_id=await owner(client))
    webhook = await made(staff, receiver.url)
    receiver.status = 503
    for _ in range(17):
        await placed()
    await run_jobs()
    seen = (await staff.get(f"{PATH}/{webhook['id']}")).json
    assert (seen["active"], seen["off_reason"]) == (False, "failures")
    assert len(receiver.received) in (15, 16, 17)  # those under way at that moment are told too
    [mail] = mailbox.mails()
    assert (mail["to"], receiver.url in mail["text"], "desactivó" in mail["subject"]) == (
        "grace@example.org",
        True,
        True,
    )
    receiver.received.clear()
    receiver.status = 200
    assert (await staff.post(f"{PATH}/{webhook['id']}/test")).code == "webhook_off"
    assert (await staff.patch(f"{PATH}/{webhook['id']}", {"active": True})).json["failures_in_a_row"] == 0
    await run_jobs()
    assert len({got.headers["webhook-id"] for got in receiver.received}) == 17
    assert {each["state"] for each in await log_of(staff, webhook)} == {"delivered"}


async def test_410_switches_it_off_at_once(staff: ApiClient, receiver: WebhookReceiver) -> None:
    webhook = await made(staff, receiver.url)
    receiver.status = 410
    await placed()
    await run_jobs()
    seen = (await staff.get(f"{PATH}/{webhook['id']}")).json
    assert (seen["active"], seen["off_reason"], len(receiver.received)) == (False, "gone", 1)


async def test_redirects_and_stalls_are_failures(staff: ApiClient, receiver: WebhookReceiver) -> None:
    webhook = await made(staff, receiver.url)
    receiver.status, receiver.headers = 302, {"Location": receiver.url}
    await placed()
    await run_jobs()
    receiver.status, receiver.headers, receiver.stall_s = 200, {}, 3
    await placed()
    await run_jobs()
    errors = [each["error"] for delivery in await log_of(staff, webhook) for each in delivery["tries"]]
    assert (sorted(errors), len(receiver.received)) == (["redirect", "timeout"], 2)


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("http://127.0.0.1/hook", "address_not_public"),
        ("http://localhost:8000/", "address_not_public"),
        ("http://[::1]/", "address_not_public"),
        ("http://169.254.169.254/latest", "address_not_public"),
        ("http://10.0.0.1/", "address_not_public"),
        ("http://u:p@192.0.2.1/", "invalid_url"),
        ("ftp://example.org/", "string_pattern_mismatch"),
    ],
)
async def test_addresses_of_our_own_networks_are_refused(staff: ApiClient, url: str, code: str) -> None:
    reply = await staff.post(PATH, {"url": url, "events": ["*"]})
    assert (reply.status, reply.json["errors"][0]["code"]) == (422, code)


async def test_an_address_that_became_private_is_not_called(
    staff: ApiClient, receiver: WebhookReceiver, client: ApiClient
) -> None:
    webhook = await made(staff, receiver.url)
    await placed()
    allowing = current()
    use(replace(allowing, modules=tuple(
        replace(m, settings=AdminSettings()) if m.name == "admin" else m for m in allowing.modules
    )))  # fmt: skip
    await run_jobs()
    [delivery] = await log_of(staff, webhook)
    assert ([each["error"] for each in delivery["tries"]], receiver.received) == (["refused_address"], [])


async def test_both_secrets_sign_for_a_day_after_a_rotation(
    staff: ApiClient, receiver: WebhookReceiver, clock: MovableClock
) -> None:
    webhook = await made(staff, receiver.url)
    new = (await staff.post(f"{PATH}/{webhook['id']}/rotate-secret")).json["secret"]
    assert new != webhook["secret"]
    assert (await staff.post(f"{PATH}/{webhook['id']}/test")).status == 202
    await run_jobs()
    [got] = receiver.received
    for secret in (webhook["secret"], new):
        assert Webhook(secret).verify(got.body, got.headers)["type"] == "webhook.test"
    clock.move(days=1)
    await staff.post(f"{PATH}/{webhook['id']}/test")
    await run_jobs()
    assert len(receiver.received[-1].headers["webhook-signature"].split()) == 1


async def test_secrets_are_shown_once_and_stand_in_no_log(staff: ApiClient, receiver: WebhookReceiver) -> None:
    webhook = await made(staff, receiver.url)
    await staff.patch(f"{PATH}/{webhook['id']}", {"description": "stock"})
    [listed] = (await staff.get(PATH)).json["items"]
    assert "secret" not in listed
    rows = await db.fetch_all("SELECT action, after::text AS after FROM core_audit ORDER BY at, id")
    assert [row["action"] for row in rows] == ["webhook.created", "webhook.changed"]
    assert all(webhook["secret"] not in row["after"] for row in rows)


async def test_personal_fields_travel_where_the_webhook_says_so_and_over_https_alone(
    staff: ApiClient, receiver: WebhookReceiver
) -> None:
    refused = await staff.post(PATH, {"url": receiver.url, "events": ["*"], "personal_data": True})
    assert refused.json["errors"][0]["code"] == "https_needed"


async def test_twins_relay_an_event_once(staff: ApiClient, receiver: WebhookReceiver) -> None:
    webhook = await made(staff, receiver.url)
    await placed()
    await asyncio.gather(run_jobs(), run_jobs())
    await run_jobs()
    assert len(await log_of(staff, webhook)) == 1


async def test_a_worker_that_dies_loses_nothing(
    staff: ApiClient, receiver: WebhookReceiver, clock: MovableClock
) -> None:
    webhook = await made(staff, receiver.url)
    await placed()
    for _ in range(3):  # dies while it relays, then while it delivers, twice
        await outbox.fan_out(current())
        for dispatch in await outbox.lease_due(["default"]):
            assert await outbox.start(dispatch.job_id, dispatch.number) is not None
        clock.move(minutes=1)
        if not await log_of(staff, webhook):
            for due in await outbox.lease_due(["default"]):
                await run_job(current(), due.job_id, due.number)
    await run_jobs()
    assert [each["state"] for each in await log_of(staff, webhook)] == ["delivered"]
    assert len(receiver.received) == 1


async def test_only_who_may_change_webhooks_sees_them(client: ApiClient) -> None:
    for caller, status in ((client, 401), (client.as_customer(), 403), (client.as_staff("audit.read"), 403)):
        assert (await caller.get(PATH)).status == status
    assert (await client.as_staff("webhooks.write").get(f"{PATH}/{uuid4()}")).status == 404
