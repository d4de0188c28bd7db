"""Paying with PayPal: answers, webhooks and crashes in any order end in one order and one capture, or in neither."""

from __future__ import annotations

import asyncio
import time as seconds
import uuid

import orjson
import pytest
import pytest_asyncio

from feria_checkout.providers import find_provider, paypal_wire
from feria_checkout.providers.paypal_token import TokenCache
from feria_checkout.provides import paypal_of
from feria_checkout.repository import payments
from feria_checkout.service import reconciling, settling
from feria_checkout.settings import CheckoutSettings
from feria_core import db
from feria_core.config import load_config, module_settings
from feria_core.contracts.money import Money
from feria_core.contracts.payments import (
    InvalidWebhook,
    PaymentDeclined,
    PaymentReport,
    PaymentState,
    ProviderUnavailable,
)
from feria_core.errors import StartRefused
from feria_core.ids import new_id
from feria_core.testing.deployment import write_plugins
from feria_core.testing.gateway import Do, On, Rule, WebhookMode, fake_gateway
from feria_core.testing.gateway.paypal import door, wire
from feria_core.testing.gateway.paypal.errors import PayPalError
from feria_core.testing.provider_contract import PaymentProviderContract, request_for
from feria_core.testing.work import run_jobs

pytestmark = pytest.mark.asyncio(loop_scope="session")
WEBHOOK = "/api/payments/paypal/webhook"


def settings_for(gateway, **changes):
    return CheckoutSettings.model_validate(
        {
            "paypal_enabled": True,
            "paypal_base_url": gateway.url,
            "paypal_client_id": gateway.paypal.client_id,
            "paypal_client_secret": gateway.secret_key,
            "paypal_webhook_id": gateway.paypal.webhook_id,
            **changes,
        }
    )


@pytest_asyncio.fixture(loop_scope="session")
async def provider(gateway):
    provider = paypal_of(settings_for(gateway))
    yield provider
    await provider.close()
    await gateway.reset()


