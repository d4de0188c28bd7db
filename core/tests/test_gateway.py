"""The fake gateway, driven by Stripe's own SDK."""

import asyncio
import hashlib
import hmac
import json
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import aiohttp
import pytest
import stripe
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from feria_core.testing.gateway import (
    Do,
    FakeGateway,
    GatewayClient,
    On,
    Rule,
    WebhookMode,
    fake_gateway,
    sign_stripe,
)
from feria_core.testing.gateway.errors import CardDeclined, GatewayError
from feria_core.testing.gateway.records import Intent
from feria_core.testing.gateway.state import Ledger

PRICE = {"amount": 1099, "currency": "eur"}
RETRIES_S = (0.02, 0.05, 0.1)


class Shop:
    """A webhook receiver that keeps what it gets and answers what it is told."""

    def __init__(self) -> None:
        self.requests: list[tuple[bytes, str]] = []
        self.answers: list[int] = []
        self.url = ""

    async def receive(self, request: web.Request) -> web.Response:
        self.requests.append((await request.read(), request.headers["Stripe-Signature"]))
        return web.Response(status=self.answers.pop(0) if self.answers else 200)

    @property
    def events(self) -> list[dict]:
        return [json.loads(body) for body, _ in self.requests]

    @property
    def types(self) -> list[str]:
        return [event["type"] for event in self.events]


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    shop = Shop()
    app = web.Application()
    app.router.add_post("/webhook", shop.receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    shop.url = f"http://127.0.0.1:{runner.addresses[0][1]}/webhook"
    yield shop
    await runner.cleanup()


@pytest.fixture
async def gateway(shop: Shop) -> AsyncIterator[FakeGateway]:
    async with fake_gateway(webhook_url=shop.url, retry_delays_s=RETRIES_S) as gateway:
        yield gateway


@asynccontextmanager
async def sdk(gateway: FakeGateway, *, key: str = "", patience_s: float = 10, retries: int = 2):
    http = stripe.AIOHTTPClient(timeout=patience_s)
    options = {"http_client": http, "base_addresses": {"api": gateway.url}, "max_network_retries": retries}
    client = stripe.StripeClient(key or gateway.secret_key, **options)
    try:
        yield client.v1
    finally:
        await http.close_async()


@pytest.fixture
async def api(gateway: FakeGateway):
    async with sdk(gateway) as api:
        yield api


async def paid(api, **params) -> stripe.PaymentIntent:
    return await api.payment_intents.create_async(
        {**PRICE, "payment_method": "pm_card_visa", "confirm": True, **params}
    )


async def held(api, **params) -> stripe.PaymentIntent:
    return await paid(api, capture_method="manual", **params)


async def test_a_created_payment_asks_for_a_payment_method(api):
    params = {
        **PRICE,
        "metadata": {"order_id": "7", "a b": "ü"},
        "automatic_payment_methods": {"enabled": True},
    }
    made = await api.payment_intents.create_async(params)
    found = await api.payment_intents.retrieve_async(made.id)
    assert found.status == "requires_payment_method"
    assert (found.amount, found.currency, found.metadata.to_dict()) == (
        1099,
        "eur",
        {"order_id": "7", "a b": "ü"},
    )
    assert found.client_secret.startswith(f"{made.id}_secret_")


async def test_confirming_takes_the_money_once(api, gateway):
    made = await api.payment_intents.create_async(PRICE)
    done = await api.payment_intents.confirm_async(made.id, {"payment_method": "pm_card_visa"})
    assert (done.status, done.amount_received) == ("succeeded", 1099)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await api.payment_intents.confirm_async(made.id, {"payment_method": "pm_card_visa"})
    assert refused.value.code == "payment_intent_unexpected_state"
    assert [entry.kind for entry in gateway.ledger().entries] == ["captured"]


async def test_a_declined_card_is_a_card_error_and_another_one_pays(api, gateway):
    with pytest.raises(stripe.CardError) as declined:
        await paid(api, payment_method="pm_card_chargeDeclined")
    assert (declined.value.code, declined.value.http_status) == ("card_declined", 402)
    intent_id = declined.value.json_body["error"]["payment_intent"]["id"]
    kept = await api.payment_intents.retrieve_async(intent_id)
    assert kept.status == "requires_payment_method"
    assert kept.last_payment_error.decline_code == "generic_decline"
    done = await api.payment_intents.confirm_async(intent_id, {"payment_method": "pm_card_visa"})
    assert done.status == "succeeded"
    assert gateway.ledger().totals(intent_id).charges == 1


@pytest.mark.parametrize("method", ["pm_card_authenticationRequired", "pm_card_threeDSecure2Required"])
async def test_three_d_secure_waits_for_the_shopper(api, gateway, method):
    asked = await paid(api, payment_method=method, return_url="https://shop.example/back")
    assert asked.status == "requires_action"
    assert asked.next_action.redirect_to_url.url == f"{gateway.url}/pay/{asked.id}"
    assert (await gateway.authenticate(asked.id)).status == "succeeded"


async def test_failed_authentication_asks_for_another_card(api, gateway):
    asked = await paid(api, payment_method="pm_card_authenticationRequired")
    await gateway.authenticate(asked.id, succeeds=False)
    left = await api.payment_intents.retrieve_async(asked.id)
    assert left.status == "requires_payment_method"
    assert left.last_payment_error.code == "payment_intent_authentication_failure"


async def test_partial_capture_lets_the_rest_go(api, gateway):
    intent = await held(api)
    assert (intent.status, intent.amount_capturable) == ("requires_capture", 1099)
    done = await api.payment_intents.capture_async(intent.id, {"amount_to_capture": 1000})
    assert (done.status, done.amount_received, done.amount_capturable) == ("succeeded", 1000, 0)
    booked = [(entry.kind, entry.amount) for entry in gateway.ledger().entries]
    assert booked == [("authorized", 1099), ("captured", 1000), ("released", 99)]


async def test_more_than_held_cannot_be_captured(api):
    intent = await held(api)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await api.payment_intents.capture_async(intent.id, {"amount_to_capture": 1100})
    assert refused.value.code == "amount_too_large"


async def test_several_captures_where_they_were_asked_for(api, gateway):
    intent = await held(api, payment_method_options={"card": {"request_multicapture": "if_available"}})
    first = {"amount_to_capture": 500, "final_capture": False}
    assert (await api.payment_intents.capture_async(intent.id, first)).status == "requires_capture"
    done = await api.payment_intents.capture_async(intent.id, {"amount_to_capture": 400})
    assert (done.status, done.amount_received) == ("succeeded", 900)
    plain = await held(api)
    with pytest.raises(stripe.InvalidRequestError):
        await api.payment_intents.capture_async(plain.id, first)


async def test_cancelling_lets_held_money_go_and_taken_money_stay(api, gateway):
    intent = await held(api)
    gone = await api.payment_intents.cancel_async(intent.id, {"cancellation_reason": "abandoned"})
    assert (gone.status, gone.cancellation_reason) == ("canceled", "abandoned")
    assert gateway.ledger().captured == {}
    taken = await paid(api)
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await api.payment_intents.cancel_async(taken.id)
    assert refused.value.code == "payment_intent_unexpected_state"


async def test_never_more_is_refunded_than_was_captured(api, gateway):
    intent = await held(api)
    await api.payment_intents.capture_async(intent.id, {"amount_to_capture": 1000})
    await api.refunds.create_async({"payment_intent": intent.id, "amount": 400, "metadata": {"why": "scratch"}})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await api.refunds.create_async({"payment_intent": intent.id, "amount": 601})
    assert (refused.value.code, refused.value.param) == ("amount_too_large", "amount")
    assert refused.value.user_message == ("Refund amount (€6.01) is greater than unrefunded amount on charge (€6.00)")
    await api.refunds.create_async({"payment_intent": intent.id})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await api.refunds.create_async({"payment_intent": intent.id})
    assert refused.value.code == "charge_already_refunded"
    totals = gateway.ledger().totals(intent.id)
    assert (totals.captured, totals.refunded) == (1000, 1000)


async def test_refunds_are_found_by_payment_newest_first(api):
    intent, other = await paid(api), await paid(api)
    made = [await api.refunds.create_async({"payment_intent": intent.id, "amount": n}) for n in (1, 2, 3)]
    await api.refunds.create_async({"payment_intent": other.id})
    page = await api.refunds.list_async({"payment_intent": intent.id, "limit": 2})
    assert [refund.id async for refund in page.auto_paging_iter()] == [refund.id for refund in reversed(made)]
    assert (await api.refunds.retrieve_async(made[0].id)).status == "succeeded"


async def test_an_unpaid_payment_has_nothing_to_refund(api):
    made = await api.payment_intents.create_async(PRICE)
    with pytest.raises(stripe.InvalidRequestError):
        await api.refunds.create_async({"payment_intent": made.id})


async def test_the_charge_can_be_read_and_expanded(api):
    intent = await paid(api)
    charge = await api.charges.retrieve_async(intent.latest_charge)
    shown = await api.payment_intents.retrieve_async(intent.id, {"expand": ["latest_charge"]})
    assert (charge.amount_captured, shown.latest_charge.id) == (1099, charge.id)


async def test_an_update_changes_only_what_is_sent(api):
    made = await api.payment_intents.create_async({**PRICE, "metadata": {"order_id": "7", "cart": "1"}})
    changed = await api.payment_intents.update_async(made.id, {"amount": 2000, "metadata": {"cart": ""}})
    assert (changed.amount, changed.currency, changed.metadata.to_dict()) == (2000, "eur", {"order_id": "7"})


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"currency": "eur"}, "parameter_missing"),
        ({"amount": 1099}, "parameter_missing"),
        ({**PRICE, "amount": 0}, "parameter_invalid_integer"),
        ({**PRICE, "amount": "10.99"}, "parameter_invalid_integer"),
        ({**PRICE, "colour": "red"}, "parameter_unknown"),
        ({**PRICE, "payment_method": "pm_card_unknown"}, "resource_missing"),
    ],
)
async def test_wrong_parameters_are_named(api, gateway, params, code):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await api.payment_intents.create_async(params)
    assert refused.value.code == code
    assert gateway.ledger().payment_intents == []


