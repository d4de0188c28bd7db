"""Paying at a gateway: answers, webhooks and crashes in any order end in one order and one charge, or in neither."""

from __future__ import annotations

import asyncio
import uuid

import orjson
import pytest

from feria_checkout.errors import PaymentPending
from feria_checkout.providers import find_provider
from feria_checkout.repository import payments
from feria_checkout.repository.checkouts import Caller
from feria_checkout.service import completing, paying, reconciling, settling
from feria_core import clock as time
from feria_core import db
from feria_core.contracts.money import Money
from feria_core.contracts.payments import PaymentReport, PaymentState
from feria_core.ids import token_hash
from feria_core.testing.gateway import Do, On, Rule, WebhookMode, sign_stripe
from feria_core.testing.gateway.errors import CardDeclined
from feria_core.testing.work import run_jobs


async def live_payment(buyer):
    found = await payments.live_of(uuid.UUID(buyer.id))
    assert found is not None
    return found


async def dead_letters() -> list[str]:
    rows = await db.fetch_all("SELECT last_error FROM core_job WHERE state = 'dead' ORDER BY id")
    return [row["last_error"] for row in rows]


def caller_of(buyer) -> Caller:
    return Caller(None, token_hash(buyer.opened["token"]))


async def test_a_guest_pays_by_card(shop, gateway):
    buyer = await shop.ready()
    opened = (await buyer.pay("stripe")).json
    intent_id = opened["client_secret"].split("_secret_")[0]
    assert opened["pay_url"] == f"{gateway.url}/pay/{intent_id}"
    assert (opened["amount"], opened["status"]) == ({"amount": 1500, "currency": "USD"}, "pending")
    assert (await buyer.see())["missing"] == []

    early = await buyer.complete()
    assert (early.status, early.code) == (402, "payment_failed")
    assert (await buyer.see())["status"] == "open"

    await gateway.pay(intent_id)
    done = await buyer.complete()
    assert done.status == 201, done.body
    assert done.json["payment_status"] == "paid"
    assert shop.money() == (1500, 0)
    assert await shop.payments() == ["captured"]


async def test_a_declined_card_leaves_the_hold_and_another_try(shop, gateway):
    variant = await shop.variant(stock=1)
    buyer = await shop.ready(variant)
    with pytest.raises(CardDeclined):
        await buyer.pay_at_gateway(gateway, card="pm_card_chargeDeclined")
    declined = await buyer.complete()
    assert (declined.status, declined.code) == (402, "payment_failed")
    assert "declined" in declined.json["detail"]
    assert await shop.available(variant) == 0
    await buyer.pay_at_gateway(gateway)
    assert (await buyer.complete()).status == 201
    assert shop.money() == (1500, 0)
    assert len(gateway.books.state.intents) == 1


async def test_the_webhook_alone_makes_the_order(shop, gateway):
    buyer = await shop.ready()
    agreed = await buyer.total()
    intent_id = await buyer.pay_at_gateway(gateway)
    assert (await shop.send_event(intent_id)).status == 200
    await run_jobs()
    assert await shop.orders() == 1
    done = await buyer.complete(expected=agreed)
    assert (done.status, done.json["payment_status"]) == (201, "paid")
    assert await shop.orders() == 1


async def test_answer_and_webhook_at_once_make_one_order(shop, gateway):
    buyer = await shop.ready()
    agreed = await buyer.total()
    intent_id = await buyer.pay_at_gateway(gateway)
    for _ in range(5):
        await shop.send_event(intent_id)
    replies, _ = await asyncio.gather(
        asyncio.gather(*(buyer.complete(expected=agreed) for _ in range(10))),
        run_jobs(),
    )
    assert {reply.status for reply in replies} == {201}
    assert len({reply.json["number"] for reply in replies}) == 1
    assert (await shop.orders(), shop.money()) == (1, (1500, 0))
    assert await dead_letters() == []


