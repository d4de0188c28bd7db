"""The fake gateway where it plays PayPal, called over HTTP as PayPal documents it."""

import json
from collections.abc import AsyncIterator

import aiohttp
import pytest
from aiohttp import web

from feria_core.testing.gateway import Do, FakeGateway, GatewayClient, On, Rule, WebhookMode, fake_gateway, sign_paypal

PRICE = {"currency_code": "EUR", "value": "10.99"}
CONTEXT = {"return_url": "http://shop.test/back", "cancel_url": "http://shop.test/cancelled"}
WALLET = {"paypal": {"experience_context": CONTEXT}}


class Api:
    """A shop's calls, with a token."""

    def __init__(self, session: aiohttp.ClientSession, gateway: FakeGateway) -> None:
        self.session = session
        self.gateway = gateway
        self.token = ""

    async def sign_in(self, *, secret: str | None = None) -> int:
        auth = aiohttp.encode_basic_auth(self.gateway.paypal.client_id, secret or self.gateway.secret_key)
        form = {"grant_type": "client_credentials"}
        async with self.session.post("/v1/oauth2/token", data=form, headers={"Authorization": auth}) as answer:
            self.token = (await answer.json()).get("access_token", "")
            return answer.status

    async def call(
        self, method: str, path: str, body: object = None, *, request_id: str = "", prefer: str = ""
    ) -> tuple:
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        headers |= {"PayPal-Request-Id": request_id} if request_id else {}
        headers |= {"Prefer": f"return={prefer}"} if prefer else {}
        data = body if isinstance(body, bytes) else json.dumps({} if body is None else body).encode()
        async with self.session.request(method, path, data=data, headers=headers) as answer:
            return answer.status, await answer.json()

    async def order(self, *, intent: str = "CAPTURE", request_id: str = "r1", **more: object) -> tuple:
        body = {"intent": intent, "purchase_units": [{"amount": PRICE, "custom_id": "c", "invoice_id": "i"}], **more}
        return await self.call("POST", "/v2/checkout/orders", body, request_id=request_id)

    async def approved(self, *, intent: str = "CAPTURE") -> str:
        _, order = await self.order(intent=intent)
        await self.gateway.paypal.approve(order["id"])
        return order["id"]

    async def captured(self) -> tuple[str, str]:
        order_id = await self.approved()
        _, order = await self.call("POST", f"/v2/checkout/orders/{order_id}/capture", prefer="representation")
        return order_id, order["purchase_units"][0]["payments"]["captures"][0]["id"]


@pytest.fixture
async def gateway() -> AsyncIterator[FakeGateway]:
    async with fake_gateway(retry_delays_s=(0.02, 0.05)) as gateway:
        yield gateway


@pytest.fixture
async def api(gateway: FakeGateway) -> AsyncIterator[Api]:
    async with aiohttp.ClientSession(gateway.url) as session:
        api = Api(session, gateway)
        assert await api.sign_in() == 200
        yield api


def issue(body: dict) -> str:
    return body["details"][0]["issue"]


async def test_nothing_without_a_token_that_lives(api, gateway):
    gateway.paypal.expire_tokens()
    status, body = await api.order()
    assert (status, body["error"]) == (401, "invalid_token")
    assert await api.sign_in(secret="wrong") == 401


async def test_an_order_is_created_approved_and_captured_once(api, gateway):
    status, created = await api.order(payment_source=WALLET)
    assert (status, created["status"], set(created)) == (201, "PAYER_ACTION_REQUIRED", {"id", "status", "links"})
    link = next(link["href"] for link in created["links"] if link["rel"] == "payer-action")
    assert link == f"{gateway.url}/checkoutnow?token={created['id']}"
    path = f"/v2/checkout/orders/{created['id']}"
    status, refused = await api.call("POST", f"{path}/capture")
    assert (status, refused["name"], issue(refused)) == (422, "UNPROCESSABLE_ENTITY", "ORDER_NOT_APPROVED")
    await gateway.paypal.approve(created["id"])
    assert (await api.call("GET", path))[1]["status"] == "APPROVED"
    status, captured = await api.call("POST", f"{path}/capture", prefer="representation")
    unit = captured["purchase_units"][0]
    assert (status, captured["status"], unit["custom_id"], unit["invoice_id"]) == (201, "COMPLETED", "c", "i")
    assert unit["payments"]["captures"][0]["amount"] == PRICE
    assert issue((await api.call("POST", f"{path}/capture"))[1]) == "ORDER_ALREADY_CAPTURED"
    assert gateway.ledger().totals(created["id"]).captured == 1099
    assert gateway.ledger().captured == {"eur": 1099}


async def test_a_request_id_is_replayed_and_refused_for_another_body(api, gateway):
    first, again = await api.order(), await api.order()
    assert (first[0], again[0]) == (201, 200)
    assert first[1] == again[1]
    status, refused = await api.order(intent="AUTHORIZE")
    assert (status, issue(refused)) == (422, "DUPLICATE_REQUEST_ID")
    assert len(gateway.paypal.ledger.state.orders) == 1
    status, refused = await api.order(request_id="", payment_source=WALLET)
    assert (status, issue(refused)) == (400, "PAYPAL_REQUEST_ID_REQUIRED")


