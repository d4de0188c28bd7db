"""Stripe's hosted page: a Checkout Session ends in one order and one charge, or in neither, as a card form does."""

from __future__ import annotations

import uuid

import aiohttp
import orjson
import pytest

from feria_checkout.providers import find_provider
from feria_checkout.service import reconciling
from feria_core import db
from feria_core.testing.gateway.errors import CardDeclined, InvalidParam
from feria_core.testing.work import run_jobs


@pytest.fixture(autouse=True)
def hosted(monkeypatch):
    """Pay at Stripe's page, as `stripe_mode = "checkout_session"` has it."""
    monkeypatch.setattr(find_provider("stripe"), "_is_hosted", True)


async def opened(shop):
    """Return a buyer who is to pay 15.00, and the session that he was sent to."""
    buyer = await shop.ready()
    reply = await buyer.pay("stripe")
    assert reply.status == 201, reply.body
    assert reply.json["approve_url"].startswith(f"{shop.gateway.url}/checkout/cs_test_")
    return buyer, reply.json["approve_url"].rpartition("/")[2]


async def tell(shop, session_id: str, kind: str) -> None:
    body = {"id": f"evt_{uuid.uuid4().hex}", "type": kind, "data": {"object": {"id": session_id}}}
    assert (await shop.send_raw(orjson.dumps(body))).status == 200
    await run_jobs()


async def dead_letters() -> int:
    return await db.fetch_value("SELECT count(*) FROM core_job WHERE state = 'dead'")


async def test_a_shopper_pays_at_the_page(shop, gateway):
    buyer, session_id = await opened(shop)
    early = await buyer.complete()
    assert (early.status, early.code) == (402, "payment_failed")
    session = gateway.books.state.sessions[session_id]
    assert session.success_url == session.cancel_url
    assert buyer.id in session.success_url
    await gateway.pay_session(session_id)
    done = await buyer.complete()
    assert (done.status, done.json["payment_status"]) == (201, "paid")
    assert (shop.money(), await shop.payments()) == ((1500, 0), ["captured"])


async def test_the_event_of_the_session_alone_makes_the_order(shop, gateway):
    _, session_id = await opened(shop)
    await gateway.pay_session(session_id)
    for _ in range(3):
        await tell(shop, session_id, "checkout.session.completed")
    assert (await shop.orders(), shop.money()) == (1, (1500, 0))


async def test_events_of_the_payment_behind_it_are_about_the_same_payment(shop, gateway):
    _, session_id = await opened(shop)
    intent = await gateway.pay_session(session_id)
    assert (await shop.send_event(intent.id)).status == 200
    await run_jobs()
    await tell(shop, session_id, "checkout.session.completed")
    assert (await shop.send_event(intent.id)).status == 200
    await run_jobs()
    row = await db.fetch_one("SELECT reference, alias FROM checkout_payment")
    assert (row["reference"], row["alias"]) == (session_id, intent.id)
    assert (await shop.orders(), shop.money(), await dead_letters()) == (1, (1500, 0), 0)


async def test_a_declined_card_leaves_the_page_open(shop, gateway):
    buyer, session_id = await opened(shop)
    with pytest.raises(CardDeclined):
        await gateway.pay_session(session_id, payment_method="pm_card_chargeDeclined")
    declined = await buyer.complete()
    assert (declined.status, declined.code) == (402, "payment_failed")
    await gateway.pay_session(session_id)
    assert (await buyer.complete()).status == 201
    assert shop.money() == (1500, 0)


async def test_money_that_comes_later_makes_the_order_when_it_is_there(shop, gateway):
    buyer, session_id = await opened(shop)
    gateway.sessions.pay_later(gateway.sessions.find(session_id))
    await tell(shop, session_id, "checkout.session.completed")
    waiting = await buyer.complete()
    assert (waiting.status, waiting.code, await shop.orders()) == (503, "payment_pending", 0)
    gateway.sessions.arrive(gateway.sessions.find(session_id), succeeds=True)
    await tell(shop, session_id, "checkout.session.async_payment_succeeded")
    assert (await shop.orders(), shop.money()) == (1, (1500, 0))


async def test_money_that_does_not_come_ends_the_payment(shop, gateway):
    buyer, session_id = await opened(shop)
    gateway.sessions.pay_later(gateway.sessions.find(session_id))
    gateway.sessions.arrive(gateway.sessions.find(session_id), succeeds=False)
    await tell(shop, session_id, "checkout.session.async_payment_failed")
    assert (await shop.orders(), await shop.payments()) == (0, ["cancelled"])
    assert (await buyer.pay()).status == 201  # he pays in another way


async def test_another_total_closes_the_page(shop, gateway):
    buyer, session_id = await opened(shop)
    assert (await buyer.fill(shipping_method="express")).status == 200
    await run_jobs()
    assert gateway.sessions.find(session_id).status == "expired"
    with pytest.raises(InvalidParam):
        await gateway.pay_session(session_id)
    assert (await shop.payments(), await dead_letters()) == (["cancelled"], 0)


async def test_a_page_that_nobody_pays_ends_with_its_checkout(shop, gateway, clock):
    _, session_id = await opened(shop)
    clock.move(minutes=20)
    await reconciling.expire()
    await run_jobs()
    assert (gateway.sessions.find(session_id).status, await shop.payments()) == ("expired", ["cancelled"])


async def test_an_order_paid_there_is_refunded(shop, gateway):
    buyer, session_id = await opened(shop)
    await gateway.pay_session(session_id)
    number = (await buyer.complete()).json["number"]
    key = {"Idempotency-Key": uuid.uuid4().hex}
    staff = shop.client.as_staff("orders.refund", "orders.read")
    body = {"amount": {"amount": 400, "currency": "USD"}}
    reply = await staff.post(f"/api/admin/orders/{number}/refunds", body, headers=key)
    assert reply.status == 201, reply.body
    await run_jobs()
    assert shop.money() == (1500, 400)


async def test_the_page_can_be_used_by_a_person(shop, gateway):
    buyer, session_id = await opened(shop)
    url = f"{gateway.url}/checkout/{session_id}"
    async with aiohttp.ClientSession() as browser:
        async with browser.get(url) as page:
            assert "$15.00" in await page.text()
        async with browser.post(url, data={"do": "secure"}) as page:
            assert "It is me" in await page.text()
        async with browser.post(url, data={"do": "approve"}, allow_redirects=False) as page:
            assert (page.status, buyer.id in page.headers["Location"]) == (303, True)
    assert (await buyer.complete()).status == 201