async def test_one_event_a_hundred_times_and_days_later_has_one_effect(shop, gateway, clock):
    buyer = await shop.ready()
    intent_id = await buyer.pay_at_gateway(gateway)
    replies = await asyncio.gather(*(shop.send_event(intent_id, event_id="evt_same") for _ in range(100)))
    assert {reply.status for reply in replies} == {200}
    assert await db.fetch_value("SELECT count(*) FROM core_job WHERE name = 'checkout.handle_webhook'") == 1
    await run_jobs()
    assert (await shop.send_event(intent_id, event_id="evt_same")).status == 200
    clock.move(days=3)
    await run_jobs()
    assert (await shop.orders(), shop.money()) == (1, (1500, 0))


async def test_events_of_every_kind_in_reverse_end_in_the_same_order(shop, gateway):
    buyer = await shop.ready()
    intent_id = await buyer.pay_at_gateway(gateway)
    for kind in ("succeeded", "payment_failed", "processing", "created"):
        assert (await shop.send_event(intent_id, f"payment_intent.{kind}")).status == 200
    await run_jobs()
    assert (await shop.orders(), await shop.payments()) == (1, ["captured"])


@pytest.mark.parametrize("body", [b"[]", b"{}", b"null", b"\xff\xfe", b"", b'{"id": "evt_1", "type": 7}'])
async def test_a_signed_non_event_is_refused(shop, body):
    reply = await shop.send_raw(body)
    assert (reply.status, reply.code) == (400, "invalid_webhook")


async def test_forged_and_stale_webhooks_are_refused(shop, gateway):
    buyer = await shop.ready()
    await buyer.pay_at_gateway(gateway)
    body = b'{"id": "evt_1", "type": "payment_intent.succeeded", "data": {}}'
    now = int(time.now().timestamp())
    for headers in ({}, {"Stripe-Signature": "t=1,v1=é"}, {"Stripe-Signature": f"t={now},v1={'0' * 64}"}):
        reply = await shop.client.call("POST", "/api/payments/stripe/webhook", data=body, headers=headers)
        assert (reply.status, reply.code) == (400, "invalid_webhook")
    assert (await shop.send_raw(body, at=now - 301)).status == 400
    assert (await shop.send_raw(body, at=now + 302)).status == 400
    assert (await shop.send_raw(body + b" " * 300_000)).status == 413
    assert await db.fetch_value("SELECT count(*) FROM checkout_webhook_event") == 0
    await run_jobs()
    assert await shop.orders() == 0


async def test_events_of_another_account_are_refused_and_pay_nothing(shop, gateway):
    buyer = await shop.ready()
    intent_id = await buyer.pay_at_gateway(gateway)
    event = {"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": {"id": intent_id}}}
    foreign = await shop.send_raw(orjson.dumps({**event, "account": "acct_other"}))
    body = orjson.dumps(event)
    signed = {"Stripe-Signature": sign_stripe(body, "whsec_other")}
    forged = await shop.client.call("POST", "/api/payments/stripe/webhook", data=body, headers=signed)
    assert [(reply.status, reply.code) for reply in (foreign, forged)] == [(400, "invalid_webhook")] * 2
    assert await db.fetch_value("SELECT count(*) FROM checkout_webhook_event") == 0
    await run_jobs()
    assert await shop.orders() == 0
    assert (await shop.send_raw(body)).status == 200


async def test_an_event_that_lies_about_success_pays_nothing(shop):
    buyer = await shop.ready()
    opened = (await buyer.pay("stripe")).json
    await shop.send_event(opened["client_secret"].split("_secret_")[0])
    await run_jobs()
    assert (await shop.orders(), await shop.payments()) == (0, ["pending"])


async def test_others_payments_in_the_same_account_are_left_alone(shop, gateway):
    provider = find_provider("stripe")
    intent = await provider._call(
        lambda api: api.payment_intents.create_async({"amount": 500, "currency": "usd"}, {"idempotency_key": "other"})
    )
    await gateway.pay(intent.id)
    assert (await shop.send_event(intent.id)).status == 200
    await run_jobs()
    assert await dead_letters() == []
    assert await db.fetch_value("SELECT count(*) FROM checkout_webhook_event WHERE handled_at IS NULL") == 0