async def test_a_request_id_of_paypal_is_none_of_stripes(api, gateway):
    await api.order(request_id="same")
    headers = {"Authorization": f"Bearer {gateway.secret_key}", "Idempotency-Key": "same"}
    form = {"amount": "1099", "currency": "eur"}
    async with api.session.post("/v1/payment_intents", data=form, headers=headers) as answer:
        assert answer.status == 200


async def test_held_money_is_captured_in_parts_and_the_rest_let_go(api, gateway):
    order_id = await api.approved(intent="AUTHORIZE")
    assert (
        issue((await api.call("POST", f"/v2/checkout/orders/{order_id}/capture"))[1]) == "ACTION_DOES_NOT_MATCH_INTENT"
    )
    _, order = await api.call("POST", f"/v2/checkout/orders/{order_id}/authorize", prefer="representation")
    held = f"/v2/payments/authorizations/{order['purchase_units'][0]['payments']['authorizations'][0]['id']}"
    part = {"amount": {"currency_code": "EUR", "value": "4.00"}}
    assert (await api.call("POST", f"{held}/capture", part))[0] == 201
    assert issue((await api.call("POST", f"{held}/capture", {"amount": PRICE}))[1]) == "MAX_CAPTURE_AMOUNT_EXCEEDED"
    assert (await api.call("POST", f"{held}/capture", part | {"final_capture": True}))[0] == 201
    assert issue((await api.call("POST", f"{held}/capture"))[1]) == "AUTHORIZATION_ALREADY_CAPTURED"
    assert issue((await api.call("POST", f"{held}/void"))[1]) == "PREVIOUSLY_CAPTURED"
    booked = [(entry.kind, entry.amount) for entry in gateway.ledger().entries]
    assert booked == [("authorized", 1099), ("captured", 400), ("released", 299), ("captured", 400)]


async def test_held_money_is_voided_once(api, gateway):
    order_id = await api.approved(intent="AUTHORIZE")
    _, order = await api.call("POST", f"/v2/checkout/orders/{order_id}/authorize", prefer="representation")
    held = f"/v2/payments/authorizations/{order['purchase_units'][0]['payments']['authorizations'][0]['id']}"
    assert (await api.call("POST", f"{held}/void", prefer="representation"))[1]["status"] == "VOIDED"
    assert issue((await api.call("POST", f"{held}/void"))[1]) == "PREVIOUSLY_VOIDED"
    assert issue((await api.call("POST", f"{held}/capture"))[1]) == "AUTHORIZATION_VOIDED"
    assert gateway.ledger().captured == {}


async def test_never_more_is_refunded_than_was_captured(api, gateway):
    order_id, capture_id = await api.captured()
    path = f"/v2/payments/captures/{capture_id}"
    part = {"amount": {"currency_code": "EUR", "value": "10.00"}}
    assert (await api.call("POST", f"{path}/refund", part, request_id="f"))[0] == 201
    assert (await api.call("POST", f"{path}/refund", part, request_id="f"))[0] == 200
    assert issue((await api.call("POST", f"{path}/refund", part, request_id="g"))[1]) == "REFUND_AMOUNT_EXCEEDED"
    assert (await api.call("GET", path))[1]["status"] == "PARTIALLY_REFUNDED"
    assert (await api.call("POST", f"{path}/refund"))[0] == 201
    assert issue((await api.call("POST", f"{path}/refund"))[1]) == "CAPTURE_FULLY_REFUNDED"
    assert gateway.ledger().totals(order_id).refunded == 1099


@pytest.mark.parametrize(
    ("amount", "status", "word"),
    [
        ({"currency_code": "KWD", "value": "1.000"}, 422, "CURRENCY_NOT_SUPPORTED"),
        ({"currency_code": "JPY", "value": "1.0"}, 422, "DECIMAL_PRECISION"),
        ({"currency_code": "EUR", "value": "1.001"}, 422, "DECIMAL_PRECISION"),
        ({"currency_code": "EUR", "value": "0.00"}, 422, "CANNOT_BE_ZERO_OR_NEGATIVE"),
        ({"currency_code": "EUR", "value": "-1"}, 400, "INVALID_PARAMETER_SYNTAX"),
        ({"currency_code": "EUR", "value": 1}, 400, "MISSING_REQUIRED_PARAMETER"),
        (None, 400, "MISSING_REQUIRED_PARAMETER"),
    ],
)
async def test_amounts_that_paypal_does_not_read_are_refused(api, amount, status, word):
    body = {"intent": "CAPTURE", "purchase_units": [{"amount": amount}]}
    found, refused = await api.call("POST", "/v2/checkout/orders", body)
    assert (found, issue(refused)) == (status, word)


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b'{"intent": "CAPTURE", "purchase_units": [1]}'])
async def test_hostile_bodies_are_bad_requests(api, body):
    assert (await api.call("POST", "/v2/checkout/orders", body))[0] == 400