async def test_unknown_ids_and_paths_are_not_found(api, gateway):
    with pytest.raises(stripe.InvalidRequestError) as refused:
        await api.payment_intents.retrieve_async("pi_nobody")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        await api.customers.list_async()


async def test_a_wrong_key_is_refused(gateway):
    async with sdk(gateway, key="sk_test_wrong") as api:
        with pytest.raises(stripe.AuthenticationError):
            await api.payment_intents.create_async(PRICE)
    async with sdk(gateway, key=gateway.publishable_key) as api:
        with pytest.raises(stripe.AuthenticationError):
            await api.payment_intents.create_async(PRICE)


async def test_no_key_is_refused(gateway):
    async with aiohttp.ClientSession() as session, session.get(f"{gateway.url}/v1/refunds") as response:
        assert response.status == 401
        assert (await response.json())["error"]["type"] == "invalid_request_error"


async def test_the_shopper_confirms_with_the_client_secret(api, gateway):
    made = await api.payment_intents.create_async({**PRICE, "metadata": {"order_id": "7"}})
    url = f"{gateway.url}/v1/payment_intents/{made.id}/confirm"
    form = {"key": "pk_test_any", "client_secret": "wrong", "payment_method": "pm_card_visa"}
    async with aiohttp.ClientSession() as session:
        async with session.post(url, data=form) as response:
            assert response.status == 400
        async with session.post(url, data=form | {"client_secret": made.client_secret}) as response:
            shown = await response.json()
            assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert shown["status"] == "succeeded"
    assert "metadata" not in shown