async def test_a_crash_after_the_first_phase_loses_nothing(shop, gateway, clock):
    buyer = await shop.ready()
    provider = find_provider("stripe")
    payment, _ = await db.in_new_transaction(lambda: paying._prepare(uuid.UUID(buyer.id), caller_of(buyer), provider))
    assert payment.reference is None
    clock.move(seconds=301)
    assert await reconciling.reconcile() == 1
    await run_jobs()
    found = await live_payment(buyer)
    assert found.reference is not None
    await gateway.pay(found.reference)
    assert (await buyer.complete()).status == 201
    assert (len(gateway.books.state.intents), shop.money()) == (1, (1500, 0))


async def test_a_crash_before_the_reference_is_stored_is_mended_by_the_webhook(shop, gateway):
    buyer = await shop.ready()
    intent_id = await buyer.pay_at_gateway(gateway)
    await db.execute("UPDATE checkout_payment SET reference = NULL")
    await shop.send_event(intent_id)
    await run_jobs()
    assert (await shop.orders(), shop.money()) == (1, (1500, 0))


async def test_paid_without_answer_and_webhook_is_found_by_the_reconciler(shop, gateway, clock):
    buyer = await shop.ready()
    await buyer.pay_at_gateway(gateway)
    await db.in_new_transaction(lambda: completing._prepare(uuid.UUID(buyer.id), caller_of(buyer), Money(1500, "USD")))
    assert (await buyer.see())["status"] == "completing"
    assert await reconciling.reconcile() == 0
    clock.move(seconds=301)
    assert await reconciling.reconcile() == 1
    assert await reconciling.reconcile() == 0
    await run_jobs()
    assert (await shop.orders(), shop.money()) == (1, (1500, 0))
    assert (await buyer.see())["status"] == "completed"


async def test_a_crash_between_answer_and_order_is_finished_by_a_repetition(shop, gateway):
    buyer = await shop.ready()
    await buyer.pay_at_gateway(gateway)
    payment = await live_payment(buyer)
    report = await settling._report(find_provider("stripe"), payment)
    assert report.state is PaymentState.CAPTURED
    settled = await asyncio.gather(*(settling.apply(payment, report) for _ in range(5)))
    assert len({s.order_id for s in settled}) == 1
    assert await shop.orders() == 1


async def test_a_dropped_answer_charges_once(shop, gateway):
    buyer = await shop.ready()
    gateway.behave(Rule(on=On.CREATE, do=Do.DROP_AFTER_EFFECT, times=2))
    await buyer.pay_at_gateway(gateway)
    gateway.behave(Rule(on=On.RETRIEVE, do=Do.DROP_AFTER_EFFECT, times=10))
    silent = await buyer.complete(key="k")
    assert (silent.status, silent.code) == (503, "payment_pending")
    assert silent.headers["retry-after"] == "5"
    gateway.behaviour.reset()
    done = await buyer.complete(key="k", expected={"amount": 1500, "currency": "USD"})
    assert done.status == 201
    assert (len(gateway.books.state.intents), shop.money(), await shop.orders()) == (1, (1500, 0), 1)


async def test_a_gateway_that_is_down_keeps_the_payment_for_later(shop, gateway):
    buyer = await shop.ready()
    gateway.behave(Rule(on=On.CREATE, do=Do.HTTP_500, times=3))
    down = await buyer.pay("stripe", key="k")
    assert (down.status, down.code) == (503, "payment_pending")
    assert await shop.payments() == ["pending"]
    gateway.behaviour.reset()
    assert (await buyer.pay("stripe", key="k")).status == 201
    assert await shop.payments() == ["pending"]
    assert len(gateway.books.state.intents) == 1


async def test_a_new_total_gives_up_the_open_payment(shop, gateway):
    buyer = await shop.ready()
    first = (await buyer.pay("stripe")).json
    assert (await buyer.fill(shipping_method="express")).json["missing"] == ["payment"]
    assert await shop.payments() == ["superseded"]
    await run_jobs()
    assert gateway.ledger().totals(first["client_secret"].split("_secret_")[0]).status == "canceled"
    await buyer.pay_at_gateway(gateway)
    done = await buyer.complete()
    assert (done.status, done.json["grand_total"]["amount"]) == (201, 2500)
    assert await shop.payments() == ["cancelled", "captured"]
    assert shop.money() == (2500, 0)