class TestPayPal(PaymentProviderContract):
    @pytest.fixture
    def shopper_pays(self, gateway):
        return gateway.paypal.approve

    async def test_a_dropped_answer_opens_no_second_order(self, provider, gateway):
        gateway.behave(Rule(on=On.CREATE, do=Do.DROP_AFTER_EFFECT))
        await provider.authorise(request_for())
        assert len(gateway.paypal.ledger.state.orders) == 1

    async def test_an_order_is_captured_once_by_any_number(self, provider, gateway):
        request = request_for()
        session = await provider.authorise(request)
        await gateway.paypal.approve(session.reference)
        gateway.behave(Rule(on=On.CAPTURE, do=Do.DROP_AFTER_EFFECT))
        reports = await asyncio.gather(
            *(
                provider.capture(session.reference, payment_id=request.payment_id, amount=request.amount)
                for _ in range(5)
            )
        )
        assert {report.state for report in reports} == {PaymentState.CAPTURED}
        assert gateway.ledger().captured == {"usd": 1500}

    async def test_another_amount_is_not_captured(self, provider, gateway):
        request = request_for()
        session = await provider.authorise(request)
        await gateway.paypal.approve(session.reference)
        for wrong in (
            {"amount": Money(1499, "USD"), "payment_id": request.payment_id},
            {"amount": Money(1500, "EUR"), "payment_id": request.payment_id},
            {"amount": request.amount, "payment_id": new_id()},
        ):
            with pytest.raises(PaymentDeclined):
                await provider.capture(session.reference, **wrong)
        assert gateway.ledger().captured == {}

    async def test_what_the_shopper_must_do_first_is_no_refusal(self, provider, gateway):
        request = request_for()
        session = await provider.authorise(request)
        how = {"payment_id": request.payment_id, "amount": request.amount}
        assert (await provider.capture(session.reference, **how)).state is PaymentState.PENDING
        await gateway.paypal.approve(session.reference)
        gateway.behave(Rule(on=On.CONFIRM, do=Do.REQUIRE_ACTION))
        assert (await provider.capture(session.reference, **how)).state is PaymentState.PENDING
        await gateway.paypal.approve(session.reference)
        assert (await provider.capture(session.reference, **how)).state is PaymentState.CAPTURED

    @pytest.mark.parametrize(
        ("amount", "currency", "text"),
        [(1500, "JPY", "1500"), (1599, "USD", "15.99"), (150_000, "HUF", "1500"), (5, "EUR", "0.05")],
    )
    async def test_amounts_are_written_as_paypal_reads_them(self, provider, gateway, amount, currency, text):
        request = request_for(amount, currency)
        session = await provider.authorise(request)
        assert paypal_wire.money_json(request.amount) == {"currency_code": currency, "value": text}
        await gateway.paypal.approve(session.reference)
        report = await provider.capture(session.reference, payment_id=request.payment_id, amount=request.amount)
        assert (report.state, report.amount) == (PaymentState.CAPTURED, request.amount)

    @pytest.mark.parametrize(("amount", "currency"), [(1500, "KWD"), (1500, "CRC"), (150_050, "TWD"), (0, "USD")])
    async def test_what_paypal_cannot_take_is_refused_at_opening(self, provider, gateway, amount, currency):
        with pytest.raises(PaymentDeclined, match=f"{currency}: choose another way to pay"):
            await provider.authorise(request_for(amount, currency))
        assert gateway.paypal.ledger.state.orders == {}

    async def test_a_refund_is_known_after_its_key_is_forgotten(self, provider, gateway):
        request = request_for(1000)
        session = await provider.authorise(request)
        await gateway.paypal.approve(session.reference)
        await provider.capture(session.reference, payment_id=request.payment_id, amount=request.amount)
        refund_id = new_id()
        for _ in range(2):
            await provider.refund(session.reference, refund_id=refund_id, amount=Money(300, "USD"))
            gateway.keys.kept.clear()
        assert gateway.ledger().refunded == {"usd": 300}

    async def test_a_short_answer_is_completed_by_asking(self, provider, gateway, monkeypatch):
        monkeypatch.setattr(door, "_shown", lambda request, status, body: door.answer(
            status, wire.minimal(body) if request.method == "POST" and "links" in body else body
        ))  # fmt: skip
        request = request_for()
        session = await provider.authorise(request)
        assert session.client_data["approve_url"]
        await gateway.paypal.approve(session.reference)
        report = await provider.capture(session.reference, payment_id=request.payment_id, amount=request.amount)
        assert (report.state, report.checkout_id) == (PaymentState.CAPTURED, request.checkout_id)

    async def test_nothing_captured_is_nothing_to_refund(self, provider):
        session = await provider.authorise(request_for())
        with pytest.raises(PaymentDeclined):
            await provider.refund(session.reference, refund_id=new_id(), amount=Money(1, "USD"))

    async def test_one_token_serves_many_calls_and_is_replaced_when_it_ends(self, provider, gateway):
        before = gateway.paypal.tokens_given
        await asyncio.gather(*(provider.authorise(request_for()) for _ in range(10)))
        assert gateway.paypal.tokens_given == before + 1
        gateway.paypal.expire_tokens()
        await asyncio.gather(*(provider.authorise(request_for()) for _ in range(10)))
        assert gateway.paypal.tokens_given == before + 2
        assert len(gateway.paypal.ledger.state.orders) == 20

    async def test_wrong_credentials_are_silence_not_a_declined_payment(self, gateway, caplog):
        provider = paypal_of(settings_for(gateway, paypal_client_secret="wrong-secret"))
        with pytest.raises(ProviderUnavailable, match="client id") as refused:
            await provider.authorise(request_for())
        await provider.close()
        assert "wrong-secret" not in f"{refused.value} {caplog.text}"

    async def test_a_stalling_gateway_is_not_waited_for_and_the_breaker_opens(self):
        async with fake_gateway() as slow:
            provider = paypal_of(settings_for(slow, provider_deadline_s=0.3, breaker_failures=2))
            slow.behave(Rule(on=On.CREATE, do=Do.STALL, seconds=2, times=9))
            started = seconds.monotonic()
            for _ in range(6):
                with pytest.raises(ProviderUnavailable):
                    await provider.authorise(request_for())
            assert seconds.monotonic() - started < 1.5
            assert provider.breaker.is_open
            await provider.close()

    async def test_forgeries_do_not_stop_shoppers_from_paying(self, provider, gateway):
        gateway.behave(Rule(on=On.VERIFY, do=Do.HTTP_500, times=100))
        body = event_body("1AB")
        for _ in range(6):
            with pytest.raises(ProviderUnavailable):
                await provider.parse_webhook(body, gateway.paypal.sign(body))
        assert (await provider.authorise(request_for())).reference