async def test_the_same_key_gives_the_same_answer(api, gateway):
    key = {"idempotency_key": "order-7"}
    first = await api.payment_intents.create_async(PRICE, key)
    again = await api.payment_intents.create_async(PRICE, key)
    assert first.id == again.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first.last_response.headers
    with pytest.raises(stripe.IdempotencyError):
        await api.payment_intents.create_async({**PRICE, "amount": 1100}, key)
    with pytest.raises(stripe.IdempotencyError):
        await api.payment_intents.confirm_async(first.id, {"payment_method": "pm_card_visa"}, key)
    assert len(gateway.ledger().payment_intents) == 1


async def test_a_decline_is_replayed_but_a_wrong_request_is_not(api, gateway):
    made = await api.payment_intents.create_async(PRICE)
    for _ in range(2):
        with pytest.raises(stripe.CardError):
            await api.payment_intents.confirm_async(
                made.id, {"payment_method": "pm_card_chargeDeclined"}, {"idempotency_key": "once"}
            )
    assert [entry.kind for entry in gateway.ledger().entries] == ["declined"]
    with pytest.raises(stripe.InvalidRequestError):
        await api.payment_intents.create_async({"amount": 1}, {"idempotency_key": "fixed later"})
    await api.payment_intents.create_async(PRICE, {"idempotency_key": "fixed later"})


async def test_a_key_at_work_is_a_conflict(gateway):
    gateway.behave(Rule(On.CREATE, Do.STALL, seconds=0.3))
    async with sdk(gateway, retries=0) as api:
        first = asyncio.create_task(api.payment_intents.create_async(PRICE, {"idempotency_key": "k"}))
        await asyncio.sleep(0.1)
        with pytest.raises(stripe.APIError) as refused:
            await api.payment_intents.create_async(PRICE, {"idempotency_key": "k"})
        assert (refused.value.http_status, refused.value.json_body["error"]["code"]) == (
            409,
            "idempotency_key_in_use",
        )
        await first
    assert len(gateway.ledger().payment_intents) == 1


