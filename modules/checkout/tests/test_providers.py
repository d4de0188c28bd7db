"""The providers keep their contract; the breaker keeps shoppers from waiting; webhooks are what Stripe signed."""

from __future__ import annotations

import asyncio
import time

import pytest
import pytest_asyncio

from feria_checkout.providers import stripe_webhook
from feria_checkout.providers.breaker import Breaker
from feria_checkout.providers.manual import ManualProvider
from feria_checkout.provides import stripe_of
from feria_checkout.settings import CheckoutSettings
from feria_core.config import load_config
from feria_core.contracts.payments import InvalidWebhook, PaymentDeclined, ProviderUnavailable
from feria_core.errors import StartRefused
from feria_core.testing.deployment import write_plugins
from feria_core.testing.gateway import Do, On, Rule, fake_gateway, sign_stripe
from feria_core.testing.provider_contract import PaymentProviderContract, request_for

SECRET = "whsec_for_tests"
EVENT = b'{"id": "evt_1", "type": "payment_intent.succeeded", "data": {"object": {"id": "pi_1"}}}'


def settings_for(gateway, **changes):
    return CheckoutSettings.model_validate(
        {
            "stripe_enabled": True,
            "stripe_base_url": gateway.url,
            "stripe_secret_key": gateway.secret_key,
            "stripe_webhook_secret": gateway.webhook_secret,
            **changes,
        }
    )


class TestManual(PaymentProviderContract):
    @pytest.fixture
    def provider(self):
        return ManualProvider()

    @pytest.fixture
    def shopper_pays(self):
        return None


class TestStripesPage(PaymentProviderContract):
    """The same contract, by the hosted page."""

    @pytest_asyncio.fixture(loop_scope="session")
    async def provider(self, gateway):
        provider = stripe_of(settings_for(gateway, stripe_mode="checkout_session"))
        yield provider
        await provider.close()
        await gateway.reset()

    @pytest.fixture
    def shopper_pays(self, gateway):
        return gateway.pay_session

    async def test_a_dropped_answer_opens_no_second_page(self, provider, gateway):
        gateway.behave(Rule(on=On.CREATE, do=Do.DROP_AFTER_EFFECT))
        await provider.authorise(request_for())
        assert len(gateway.books.state.sessions) == 1


class TestStripe(PaymentProviderContract):
    @pytest_asyncio.fixture(loop_scope="session")
    async def provider(self, gateway):
        provider = stripe_of(settings_for(gateway))
        yield provider
        await provider.close()
        await gateway.reset()

    @pytest.fixture
    def shopper_pays(self, gateway):
        return gateway.pay

    async def test_a_dropped_answer_opens_no_second_payment(self, provider, gateway):
        gateway.behave(Rule(on=On.CREATE, do=Do.DROP_AFTER_EFFECT))
        await provider.authorise(request_for())
        assert len(gateway.books.state.intents) == 1

    async def test_a_stalling_gateway_is_not_waited_for(self):
        # A gateway of its own: it acts after we have given up, which would leak into the tests after this one.
        async with fake_gateway() as slow:
            provider = stripe_of(settings_for(slow, provider_deadline_s=0.3))
            slow.behave(Rule(on=On.CREATE, do=Do.STALL, seconds=2))
            started = time.monotonic()
            with pytest.raises(ProviderUnavailable):
                await provider.authorise(request_for())
            assert time.monotonic() - started < 1.5
            await provider.close()

    async def test_a_refused_amount_is_a_refusal_not_silence(self, provider):
        with pytest.raises(PaymentDeclined):
            await provider.authorise(request_for(0))


async def test_the_breaker_opens_and_one_probe_closes_it():
    now = [0.0]
    breaker = Breaker("x", failures=2, open_s=30, deadline_s=1, now=lambda: now[0])
    calls = []

    async def fails():
        calls.append("fail")
        raise ProviderUnavailable("down")

    async def works():
        calls.append("work")
        await asyncio.sleep(0.01)
        return 1

    for _ in range(2):
        with pytest.raises(ProviderUnavailable):
            await breaker.run(fails)
    assert breaker.is_open
    with pytest.raises(ProviderUnavailable):
        await breaker.run(works)
    assert calls == ["fail", "fail"]

    now[0] = 31
    results = await asyncio.gather(*(breaker.run(works) for _ in range(3)), return_exceptions=True)
    assert [r for r in results if r == 1] == [1]
    assert calls == ["fail", "fail", "work"]
    assert not breaker.is_open
    assert await breaker.run(works) == 1


async def test_a_failed_probe_opens_the_breaker_again():
    now = [0.0]
    breaker = Breaker("x", failures=1, open_s=30, deadline_s=0.05, now=lambda: now[0])
    for at in (0.0, 31.0):
        now[0] = at
        with pytest.raises(ProviderUnavailable):
            await breaker.run(lambda: asyncio.sleep(5))
    assert breaker.is_open