async def test_an_edit_that_changes_no_price_keeps_the_payment(shop, gateway):
    buyer = await shop.ready()
    await buyer.pay_at_gateway(gateway)
    await buyer.fill(note="second door", email="new@example.org")
    assert await shop.payments() == ["pending"]
    done = await buyer.complete()
    assert (done.json["note"], done.json["email"]) == ("second door", "new@example.org")


async def test_money_for_a_payment_that_was_given_up_goes_back(shop, gateway, mailbox):
    buyer = await shop.ready()
    intent_id = await buyer.pay_at_gateway(gateway)
    await buyer.fill(shipping_method="express")
    await shop.send_event(intent_id)
    await run_jobs()
    assert shop.money() == (1500, 1500)
    assert (await shop.payments(), await shop.orders()) == (["refunded"], 0)
    assert "superseded" in (await dead_letters())[0]
    assert [mail["to"] for mail in mailbox.mails()] == ["ada@example.org"]
    assert "$15.00" in mailbox.mails()[0]["text"]
    await buyer.pay_at_gateway(gateway)
    assert (await buyer.complete()).status == 201
    assert shop.money() == (4000, 1500)


async def test_a_cart_changed_before_paying_is_told_and_the_old_payment_given_up(shop, gateway):
    variant = await shop.variant(stock=5)
    buyer = await shop.ready(variant)
    agreed = await buyer.total()
    await buyer.pay("stripe")
    await buyer.cart.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    changed = await buyer.complete(expected=agreed)
    assert (changed.status, changed.code) == (409, "cart_changed")
    await run_jobs()
    assert await shop.payments() == ["cancelled"]


async def test_paid_money_buys_only_at_the_total_that_was_agreed(shop, gateway):
    buyer = await shop.ready()
    await buyer.pay_at_gateway(gateway)
    other = await buyer.complete(expected={"amount": 1499, "currency": "USD"})
    assert (other.status, other.code, other.json["grand_total"]["amount"]) == (409, "cart_changed", 1500)
    assert (await shop.orders(), await shop.payments()) == (0, ["pending"])
    assert (await buyer.complete()).status == 201


async def test_agreeing_to_a_new_total_needs_a_new_payment(shop, gateway):
    variant = await shop.variant(stock=5)
    buyer = await shop.ready(variant)
    await buyer.pay_at_gateway(gateway)
    await buyer.cart.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    unpaid = await buyer.complete(expected={"amount": 2500, "currency": "USD"})
    assert (unpaid.code, unpaid.json["missing"]) == ("checkout_incomplete", ["payment"])
    await run_jobs()
    assert (shop.money(), await shop.orders()) == ((1500, 1500), 0)


async def test_what_was_paid_is_sold_though_the_price_rose_meanwhile(shop, gateway):
    variant = await shop.variant(price=1000)
    buyer = await shop.ready(variant)
    agreed = await buyer.total()
    await buyer.pay_at_gateway(gateway)
    await db.execute("UPDATE catalog_variant SET price_amount = 9000")
    done = await buyer.complete(expected=agreed)
    assert (done.status, done.json["grand_total"]["amount"]) == (201, 1500)
    assert shop.money() == (1500, 0)


@pytest.mark.parametrize(
    "lie",
    [
        {"amount": Money(1, "USD")},
        {"amount": Money(1500, "EUR")},
        {"checkout_id": uuid.uuid4()},
        {"checkout_id": None},
        {"payment_id": uuid.uuid4()},
    ],
)
async def test_money_that_does_not_fit_goes_back_with_an_alert(shop, gateway, lie):
    buyer = await shop.ready()
    await buyer.pay_at_gateway(gateway)
    payment = await live_payment(buyer)
    truth = {
        "reference": payment.reference,
        "state": PaymentState.CAPTURED,
        "amount": payment.amount,
        "checkout_id": payment.checkout_id,
        "payment_id": payment.id,
    }
    settled = await settling.apply(payment, PaymentReport(**{**truth, **lie}))
    assert settled.order_id is None
    assert settled.refusal.code == "payment_returned"
    await run_jobs()
    assert (await shop.payments(), await shop.orders(), shop.money()) == (["refunded"], 0, (1500, 1500))
    assert len(await dead_letters()) == 1