async def test_a_token_is_fetched_again_shortly_before_its_end():
    now, fetched = [0.0], []

    async def fetch():
        await asyncio.sleep(0)
        fetched.append(now[0])
        return {"access_token": f"t{len(fetched)}", "expires_in": 1000}

    cache = TokenCache(fetch, now=lambda: now[0])
    assert {token.value for token in await asyncio.gather(*(cache.get() for _ in range(20)))} == {"t1"}
    now[0] = 939
    assert (await cache.get()).value == "t1"
    now[0] = 940
    first = await cache.get()
    assert first.value == "t2"
    cache.forget(first)
    second = await cache.get()
    cache.forget(first)
    assert await cache.get() is second
    assert "t2" not in repr(first)


@pytest.mark.parametrize(
    "answer",
    [{}, {"access_token": 1, "expires_in": 5}, {"access_token": "a\nb", "expires_in": 5}, {"access_token": "a"}],
)
async def test_an_answer_without_a_token_is_silence(answer):
    async def fetch():
        return answer

    with pytest.raises(ProviderUnavailable):
        await TokenCache(fetch).get()


def order(status="COMPLETED", captures=(), **changes):
    unit = {"amount": {"currency_code": "USD", "value": "15.00"}, "payments": {"captures": list(captures)}}
    return {"id": "1AB", "status": status, "purchase_units": [unit], **changes}


def capture_of(status, value="15.00"):
    return {"id": "2CD", "status": status, "amount": {"currency_code": "USD", "value": value}}


@pytest.mark.parametrize(
    ("said", "state"),
    [
        (order("CREATED"), PaymentState.PENDING),
        (order("PAYER_ACTION_REQUIRED"), PaymentState.PENDING),
        (order("APPROVED"), PaymentState.AUTHORIZED),
        (order("VOIDED"), PaymentState.CANCELLED),
        (order("OF_NEXT_YEAR"), PaymentState.PROCESSING),
        (order(captures=[capture_of("COMPLETED")]), PaymentState.CAPTURED),
        (order(captures=[capture_of("REFUNDED")]), PaymentState.CAPTURED),
        (order(captures=[capture_of("PENDING")]), PaymentState.PROCESSING),
        (order(captures=[capture_of("DECLINED")]), PaymentState.CANCELLED),
        (order(captures=[capture_of("DECLINED"), capture_of("COMPLETED")]), PaymentState.CAPTURED),
    ],
)
async def test_every_state_of_an_order_is_understood(said, state):
    report = paypal_wire.report_of(said)
    assert (report.state, report.amount) == (state, Money(1500, "USD"))


@pytest.mark.parametrize(
    "said",
    [{}, {"purchase_units": []}, order(purchase_units="x"), order(purchase_units=[{}, {}]), order(id=5),
     order(captures=[capture_of("COMPLETED", "1.999")]), order(captures=[capture_of("COMPLETED", "NaN")]),
     order(captures=[{"status": "COMPLETED"}])],
)  # fmt: skip
async def test_an_order_that_cannot_be_read_is_silence(said):
    with pytest.raises(ProviderUnavailable):
        paypal_wire.report_of(said)