async def test_a_dropped_answer_and_its_retry_charge_once(api, gateway):
    made = await api.payment_intents.create_async(PRICE)
    gateway.behave(Rule(On.CONFIRM, Do.DROP_AFTER_EFFECT))
    done = await api.payment_intents.confirm_async(made.id, {"payment_method": "pm_card_visa"})
    assert done.status == "succeeded"
    assert done.last_response.headers["Idempotent-Replayed"] == "true"
    assert gateway.ledger().totals(made.id).charges == 1


async def test_a_client_that_gave_up_is_charged_nevertheless(gateway):
    gateway.behave(Rule(On.CONFIRM, Do.STALL, seconds=0.3))
    async with sdk(gateway, patience_s=0.1, retries=0) as api:
        with pytest.raises(stripe.APIConnectionError):
            await paid(api)
    await asyncio.sleep(0.4)
    assert gateway.ledger().captured == {"eur": 1099}


async def test_a_forced_500_has_no_effect_and_the_retry_succeeds(api, gateway):
    gateway.behave(Rule(On.CONFIRM, Do.HTTP_500, times=2))
    assert (await paid(api)).status == "succeeded"
    assert gateway.ledger().captured == {"eur": 1099}


async def test_declines_and_three_d_secure_can_be_forced(api, gateway):
    gateway.behave(Rule(On.CONFIRM, Do.DECLINE), Rule(On.CONFIRM, Do.REQUIRE_ACTION))
    with pytest.raises(stripe.CardError):
        await paid(api)
    assert (await paid(api)).status == "requires_action"
    assert (await paid(api)).status == "succeeded"


async def test_webhooks_are_signed_and_in_order(api, gateway, shop):
    intent = await paid(api)
    await api.refunds.create_async({"payment_intent": intent.id, "amount": 99})
    await gateway.webhooks_settled()
    assert shop.types == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "refund.created",
        "charge.refunded",
    ]
    for body, signature in shop.requests:
        event = stripe.Webhook.construct_event(body, signature, gateway.webhook_secret)
        assert event.data.object["id"]
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(shop.requests[0][0], shop.requests[0][1], "whsec_other")


async def test_declines_and_cancellations_are_told(api, gateway, shop):
    gateway.behave(webhooks=WebhookMode(events=("payment_intent.*",)))
    made = await api.payment_intents.create_async(PRICE)
    with pytest.raises(CardDeclined):
        await gateway.pay(made.id, payment_method="pm_card_chargeDeclined")
    await api.payment_intents.cancel_async(made.id)
    await gateway.webhooks_settled()
    assert shop.types == [
        "payment_intent.created",
        "payment_intent.payment_failed",
        "payment_intent.canceled",
    ]


async def test_webhooks_can_come_twice(api, gateway, shop):
    gateway.behave(webhooks=WebhookMode(copies=2, events=("payment_intent.succeeded",)))
    await paid(api)
    await gateway.webhooks_settled()
    assert shop.types == ["payment_intent.succeeded"] * 2
    assert len({event["id"] for event in shop.events}) == 1


async def test_webhooks_can_come_late(api, gateway, shop):
    gateway.behave(webhooks=WebhookMode(delay_s=0.2))
    await paid(api)
    assert shop.requests == []
    await gateway.webhooks_settled()
    assert len(shop.requests) == 3


async def test_webhooks_can_come_in_reverse(api, gateway, shop):
    gateway.behave(webhooks=WebhookMode(order="reversed"))
    await paid(api)
    await gateway.webhooks_settled()
    assert shop.types == ["payment_intent.succeeded", "charge.succeeded", "payment_intent.created"]


async def test_withheld_webhooks_can_be_sent_in_any_order(api, gateway, shop):
    gateway.behave(webhooks=WebhookMode(enabled=False))
    await paid(api)
    assert shop.requests == []
    wanted = gateway.events("payment_intent.succeeded")[0]
    gateway.resend([wanted.id, wanted.id])
    await gateway.webhooks_settled()
    assert [event["id"] for event in shop.events] == [wanted.id] * 2


async def test_a_refused_webhook_is_repeated_until_taken(api, gateway, shop):
    shop.answers = [500, 302, 404]
    await api.payment_intents.create_async(PRICE)
    await gateway.webhooks_settled()
    assert shop.types == ["payment_intent.created"] * 4
    assert [attempt.status for attempt in gateway.sender.attempts] == [500, 302, 404, 200]
    assert gateway.events()[0].delivered