async def test_paid_but_sold_out_is_refunded_and_told(shop, gateway, mailbox):
    variant = await shop.variant(stock=1)
    buyer = await shop.ready(variant)
    agreed = await buyer.total()
    await buyer.pay_at_gateway(gateway)
    await shop.take_stock(variant, left=0)
    reply = await buyer.complete(expected=agreed)
    assert (reply.status, reply.code) == (409, "out_of_stock")
    assert reply.json["lines"][0]["available"] == 0
    assert reply.json["refunded"] == {"amount": 1500, "currency": "USD"}
    await run_jobs()
    assert (shop.money(), await shop.payments(), await shop.orders()) == ((1500, 1500), ["refunded"], 0)
    assert len(mailbox.mails()) == 1
    assert await db.fetch_value("SELECT count(*) FROM orders_order") == 0
    await run_jobs()
    assert shop.money() == (1500, 1500)


async def test_money_for_a_deleted_draft_goes_back(shop, gateway):
    buyer = await shop.ready()
    agreed = await buyer.total()
    await buyer.pay_at_gateway(gateway)
    await db.execute("DELETE FROM orders_order")
    assert (await buyer.complete(expected=agreed)).code == "payment_returned"
    await run_jobs()
    assert (shop.money(), await shop.payments()) == ((1500, 1500), ["refunded"])


async def test_a_payment_that_the_provider_never_took_is_given_up_without_it(shop):
    buyer = await shop.ready()
    provider = find_provider("stripe")
    await db.in_new_transaction(lambda: paying._prepare(uuid.UUID(buyer.id), caller_of(buyer), provider))
    await db.execute("UPDATE checkout_payment SET amount = 0")
    await buyer.fill(shipping_method="express")
    await run_jobs()
    assert (await shop.payments(), await dead_letters()) == (["cancelled"], [])


async def test_a_refund_is_tried_until_the_gateway_answers(shop, gateway, clock):
    variant = await shop.variant(stock=1)
    buyer = await shop.ready(variant)
    agreed = await buyer.total()
    await buyer.pay_at_gateway(gateway)
    await shop.take_stock(variant, left=0)
    await buyer.complete(expected=agreed)
    gateway.behave(Rule(on=On.REFUND, do=Do.HTTP_500, times=3))
    await run_jobs()
    assert await shop.payments() == ["refund_due"]
    clock.move(seconds=61)
    await run_jobs()
    assert (shop.money(), await shop.payments()) == ((1500, 1500), ["refunded"])


async def test_a_refund_whose_answer_was_lost_is_made_once(shop, gateway, clock):
    variant = await shop.variant(stock=1)
    buyer = await shop.ready(variant)
    agreed = await buyer.total()
    await buyer.pay_at_gateway(gateway)
    await shop.take_stock(variant, left=0)
    await buyer.complete(expected=agreed)
    await run_jobs()
    await db.execute("UPDATE checkout_payment SET state = 'refund_due'")
    await db.execute("UPDATE core_job SET state = 'queued', attempt = 0, started_at = NULL, lease_until = NULL")
    clock.move(seconds=1)
    await run_jobs()
    assert (shop.money(), await shop.payments()) == ((1500, 1500), ["refunded"])


async def test_time_gives_the_stock_back_and_voids_the_payment(shop, gateway, clock):
    variant = await shop.variant(stock=1)
    buyer = await shop.ready(variant)
    intent_id = (await buyer.pay("stripe")).json["client_secret"].split("_secret_")[0]
    clock.move(minutes=16)
    assert await reconciling.expire() == 1
    assert await shop.available(variant) == 1
    await run_jobs()
    assert gateway.ledger().totals(intent_id).status == "canceled"
    assert (await shop.payments(), (await buyer.see())["status"]) == (["cancelled"], "expired")
    assert await db.fetch_value("SELECT count(*) FROM orders_order") == 0
    assert (await buyer.complete(expected={"amount": 1500, "currency": "USD"})).code == "checkout_closed"
    assert (await shop.open(buyer.cart)).id != buyer.id