@pytest.mark.parametrize("missing", ["CLIENT_ID", "CLIENT_SECRET", "WEBHOOK_ID"])
async def test_paypal_without_its_secrets_refuses_the_start(tmp_path, missing):
    names = ("CLIENT_ID", "CLIENT_SECRET", "WEBHOOK_ID")
    environment = {f"FERIA_CHECKOUT__PAYPAL_{name}": "x" for name in names} | {"FERIA_CHECKOUT__PAYPAL_ENABLED": "true"}
    environment[f"FERIA_CHECKOUT__PAYPAL_{missing}"] = " "
    config = load_config(write_plugins(tmp_path / "plugins.toml", enabled=["checkout"]), environment=environment)
    with pytest.raises(StartRefused, match=f"paypal_enabled = true, but FERIA_CHECKOUT__PAYPAL_{missing}"):
        paypal_of(module_settings(config, "checkout", CheckoutSettings))


async def test_the_environment_chooses_the_address():
    assert CheckoutSettings().paypal_url() == "https://api-m.paypal.com"
    assert CheckoutSettings(paypal_environment="sandbox").paypal_url() == "https://api-m.sandbox.paypal.com"


# Through the shop.


def event_body(order_id, kind="CHECKOUT.ORDER.APPROVED", *, event_id=None) -> bytes:
    resource = {"id": order_id}
    if kind.startswith("PAYMENT."):
        resource = {"id": "9ZZ", "supplementary_data": {"related_ids": {"order_id": order_id}}}
    # With blanks that a parser would not write again: what is signed is these bytes.
    return b'{"id" : "%s",  "event_type":"%s", "resource" :%s}' % (
        (event_id or f"WH-{uuid.uuid4()}").encode(),
        kind.encode(),
        orjson.dumps(resource),
    )


class PayPalShop:
    """A shop whose buyers pay with PayPal."""

    def __init__(self, shop, gateway):
        self.shop = shop
        self.gateway = gateway

    async def opened(self, **how):
        buyer = await self.shop.ready(**how)
        reply = await buyer.pay("paypal")
        assert reply.status == 201, reply.body
        return buyer, reply.json["approve_url"].partition("token=")[2]

    async def approved(self, **how):
        buyer, order_id = await self.opened(**how)
        await self.gateway.paypal.approve(order_id)
        return buyer, order_id

    async def send(self, body: bytes, *, signed: bytes | None = None, **changes):
        headers = {**self.gateway.paypal.sign(body if signed is None else signed), **changes}
        return await self.shop.client.call("POST", WEBHOOK, data=body, headers=headers)

    async def outcome(self):
        return await self.shop.orders(), self.shop.money(), await self.shop.payments()


ONCE = (1, (1500, 0), ["captured"])
NEVER = (0, (0, 0), ["pending"])


@pytest_asyncio.fixture(loop_scope="session")
async def paypal(shop, gateway):
    yield PayPalShop(shop, gateway)
    found = find_provider("paypal")
    found.breaker._succeed()
    found._webhook_breaker._succeed()


async def test_a_guest_pays_with_paypal(paypal):
    buyer, order_id = await paypal.opened()
    early = await buyer.complete()
    assert (early.status, early.code) == (402, "payment_failed")
    known = paypal.gateway.paypal.ledger.order(order_id)
    assert known.custom_id == buyer.id
    assert known.return_url.endswith(f"/checkout/{buyer.id}")
    await paypal.gateway.paypal.approve(order_id)
    done = await buyer.complete()
    assert (done.status, done.json["payment_status"]) == (201, "paid")
    assert await paypal.outcome() == ONCE


async def test_opening_twice_is_one_order(paypal):
    buyer, order_id = await paypal.opened()
    replies = await asyncio.gather(*(buyer.pay("paypal") for _ in range(5)))
    assert {reply.json["approve_url"].partition("token=")[2] for reply in replies if reply.status == 201} == {order_id}
    assert len(paypal.gateway.paypal.ledger.state.orders) == 1