async def test_a_refusal_keeps_the_breaker_closed():
    breaker = Breaker("x", failures=1, open_s=30, deadline_s=1)

    async def refuses():
        raise PaymentDeclined("no")

    for _ in range(3):
        with pytest.raises(PaymentDeclined):
            await breaker.run(refuses)
    assert not breaker.is_open


def test_a_signed_event_is_read():
    note = stripe_webhook.parse(EVENT, {"stripe-signature": sign_stripe(EVENT, SECRET)}, SECRET)
    assert (note.event_id, note.kind, note.reference) == ("evt_1", "payment_intent.succeeded", "pi_1")


def test_a_second_signature_may_match():
    header = sign_stripe(EVENT, SECRET).replace("v1=", "v1=00,v1=")
    assert stripe_webhook.parse(EVENT, {"Stripe-Signature": header}, SECRET).event_id == "evt_1"


@pytest.mark.parametrize("age_s", [-301, 301, 10**9])
def test_an_event_of_another_time_is_refused(age_s):
    header = sign_stripe(EVENT, SECRET, at=int(time.time()) + age_s)
    with pytest.raises(InvalidWebhook):
        stripe_webhook.parse(EVENT, {"Stripe-Signature": header}, SECRET)


@pytest.mark.parametrize("age_s", [-290, 290])
def test_clocks_may_differ_a_little(age_s):
    header = sign_stripe(EVENT, SECRET, at=int(time.time()) + age_s)
    assert stripe_webhook.parse(EVENT, {"Stripe-Signature": header}, SECRET)


@pytest.mark.parametrize(
    "body",
    [b"[]", b"{}", b"null", b'"x"', b"1", b"", b"\xff\xfe\x00", b"{", b'{"id": 1, "type": "a"}', b'{"id": "evt_1"}',
     b'{"id": "evt_1\\u0000", "type": "a.b"}', b'{"id": "", "type": "a.b"}', b'{"id": "evt_1", "type": "\\ud800"}'],
)  # fmt: skip
def test_a_signed_body_that_is_no_event_is_refused(body):
    with pytest.raises(InvalidWebhook):
        stripe_webhook.parse(body, {"Stripe-Signature": sign_stripe(body, SECRET)}, SECRET)


@pytest.mark.parametrize(
    "header", ["", "t=", "v1=00", "t=1", "t=x,v1=00", "t=1,v1=é", "é", "t=1,t=2,v1=00", "=" * 5000]
)
def test_an_unreadable_signature_is_refused(header):
    with pytest.raises(InvalidWebhook):
        stripe_webhook.parse(EVENT, {"Stripe-Signature": header}, SECRET)


@pytest.mark.parametrize(
    "data", [b"null", b"[]", b'{"object": []}', b'{"object": {"id": 5}}', b'{"object": {"id": "a b"}}']
)
def test_an_event_without_a_usable_payment_is_of_no_interest(data):
    body = b'{"id": "evt_1", "type": "payment_intent.succeeded", "data": ' + data + b"}"
    note = stripe_webhook.parse(body, {"Stripe-Signature": sign_stripe(body, SECRET)}, SECRET)
    assert note.reference is None


@pytest.mark.parametrize("missing", ["FERIA_CHECKOUT__STRIPE_SECRET_KEY", "FERIA_CHECKOUT__STRIPE_WEBHOOK_SECRET"])
def test_stripe_without_its_secret_refuses_the_start(tmp_path, missing):
    from feria_core.config import module_settings

    environment = {
        "FERIA_CHECKOUT__STRIPE_ENABLED": "true",
        "FERIA_CHECKOUT__STRIPE_SECRET_KEY": "sk_test_x",
        "FERIA_CHECKOUT__STRIPE_WEBHOOK_SECRET": "whsec_x",
    }
    environment[missing] = " "
    config = load_config(write_plugins(tmp_path / "plugins.toml", enabled=["checkout"]), environment=environment)
    rules = module_settings(config, "checkout", CheckoutSettings)
    with pytest.raises(StartRefused, match=missing):
        stripe_of(rules)


def test_mappings_are_json_in_the_environment(tmp_path):
    from feria_core.config import module_settings

    environment = {
        "FERIA_CHECKOUT__TAX_RATES": '{"ES": "0.21"}',
        "FERIA_CHECKOUT__SHIPPING_METHODS": '{"bike": {"label": "Bike", "amount": 300, "min_days": 0, "max_days": 1}}',
    }
    config = load_config(write_plugins(tmp_path / "plugins.toml", enabled=["checkout"]), environment=environment)
    rules = module_settings(config, "checkout", CheckoutSettings)
    assert str(rules.tax_rates["ES"]) == "0.21"
    assert rules.shipping_methods["bike"].amount == 300