async def test_activity_renews_the_time(shop, clock):
    variant = await shop.variant(stock=1)
    buyer = await shop.ready(variant)
    for _ in range(4):
        clock.move(minutes=10)
        assert (await buyer.fill()).status == 200
        assert await reconciling.expire() == 0
    assert await shop.available(variant) == 0
    clock.move(minutes=16)
    assert await reconciling.expire() == 1


async def test_money_that_came_in_the_last_second_still_buys(shop, gateway, clock):
    variant = await shop.variant(stock=1)
    buyer = await shop.ready(variant)
    await buyer.pay_at_gateway(gateway)
    clock.move(minutes=16)
    await reconciling.expire()
    assert await shop.available(variant) == 1
    await run_jobs()
    assert (await shop.orders(), await shop.available(variant), shop.money()) == (1, 0, (1500, 0))
    assert (await buyer.see())["status"] == "completed"


async def test_late_money_for_a_cart_that_was_bought_otherwise_goes_back(shop, gateway, clock):
    buyer = await shop.ready(await shop.variant(stock=5))
    await buyer.pay_at_gateway(gateway)
    clock.move(minutes=16)
    await reconciling.expire()
    second = await shop.open(buyer.cart)
    await second.fill()
    await second.pay()
    assert (await second.complete()).status == 201
    await run_jobs()
    assert (await shop.orders(), shop.money()) == (1, (1500, 1500))


async def test_another_way_to_pay_gives_up_the_first(shop, gateway):
    buyer = await shop.ready()
    await buyer.pay("stripe")
    await buyer.pay("manual")
    assert sorted(await shop.payments()) == ["pending", "superseded"]
    assert (await buyer.complete()).json["payment_status"] == "pending"
    await run_jobs()
    assert sorted(await shop.payments()) == ["authorized", "cancelled"]


async def test_parallel_payments_are_one(shop, gateway):
    buyer = await shop.ready()
    replies = await asyncio.gather(*(buyer.pay("stripe") for _ in range(10)))
    assert {reply.status for reply in replies} <= {201, 503}
    assert len({reply.json["payment_id"] for reply in replies if reply.status == 201}) == 1
    assert (len(gateway.books.state.intents), await shop.payments()) == (1, ["pending"])


async def test_webhooks_of_the_gateway_itself_are_understood(shop, gateway):
    gateway.behave(webhooks=WebhookMode(enabled=False))
    buyer = await shop.ready()
    await buyer.pay_at_gateway(gateway)
    for event in gateway.events():
        from feria_core.testing.gateway import wire

        body = wire.encode(wire.event_object(event)).encode()
        assert (await shop.send_raw(body)).status == 200
    await run_jobs()
    assert await shop.orders() == 1


async def test_an_unanswered_question_changes_nothing(shop, gateway):
    buyer = await shop.ready()
    await buyer.pay_at_gateway(gateway)
    gateway.behave(Rule(on=On.RETRIEVE, do=Do.HTTP_500, times=3))
    with pytest.raises(PaymentPending):
        await settling.ask(await live_payment(buyer))
    assert await shop.payments() == ["pending"]


async def test_a_dispute_is_told_to_staff_and_changes_no_order(shop, gateway):
    buyer = await shop.ready()
    intent = await buyer.pay_at_gateway(gateway)
    assert (await buyer.complete()).status == 201
    event = {
        "id": "evt_dispute",
        "type": "charge.dispute.created",
        "data": {"object": {"id": "dp_1", "object": "dispute", "payment_intent": intent}},
    }
    for _ in range(3):
        assert (await shop.send_raw(orjson.dumps(event))).status == 200
    await run_jobs()
    letters = await db.fetch_all("SELECT last_error FROM core_job WHERE state = 'dead' AND name = 'checkout.alert'")
    order = await db.fetch_value("SELECT id FROM orders_order")
    assert len(letters) == 1
    assert "dp_1" in letters[0]["last_error"]
    assert str(order) in letters[0]["last_error"]
    assert await shop.payments() == ["captured"]
