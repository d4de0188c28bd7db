"""PayPal's calls that a shop makes: token, orders, authorizations, captures, refunds, verification of webhooks."""

from __future__ import annotations

from typing import Any

import msgspec
from aiohttp import web

from feria_core.testing.gateway.behaviour import On
from feria_core.testing.gateway.door import drop, drops
from feria_core.testing.gateway.paypal import money, wire
from feria_core.testing.gateway.paypal.door import Call, Endpoint, answer, give_token, guarded
from feria_core.testing.gateway.paypal.errors import BadRequest
from feria_core.testing.gateway.paypal.records import Order
from feria_core.testing.gateway.paypal.service import FakePayPal
from feria_core.testing.gateway.paypal.signing import Verification

_MAX_TEXT = 127


def routes(paypal: FakePayPal) -> list[web.RouteDef]:
    """Return PayPal's routes."""
    orders, payments = "/v2/checkout/orders", "/v2/payments"
    endpoints = [
        Endpoint("POST", orders, create_order, 201, (On.CREATE,)),
        Endpoint("GET", f"{orders}/{{id}}", show_order, on=(On.RETRIEVE,)),
        Endpoint("POST", f"{orders}/{{id}}/capture", capture_order, 201, (On.CAPTURE, On.CONFIRM)),
        Endpoint("POST", f"{orders}/{{id}}/authorize", authorize_order, 201, (On.CONFIRM,)),
        Endpoint("GET", f"{payments}/authorizations/{{id}}", show_authorization),
        Endpoint("POST", f"{payments}/authorizations/{{id}}/capture", capture_authorization, 201, (On.CAPTURE,)),
        Endpoint("POST", f"{payments}/authorizations/{{id}}/void", void_authorization, 200, (On.CANCEL,)),
        Endpoint("GET", f"{payments}/captures/{{id}}", show_capture),
        Endpoint("POST", f"{payments}/captures/{{id}}/refund", refund_capture, 201, (On.REFUND,)),
    ]

    async def token(request: web.Request) -> web.StreamResponse:
        return await give_token(paypal, request)

    async def verify(request: web.Request) -> web.StreamResponse:
        return await verify_webhook(paypal, request)

    return [
        *(endpoint.route(paypal) for endpoint in endpoints),
        web.post("/v1/oauth2/token", guarded(token)),
        web.post("/v1/notifications/verify-webhook-signature", guarded(verify)),
    ]


def create_order(call: Call) -> dict[str, Any]:
    """Make an order of one purchase unit."""
    body = call.body
    units, source = body.get("purchase_units"), body.get("payment_source")
    if body.get("intent") not in {"CAPTURE", "AUTHORIZE"}:
        raise BadRequest("INVALID_PARAMETER_VALUE", "The value of a field is invalid.", field="/intent")
    if not isinstance(units, list) or len(units) != 1 or not isinstance(units[0], dict):
        raise BadRequest("INVALID_ARRAY_MAX_ITEMS", "The fake takes one purchase unit.", field="/purchase_units")
    if source is not None and not call.request_id:
        raise BadRequest("PAYPAL_REQUEST_ID_REQUIRED", "A PayPal-Request-Id is required with a payment_source.")
    amount, currency = money.read(units[0].get("amount"), field="/purchase_units/@reference_id=='default'/amount")
    context = _object(_object(_object(body, "payment_source"), "paypal"), "experience_context")
    context = context or _object(body, "application_context")
    order = Order(
        "", body["intent"], amount, currency, 0, 0,
        names_source=source is not None,
        custom_id=_text(units[0], "custom_id"),
        invoice_id=_text(units[0], "invoice_id"),
        description=_text(units[0], "description"),
        return_url=_text(context, "return_url", 4000),
        cancel_url=_text(context, "cancel_url", 4000),
    )  # fmt: skip
    return call.paypal.ledger.show(call.paypal.ledger.create(order))


def show_order(call: Call) -> dict[str, Any]:
    """Return the order."""
    return call.paypal.ledger.show(call.paypal.ledger.order(call.target))


def capture_order(call: Call) -> dict[str, Any]:
    """Take the approved money."""
    ledger = call.paypal.ledger
    order = ledger.order(call.target)
    ledger.capture(order, forced=call.forced)
    return ledger.show(order)


def authorize_order(call: Call) -> dict[str, Any]:
    """Hold the approved money."""
    ledger = call.paypal.ledger
    order = ledger.order(call.target)
    ledger.authorize(order, forced=call.forced)
    return ledger.show(order)


def show_authorization(call: Call) -> dict[str, Any]:
    """Return the authorization."""
    held = call.paypal.ledger.authorization(call.target)
    return wire.authorization_object(held, call.paypal.ledger.order(held.order))


def capture_authorization(call: Call) -> dict[str, Any]:
    """Take held money, all that is left or `amount` of it."""
    ledger = call.paypal.ledger
    held = ledger.authorization(call.target)
    amount = money.read(call.body["amount"], field="/amount")[0] if "amount" in call.body else None
    capture = ledger.capture_held(held, amount, is_final=call.body.get("final_capture") is True)
    return wire.capture_object(capture, ledger.order(held.order), call.paypal.gateway.url)


def void_authorization(call: Call) -> dict[str, Any]:
    """Let held money go."""
    call.paypal.ledger.void(call.paypal.ledger.authorization(call.target))
    return show_authorization(call)


def show_capture(call: Call) -> dict[str, Any]:
    """Return the capture."""
    capture = call.paypal.ledger.captured(call.target)
    return wire.capture_object(capture, call.paypal.ledger.order(capture.order), call.paypal.gateway.url)


def refund_capture(call: Call) -> dict[str, Any]:
    """Give captured money back, all that is left or `amount` of it."""
    ledger = call.paypal.ledger
    capture = ledger.captured(call.target)
    amount, currency = None, capture.currency
    if "amount" in call.body:
        amount, currency = money.read(call.body["amount"], field="/amount")
    names = {name: _text(call.body, name) for name in ("custom_id", "invoice_id")}
    return wire.refund_object(ledger.give_back(capture, amount, currency, names), call.paypal.gateway.url)


async def verify_webhook(paypal: FakePayPal, request: web.Request) -> web.StreamResponse:
    """Serve `POST /v1/notifications/verify-webhook-signature`."""
    paypal.check_token(request.headers.get("Authorization", ""))
    rule = paypal.gateway.behaviour.take(On.VERIFY)
    await paypal.gateway.hold(rule)
    try:
        question = msgspec.json.decode(await request.read(), type=Verification)
    except msgspec.DecodeError as err:
        raise BadRequest("VALIDATION_ERROR", f"Invalid data provided: {err}") from err
    if drops(rule):
        return drop(request)
    return answer(200, {"verification_status": "SUCCESS" if paypal.has_signed(question) else "FAILURE"})


def _object(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name, {})
    if not isinstance(found, dict):
        raise BadRequest("INVALID_PARAMETER_SYNTAX", "The value of a field does not conform.", field=f"/{name}")
    return found


def _text(value: dict[str, Any], name: str, limit: int = _MAX_TEXT) -> str | None:
    found = value.get(name)
    if found is not None and (not isinstance(found, str) or not 0 < len(found) <= limit):
        raise BadRequest("INVALID_STRING_LENGTH", "The value of a field is too short or too long.", field=f"/{name}")
    return found