async def test_an_answer_lost_after_the_capture_is_found_by_the_reconciler(paypal, clock):
    buyer, _ = await paypal.approved()
    paypal.gateway.behave(Rule(on=On.CAPTURE, do=Do.DROP_AFTER_EFFECT, times=3))
    lost = await buyer.complete()
    assert (lost.status, lost.code) == (503, "payment_pending")
    assert (await paypal.outcome())[:2] == (0, (1500, 0))
    clock.move(seconds=301)
    assert await reconciling.reconcile() == 1
    await run_jobs()
    assert await paypal.outcome() == ONCE


async def test_an_answer_lost_once_is_asked_for_again_at_once(paypal):
    buyer, _ = await paypal.approved()
    paypal.gateway.behave(Rule(on=On.CAPTURE, do=Do.DROP_AFTER_EFFECT))
    assert (await buyer.complete()).status == 201
    assert await paypal.outcome() == ONCE


@pytest.mark.parametrize("kind", ["CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.COMPLETED", "CHECKOUT.ORDER.COMPLETED"])
async def test_the_webhook_alone_makes_the_order(paypal, kind):
    buyer, order_id = await paypal.approved()
    agreed = await buyer.total()
    assert (await paypal.send(event_body(order_id, kind))).status == 200
    await run_jobs()
    assert await paypal.outcome() == ONCE
    assert (await buyer.complete(expected=agreed)).status == 201
    assert await paypal.outcome() == ONCE


async def test_answer_and_webhooks_at_once_make_one_order(paypal):
    buyer, order_id = await paypal.approved()
    agreed = await buyer.total()
    for _ in range(3):
        await paypal.send(event_body(order_id))
    replies, _ = await asyncio.gather(asyncio.gather(*(buyer.complete(expected=agreed) for _ in range(6))), run_jobs())
    assert {reply.status for reply in replies} <= {201, 503}
    assert (await buyer.complete(expected=agreed)).status == 201
    assert await paypal.outcome() == ONCE


async def test_an_event_sent_often_and_days_later_has_one_effect(paypal, clock):
    _, order_id = await paypal.approved()
    body = event_body(order_id, event_id="WH-SAME")
    headers = paypal.gateway.paypal.sign(body)
    replies = await asyncio.gather(
        *(paypal.shop.client.call("POST", WEBHOOK, data=body, headers=headers) for _ in range(20))
    )
    assert {reply.status for reply in replies} == {200}
    assert await db.fetch_value("SELECT count(*) FROM core_job WHERE name = 'checkout.handle_webhook'") == 1
    await run_jobs()
    clock.move(days=3)
    assert (await paypal.shop.client.call("POST", WEBHOOK, data=body, headers=headers)).status == 200
    await run_jobs()
    assert await paypal.outcome() == ONCE
    clock.move(days=2)
    assert (await paypal.shop.client.call("POST", WEBHOOK, data=body, headers=headers)).status == 400


async def test_the_gateways_own_webhooks_twice_late_and_in_reverse_make_one_order(paypal):
    buyer, _ = await paypal.approved()
    assert (await buyer.complete()).status == 201
    events = paypal.gateway.events()
    assert {event.type for event in events} == {
        "CHECKOUT.ORDER.APPROVED", "PAYMENT.CAPTURE.COMPLETED", "CHECKOUT.ORDER.COMPLETED",
    }  # fmt: skip
    for event in [*reversed(events), *events]:
        body, headers = paypal.gateway.paypal.render(event)
        assert (await paypal.shop.client.call("POST", WEBHOOK, data=body, headers=headers)).status == 200
    await run_jobs()
    assert await paypal.outcome() == ONCE