async def test_declines_and_faults_on_demand(api, gateway):
    order_id = await api.approved()
    path = f"/v2/checkout/orders/{order_id}/capture"
    gateway.behave(
        Rule(on=On.CAPTURE, do=Do.HTTP_500),
        Rule(on=On.CONFIRM, do=Do.DECLINE),
        Rule(on=On.CONFIRM, do=Do.REQUIRE_ACTION),
    )
    assert (await api.call("POST", path, request_id="1"))[0] == 500
    assert issue((await api.call("POST", path, request_id="1"))[1]) == "INSTRUMENT_DECLINED"
    await gateway.paypal.approve(order_id)
    assert issue((await api.call("POST", path, request_id="2"))[1]) == "PAYER_ACTION_REQUIRED"
    await gateway.paypal.approve(order_id)
    gateway.behave(Rule(on=On.CAPTURE, do=Do.DROP_AFTER_EFFECT))
    with pytest.raises(aiohttp.ClientError):
        await api.call("POST", path, request_id="3")
    assert (await api.call("POST", path, request_id="3"))[0] == 200
    assert gateway.ledger().captured == {"eur": 1099}


async def test_signed_webhooks_arrive_on_demand_twice_and_in_reverse(api, gateway):
    got: list[tuple[bytes, dict[str, str]]] = []

    async def receive(request: web.Request) -> web.Response:
        got.append((await request.read(), dict(request.headers)))
        return web.Response()

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    gateway.paypal.webhook_url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    gateway.behave(webhooks=WebhookMode(copies=2, order="reversed", events=("PAYMENT.*", "CHECKOUT.ORDER.APPROVED")))
    order_id, capture_id = await api.captured()
    await gateway.webhooks_settled()
    await runner.cleanup()
    events = [json.loads(body) for body, _ in got]
    assert [event["event_type"] for event in events] == [
        *["PAYMENT.CAPTURE.COMPLETED"] * 2, *["CHECKOUT.ORDER.APPROVED"] * 2,
    ]  # fmt: skip
    assert events[0]["resource"]["id"] == capture_id
    assert events[0]["resource"]["supplementary_data"]["related_ids"]["order_id"] == order_id
    assert [await verified(api, *sent) for sent in got] == ["SUCCESS"] * 4
    body, headers = got[0]
    assert await verified(api, body.replace(b":", b": ", 1), headers) == "FAILURE"
    assert await verified(api, body, headers, webhook_id="another") == "FAILURE"
    forged = sign_paypal(body, "guess", webhook_id=gateway.paypal.webhook_id, base_url=gateway.url)
    assert await verified(api, body, forged) == "FAILURE"


async def verified(api: Api, body: bytes, headers: dict[str, str], *, webhook_id: str = "") -> str:
    sent = {name.lower(): value for name, value in headers.items()}
    names = ("transmission_id", "transmission_sig", "transmission_time", "cert_url", "auth_algo")
    known = {name: sent["paypal-" + name.replace("_", "-")] for name in names}
    known["webhook_id"] = webhook_id or api.gateway.paypal.webhook_id
    question = json.dumps(known)[:-1].encode() + b',"webhook_event":' + body + b"}"
    status, answer = await api.call("POST", "/v1/notifications/verify-webhook-signature", question)
    assert status == 200
    return answer["verification_status"]


async def test_a_person_approves_on_the_page(api, gateway):
    _, order = await api.order(payment_source=WALLET)
    path = f"/checkoutnow?token={order['id']}"
    async with api.session.get(path) as page:
        text = await page.text()
    assert "€10.99" in text
    assert 'name="viewport"' in text
    assert 'href="http://shop.test/cancelled"' in text
    async with api.session.post(path) as page:
        text = await page.text()
    assert "Approved" in text
    assert 'href="http://shop.test/back"' in text
    assert gateway.ledger().totals(order["id"]).status == "APPROVED"
    async with api.session.get("/checkoutnow?token=<b>") as page:
        assert (page.status, "<b>" in await page.text()) == (404, False)


async def test_a_test_plays_the_shopper_from_another_process(api, gateway):
    _, order = await api.order()
    async with GatewayClient(gateway.url) as remote:
        assert await remote.approve(order["id"]) == "APPROVED"
        assert [event["event_type"] for event in await remote.events()] == ["CHECKOUT.ORDER.APPROVED"]
        await remote.expire_tokens()
        await remote.set_webhook_url("http://shop.test/hook", provider="paypal")
        with pytest.raises(aiohttp.ClientResponseError):
            await remote.approve("nothing")
    assert (gateway.paypal.webhook_url, gateway.webhook_url) == ("http://shop.test/hook", None)
    assert (await api.order())[0] == 401


async def test_orders_outlive_a_restart(tmp_path):
    state = tmp_path / "state.json"
    async with fake_gateway(state_file=state) as first, aiohttp.ClientSession(first.url) as session:
        api = Api(session, first)
        await api.sign_in()
        order_id, _ = await api.captured()
    async with fake_gateway(state_file=state) as second:
        assert second.ledger().totals(order_id).captured == 1099
        assert [event.provider for event in second.events()] == ["paypal"] * 3