async def test_a_signature_follows_the_published_formula():
    expected = hmac.new(b"whsec_x", b'1700000000.{"id":1}', hashlib.sha256).hexdigest()
    assert sign_stripe(b'{"id":1}', "whsec_x", at=1700000000) == f"t=1700000000,v1={expected}"
    with pytest.raises(ValueError, match="empty secret"):
        sign_stripe(b"{}", "")


async def test_payments_outlive_a_restart(tmp_path, shop):
    state = tmp_path / "gateway.json"
    keys = {"secret_key": "sk_test_1", "webhook_secret": "whsec_1"}
    async with fake_gateway(state_file=state, **keys) as gateway, sdk(gateway) as api:
        before = await api.payment_intents.create_async(PRICE, {"idempotency_key": "order-7"})
        await gateway.pay(before.id)
    async with fake_gateway(state_file=state, webhook_url=shop.url, **keys) as gateway, sdk(gateway) as api:
        after = await api.payment_intents.create_async(PRICE, {"idempotency_key": "order-7"})
        assert (await api.payment_intents.retrieve_async(before.id)).status == "succeeded"
        await gateway.webhooks_settled()
    assert after.id == before.id
    assert "payment_intent.succeeded" in shop.types


@given(
    method=st.sampled_from(["automatic", "manual"]),
    moves=st.lists(st.tuples(st.sampled_from(["confirm", "capture", "cancel", "refund"]), st.integers(0, 1200))),
)
def test_no_sequence_of_moves_gives_back_more_than_was_taken(method, moves):
    ledger = Ledger()
    new = Intent(
        id="", client_secret="", amount=1000, currency="usd", created=0, capture_method=method, multicapture=True
    )
    intent = ledger.create(new)
    for move, amount in moves:
        with suppress(GatewayError):
            if move == "confirm":
                ledger.confirm(intent, method=["pm_card_visa", "pm_card_chargeDeclined"][amount % 2])
            elif move == "capture":
                ledger.capture(intent, amount=amount, is_final=amount % 2 == 0)
            elif move == "cancel":
                ledger.cancel(intent)
            elif intent.latest_charge:
                ledger.give_back(ledger.charge(intent.latest_charge), amount=amount or None, reason=None, metadata={})
        totals = ledger.view().totals(intent.id)
        booked = Counter()
        for entry in ledger.view().entries:
            booked[entry.kind] += entry.amount
        assert 0 <= totals.refunded <= totals.captured <= totals.amount
        assert (booked["captured"], booked["refunded"]) == (totals.captured, totals.refunded)
        if method == "manual":
            assert booked["authorized"] == totals.captured + totals.capturable + booked["released"]


async def test_a_broken_state_file_refuses_the_start(tmp_path):
    (tmp_path / "state.json").write_text("{")
    with pytest.raises(ValueError, match="delete it"):
        async with fake_gateway(state_file=tmp_path / "state.json"):
            pass


async def test_the_remote_control_does_what_the_gateway_does(api, gateway):
    async with GatewayClient(gateway.url) as remote:
        await remote.behave(Rule(On.CONFIRM, Do.REQUIRE_ACTION), webhooks=WebhookMode(copies=2))
        made = await api.payment_intents.create_async(PRICE)
        assert await remote.pay(made.id) == "requires_action"
        assert await remote.authenticate(made.id) == "succeeded"
        assert (await remote.ledger()).totals(made.id).captured == 1099
        assert (await remote.events())[-1]["type"] == "payment_intent.succeeded"
        await remote.resend((await remote.events())[0]["id"])
        await remote.reset()
        assert (await remote.ledger()).payment_intents == []


@pytest.mark.parametrize(
    "body",
    [
        '{"next": [{"on": "capture", "do": "decline"}]}',
        '{"next": [{"on": "x", "do": "stall"}]}',
        '{"a": 1}',
        "[",
    ],
)
async def test_a_wrong_behaviour_is_refused(gateway, body):
    url = f"{gateway.url}/_fake/behaviour"
    async with aiohttp.ClientSession() as session, session.post(url, data=body) as response:
        assert response.status == 400
    assert gateway.behaviour.rules == []


async def test_a_person_can_pay_on_the_page(api, gateway):
    made = await api.payment_intents.create_async({**PRICE, "description": "<b>Order 7</b>"})
    url = f"{gateway.url}/pay/{made.id}"
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            page = await response.text()
        assert "€10.99" in page
        assert "&lt;b&gt;Order 7" in page
        for button, shown in (
            ("decline", "Your card was declined."),
            ("secure", "requires action"),
            ("approve", "succeeded"),
        ):
            async with session.post(url, data={"do": button}) as response:
                assert shown in await response.text()
    assert gateway.ledger().totals(made.id).captured == 1099