async def test_what_paypal_did_not_sign_is_refused(paypal):
    _, order_id = await paypal.approved()
    body = event_body(order_id)
    url = "https://paypal.com.evil.example/v1/notifications/certs/CERT-1"
    replies = [
        await paypal.shop.client.call("POST", WEBHOOK, data=body, headers={}),
        await paypal.send(body, signed=event_body("another")),
        await paypal.send(orjson.dumps(orjson.loads(body)), signed=body),
        await paypal.send(body + b" x"),
        *[
            await paypal.send(body, **{name: value})
            for name, value in [
                ("PayPal-Transmission-Sig", "AAAA"), ("PayPal-Transmission-Sig", ""), ("PayPal-Transmission-Sig", "é"),
                ("PayPal-Transmission-Id", "other"), ("PayPal-Transmission-Time", "2016-02-18T20:01:35Z"),
                ("PayPal-Transmission-Time", "now"), ("PayPal-Transmission-Time", "0001-01-01T00:00:00+23:59"),
                ("PayPal-Cert-Url", url), ("PayPal-Cert-Url", "http://[/"), ("PayPal-Auth-Algo", "none"),
            ]
        ],
    ]  # fmt: skip
    assert {(reply.status, reply.code) for reply in replies} == {(400, "invalid_webhook")}
    assert await db.fetch_value("SELECT count(*) FROM checkout_webhook_event") == 0


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{}", b"null", b"\xff\xfe", b'{"id": 1, "event_type": "A"}', b'{"id": "WH-1", "event_type": "a b"}',
     b'{"id": "WH-1"}', b'{"id": "", "event_type": "A.B"}', b'{"id": "WH-1", "event_type": "\\ud800"}',
     b"[" * 100_000, b'{"a":' * 5000],
)  # fmt: skip
async def test_a_signed_non_event_is_refused(paypal, body):
    reply = await paypal.send(body)
    assert (reply.status, reply.code) == (400, "invalid_webhook")


async def test_a_body_that_is_no_webhook_by_size_is_refused(paypal):
    assert (await paypal.send(event_body("1AB") + b" " * 300_000)).status == 413


@pytest.mark.parametrize(
    "resource", [b"null", b"[]", b'{"id": 5}', b'{"id": "a b"}', b'{"id": "../../v1/x"}', b'{"supplementary_data": 1}']
)
async def test_an_event_without_a_usable_order_is_stored_and_left_alone(paypal, resource):
    for kind in (b"CHECKOUT.ORDER.APPROVED", b"PAYMENT.CAPTURE.DENIED", b"CUSTOMER.DISPUTE.CREATED"):
        body = b'{"id": "WH-%s", "event_type": "%s", "resource": %s}' % (uuid.uuid4().hex.encode(), kind, resource)
        assert (await paypal.send(body)).status == 200
    assert await db.fetch_value("SELECT count(*) FROM core_job WHERE name = 'checkout.handle_webhook'") == 0


async def test_a_webhook_that_cannot_be_verified_is_asked_for_again(paypal):
    _, order_id = await paypal.approved()
    paypal.gateway.behave(Rule(on=On.VERIFY, do=Do.HTTP_500, times=3))
    silent = await paypal.send(body := event_body(order_id))
    assert (silent.status, silent.code) == (503, "payment_pending")
    assert await db.fetch_value("SELECT count(*) FROM checkout_webhook_event") == 0
    assert (await paypal.send(body)).status == 200
    await run_jobs()
    assert await paypal.outcome() == ONCE


async def test_an_event_that_lies_about_success_pays_nothing(paypal):
    _, order_id = await paypal.opened()
    await paypal.send(event_body(order_id, "PAYMENT.CAPTURE.COMPLETED"))
    await run_jobs()
    assert await paypal.outcome() == NEVER


async def test_a_declined_instrument_leaves_another_try(paypal):
    buyer, order_id = await paypal.approved()
    paypal.gateway.behave(Rule(on=On.CONFIRM, do=Do.DECLINE))
    declined = await buyer.complete()
    assert (declined.status, declined.code) == (402, "payment_failed")
    assert "PayPal declined" in declined.json["detail"]
    assert await paypal.outcome() == NEVER
    await paypal.gateway.paypal.approve(order_id)
    assert (await buyer.complete()).status == 201
    assert await paypal.outcome() == ONCE


async def test_a_gateway_that_is_down_keeps_the_payment_and_opens_the_breaker(paypal):
    buyer = await paypal.shop.ready()
    paypal.gateway.behave(Rule(on=On.CREATE, do=Do.HTTP_500, times=100))
    for _ in range(5):
        down = await buyer.pay("paypal")
        assert (down.status, down.code) == (503, "payment_pending")
    assert find_provider("paypal").breaker.is_open
    paypal.gateway.behaviour.reset()
    assert (await buyer.pay("paypal")).status == 503
    find_provider("paypal").breaker._succeed()
    assert (await buyer.pay("paypal")).status == 201
    assert len(paypal.gateway.paypal.ledger.state.orders) == 1


