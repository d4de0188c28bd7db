"""The money of placed orders: captured, given back and let go by amount, never more than there is."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import contextmanager

import asyncpg
import pytest

from feria_checkout.errors import CaptureTooLarge, RefundTooLarge
from feria_checkout.settings import CheckoutSettings
from feria_core import db
from feria_core.contracts.money import Money
from feria_core.contracts.payments import ORDER_PAYMENTS, PaymentRefunded, PaymentRefundFailed
from feria_core.runtime import registry, settings
from feria_core.testing.gateway import Do, On, Rule
from feria_core.testing.work import run_jobs


def dollars(amount):
    return Money(amount, "USD")


def money_of_orders():
    return registry().get(ORDER_PAYMENTS)


async def ask(method, *values, **named):
    async with db.transaction():
        return await getattr(money_of_orders(), method)(*values, **named)


async def ordered(shop, gateway, provider="stripe"):
    """Return the id of an order of 15.00 that was paid with the provider."""
    buyer = await shop.ready()
    if provider == "stripe":
        await buyer.pay_at_gateway(gateway)
    elif provider == "paypal":
        order = (await buyer.pay("paypal")).json["approve_url"].partition("token=")[2]
        await gateway.paypal.approve(order)
    else:
        await buyer.pay(provider)
    reply = await buyer.complete()
    assert reply.status == 201, reply.body
    return await order_id_of(buyer)


async def order_id_of(buyer):
    return await db.fetch_value("SELECT order_id FROM checkout_checkout WHERE id = $1", uuid.UUID(buyer.id))


@contextmanager
def deferred():
    """Only reserve money with the order, as `capture = "manual"` does."""
    rules = settings(CheckoutSettings)
    object.__setattr__(rules, "capture", "manual")
    try:
        yield
    finally:
        object.__setattr__(rules, "capture", "automatic")


@pytest.fixture
def heard(monkeypatch):
    """What is announced about refunds, whoever listens."""
    from feria_checkout.service import moving

    events = []

    async def publish(event):
        events.append(event)

    monkeypatch.setattr(moving, "publish", publish)
    return events


async def test_an_order_has_the_balance_of_its_payment(shop, gateway):
    order = await ordered(shop, gateway)
    balance = await ask("balance", order)
    assert (balance.captured, balance.authorized) == (dollars(1500), dollars(0))
    assert balance.refundable == dollars(1500)


async def test_an_order_that_was_not_paid_here_has_no_balance(shop):
    assert await ask("balance", uuid.uuid4()) is None
    with pytest.raises(RefundTooLarge):
        await ask("refund", uuid.uuid4(), refund_id=uuid.uuid4(), amount=dollars(1))


@pytest.mark.parametrize("provider", ["stripe", "paypal", "manual"])
async def test_a_part_goes_back_once_and_is_announced(shop, gateway, heard, provider):
    order = await ordered(shop, gateway, provider)
    if provider == "manual":
        assert await ask("note_received", order)
    refund = uuid.uuid4()
    for _ in range(2):
        await ask("refund", order, refund_id=refund, amount=dollars(400))
    assert (await ask("balance", order)).refunding == dollars(400)
    await run_jobs()
    balance = await ask("balance", order)
    assert (balance.refunding, balance.refunded, balance.refundable) == (dollars(0), dollars(400), dollars(1100))
    assert heard == [PaymentRefunded(refund_id=refund, order_id=order, amount=400, currency="USD")]
    if provider != "manual":
        assert shop.money() == (1500, 400)


async def test_more_than_is_left_is_refused_and_owes_nothing(shop, gateway):
    order = await ordered(shop, gateway)
    await ask("refund", order, refund_id=uuid.uuid4(), amount=dollars(1000))
    with pytest.raises(RefundTooLarge) as refusal:
        await ask("refund", order, refund_id=uuid.uuid4(), amount=dollars(501))
    assert refusal.value.members == {"refundable": {"amount": 500, "currency": "USD"}}
    assert await db.fetch_value("SELECT count(*) FROM checkout_refund") == 1


@pytest.mark.parametrize("amount", [Money(100, "EUR"), dollars(0), dollars(-5)])
async def test_a_refund_of_another_kind_is_refused(shop, gateway, amount):
    order = await ordered(shop, gateway)
    with pytest.raises(RefundTooLarge):
        await ask("refund", order, refund_id=uuid.uuid4(), amount=amount)


async def test_fifty_refunds_at_once_never_exceed_the_capture(shop, gateway):
    order = await ordered(shop, gateway)

    async def one():
        try:
            await ask("refund", order, refund_id=uuid.uuid4(), amount=dollars(100))
        except RefundTooLarge:
            return 0
        return 100

    owed = await asyncio.gather(*(one() for _ in range(50)))
    assert sum(owed) == 1500
    await run_jobs()
    assert shop.money() == (1500, 1500)
    assert (await ask("balance", order)).refunded == dollars(1500)


async def test_the_database_refuses_what_the_code_would_let_through(shop, gateway):
    order = await ordered(shop, gateway)
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute("UPDATE checkout_payment SET refunding = captured + 1 WHERE order_id = $1", order)
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute("UPDATE checkout_payment SET captured = amount + 1 WHERE order_id = $1", order)


async def test_a_gateway_that_drops_the_answer_gives_back_once(shop, gateway, clock):
    order = await ordered(shop, gateway)
    gateway.behave(Rule(On.REFUND, Do.DROP_AFTER_EFFECT, times=3))
    await ask("refund", order, refund_id=uuid.uuid4(), amount=dollars(700))
    await run_jobs()
    clock.move(seconds=61)
    await run_jobs()
    assert shop.money() == (1500, 700)
    assert (await ask("balance", order)).refunded == dollars(700)


async def test_a_refund_known_at_stripe_is_not_given_again_though_its_key_is_forgotten(shop, gateway):
    order = await ordered(shop, gateway)
    await ask("refund", order, refund_id=uuid.uuid4(), amount=dollars(700))
    await run_jobs()
    await db.execute("UPDATE checkout_refund SET state = 'pending'")
    await db.execute("UPDATE checkout_payment SET refunding = 700, refunded = 0")
    gateway.keys.kept.clear()
    from feria_core.jobs import enqueue

    async with db.transaction():
        await enqueue("checkout.refund_order", refund_id=str(await db.fetch_value("SELECT id FROM checkout_refund")))
    await run_jobs()
    assert shop.money() == (1500, 700)
    assert (await ask("balance", order)).refunded == dollars(700)


async def test_a_refusal_frees_the_amount_and_tells_staff(shop, gateway, heard):
    order = await ordered(shop, gateway)
    intent = await db.fetch_value("SELECT reference FROM checkout_payment WHERE order_id = $1", order)
    charge = gateway.books.charge(gateway.books.intent(intent).latest_charge)
    gateway.books.give_back(charge, reason=None, metadata={})  # somebody was faster, in the gateway's own pages
    refund = uuid.uuid4()
    await ask("refund", order, refund_id=refund, amount=dollars(700))
    await run_jobs()
    assert (await ask("balance", order)).refundable == dollars(1500)
    assert [type(event) for event in heard] == [PaymentRefundFailed]
    letters = await db.fetch_all("SELECT name FROM core_job WHERE state = 'dead'")
    assert [row["name"] for row in letters] == ["checkout.alert"]


async def test_the_money_of_an_invoice_is_noted_once(shop, gateway):
    order = await ordered(shop, gateway, "manual")
    assert (await ask("balance", order)).authorized == dollars(1500)
    assert await ask("note_received", order)
    assert not await ask("note_received", order)
    assert (await ask("balance", order)).captured == dollars(1500)


async def test_the_money_of_a_card_cannot_be_noted_by_hand(shop, gateway):
    assert not await ask("note_received", await ordered(shop, gateway))


async def test_an_open_invoice_cannot_be_captured(shop, gateway):
    with pytest.raises(CaptureTooLarge):
        await ask("capture", await ordered(shop, gateway, "manual"))


@pytest.mark.parametrize("provider", ["stripe", "paypal"])
async def test_reserved_money_is_captured_in_parts_and_the_order_is_paid(shop, gateway, provider):
    with deferred():
        order = await ordered(shop, gateway, provider)
    assert shop.money() == (0, 0)
    assert await status_of(order) == "authorized"
    await ask("capture", order, amount=dollars(500))
    with pytest.raises(CaptureTooLarge):
        await ask("capture", order, amount=dollars(1001))
    await run_jobs()
    assert shop.money() == (500, 0)
    balance = await ask("balance", order)
    assert (balance.captured, balance.authorized) == (dollars(500), dollars(1000))
    assert await status_of(order) == "authorized"
    await ask("capture", order)
    await run_jobs()
    assert shop.money() == (1500, 0)
    assert (await ask("balance", order)).captured == dollars(1500)
    assert await status_of(order) == "paid"


@pytest.mark.parametrize("provider", ["stripe", "paypal"])
async def test_reserved_money_of_a_cancelled_order_is_let_go(shop, gateway, provider):
    with deferred():
        order = await ordered(shop, gateway, provider)
    for _ in range(2):
        await ask("give_up", order)
    await run_jobs()
    balance = await ask("balance", order)
    assert (balance.authorized, balance.captured) == (dollars(0), dollars(0))
    assert shop.money() == (0, 0)
    with pytest.raises(CaptureTooLarge):
        await ask("capture", order)


@pytest.mark.parametrize("provider", ["stripe", "paypal"])
async def test_the_rest_of_a_partly_captured_order_is_let_go(shop, gateway, provider):
    with deferred():
        order = await ordered(shop, gateway, provider)
    await ask("capture", order, amount=dollars(600))
    await ask("give_up", order)
    await run_jobs()
    balance = await ask("balance", order)
    assert (balance.authorized, balance.captured) == (dollars(0), dollars(600))
    assert shop.money() == (600, 0)
    await ask("refund", order, refund_id=uuid.uuid4(), amount=dollars(600))
    await run_jobs()
    assert shop.money() == (600, 600)


@pytest.mark.parametrize("provider", ["stripe", "paypal"])
async def test_two_captures_at_once_take_each_their_part(shop, gateway, provider, clock):
    with deferred():
        order = await ordered(shop, gateway, provider)
    gateway.behave(Rule(On.CAPTURE, Do.DROP_AFTER_EFFECT, times=4))
    await asyncio.gather(*(ask("capture", order, amount=dollars(part)) for part in (400, 300)))
    for _ in range(4):
        await run_jobs()
        clock.move(seconds=61)
    assert shop.money() == (700, 0)
    balance = await ask("balance", order)
    assert (balance.captured, balance.authorized) == (dollars(700), dollars(800))


async def test_captures_at_once_never_exceed_what_is_reserved(shop, gateway):
    with deferred():
        order = await ordered(shop, gateway)

    async def one():
        try:
            await ask("capture", order, amount=dollars(400))
        except CaptureTooLarge:
            return 0
        return 400

    assert sum(await asyncio.gather(*(one() for _ in range(20)))) == 1200


async def test_a_reservation_that_lapses_is_told_to_staff(shop, gateway):
    with deferred():
        order = await ordered(shop, gateway)
    intent = await db.fetch_value("SELECT reference FROM checkout_payment WHERE order_id = $1", order)
    gateway.books.cancel(gateway.books.intent(intent), reason="abandoned")
    await shop.send_event(intent, "payment_intent.canceled")
    await run_jobs()
    assert (await ask("balance", order)).authorized == dollars(0)
    assert await db.fetch_value("SELECT count(*) FROM core_job WHERE state = 'dead' AND name = 'checkout.alert'") == 1


async def test_the_doctor_finds_counters_that_differ(shop, gateway):
    from feria_checkout.checks import money_of_orders as check

    order = await ordered(shop, gateway)
    await ask("refund", order, refund_id=uuid.uuid4(), amount=dollars(400))
    await run_jobs()
    assert await check() == []
    await db.execute("UPDATE checkout_refund SET amount = 300")
    assert len(await check()) == 1


async def status_of(order_id):
    return await db.fetch_value("SELECT payment_status FROM orders_order WHERE id = $1", order_id)