async def test_a_token_that_ends_midway_is_replaced(paypal):
    buyer, order_id = await paypal.opened()
    paypal.gateway.paypal.expire_tokens()
    await paypal.gateway.paypal.approve(order_id)
    assert (await buyer.complete()).status == 201
    assert await paypal.outcome() == ONCE


async def test_money_for_a_payment_that_was_given_up_is_never_taken(paypal):
    buyer, order_id = await paypal.opened()
    await buyer.fill(shipping_method="express")
    await run_jobs()
    assert await paypal.shop.payments() == ["cancelled"]
    await paypal.gateway.paypal.approve(order_id)
    assert (await paypal.send(event_body(order_id))).status == 200
    await run_jobs()
    assert await paypal.outcome() == (0, (0, 0), ["cancelled"])


async def test_an_order_that_paypal_has_forgotten_is_given_up(paypal, clock):
    await paypal.opened()
    paypal.gateway.paypal.ledger.state.orders.clear()
    clock.move(minutes=16)
    await reconciling.expire()
    await run_jobs()
    assert await paypal.shop.payments() == ["cancelled"]


@pytest.mark.parametrize(
    "lie",
    [
        {"amount": Money(1, "USD")},
        {"amount": Money(1500, "EUR")},
        {"checkout_id": uuid.uuid4()},
        {"payment_id": uuid.uuid4()},
    ],
)
async def test_captured_money_that_does_not_fit_goes_back(paypal, lie):
    buyer, order_id = await paypal.approved()
    payment = await payments.live_of(uuid.UUID(buyer.id))
    report = await find_provider("paypal").capture(order_id, payment_id=payment.id, amount=payment.amount)
    truth = {name: getattr(report, name) for name in ("reference", "state", "amount", "checkout_id", "payment_id")}
    settled = await settling.apply(payment, PaymentReport(**{**truth, **lie}))
    assert settled.refusal.code == "payment_returned"
    await run_jobs()
    assert await paypal.outcome() == (0, (1500, 1500), ["refunded"])


async def test_an_order_changed_at_paypal_is_not_captured(paypal):
    buyer, order_id = await paypal.approved()
    paypal.gateway.paypal.ledger.order(order_id).amount = 1
    assert (await buyer.complete()).code == "payment_failed"
    assert await paypal.outcome() == NEVER


async def test_paid_but_sold_out_is_refunded_once(paypal, clock):
    variant = await paypal.shop.variant(stock=1)
    buyer, _ = await paypal.approved(variant=variant)
    agreed = await buyer.total()
    await paypal.shop.take_stock(variant, left=0)
    paypal.gateway.behave(Rule(on=On.REFUND, do=Do.DROP_AFTER_EFFECT, times=3))
    assert (await buyer.complete(expected=agreed)).code == "out_of_stock"
    await run_jobs()
    clock.move(seconds=61)
    await run_jobs()
    assert await paypal.outcome() == (0, (1500, 1500), ["refunded"])


async def test_a_crash_before_the_reference_is_stored_is_mended_by_the_webhook(paypal):
    _, order_id = await paypal.approved()
    await db.execute("UPDATE checkout_payment SET reference = NULL")
    await paypal.send(event_body(order_id))
    await run_jobs()
    assert await paypal.outcome() == ONCE


async def test_nobody_approves_what_is_not_there(gateway):
    with pytest.raises(PayPalError):
        await gateway.paypal.approve("1NOSUCHORDER")


async def test_webhooks_are_read_by_no_other_provider(provider, gateway):
    body = event_body("1AB")
    with pytest.raises(InvalidWebhook):
        await provider.parse_webhook(body, {"Stripe-Signature": "t=1,v1=00"})
    gateway.behave(webhooks=WebhookMode())
