"""Stripe's calls that a shop makes: PaymentIntents, charges, refunds, events (https://docs.stripe.com/api)."""

from __future__ import annotations

from typing import Any

from aiohttp import web

from feria_core.testing.gateway import parameters, sessions, wire
from feria_core.testing.gateway.behaviour import On
from feria_core.testing.gateway.door import Call, Endpoint, json_answer
from feria_core.testing.gateway.errors import InvalidParam, NoSuchObject
from feria_core.testing.gateway.params import Params
from feria_core.testing.gateway.records import Charge, Intent, Session
from feria_core.testing.gateway.service import FakeGateway

_MAX_PAGE, _DEFAULT_PAGE = 100, 10


def routes(gateway: FakeGateway) -> list[web.RouteDef]:
    """Return all routes under /v1; any other path there is answered as Stripe answers it."""
    intent = "/v1/payment_intents/{id}"
    endpoints = [
        Endpoint("POST", "/v1/payment_intents", create_intent, parameters.CREATE, (On.CREATE,)),
        Endpoint("GET", intent, show_intent, on=(On.RETRIEVE,), is_public=True),
        Endpoint("POST", intent, update_intent, parameters.UPDATE, (On.UPDATE,)),
        Endpoint("POST", f"{intent}/confirm", confirm_intent, parameters.CONFIRM, (On.CONFIRM,), is_public=True),
        Endpoint("POST", f"{intent}/capture", capture_intent, parameters.CAPTURE, (On.CAPTURE,)),
        Endpoint("POST", f"{intent}/cancel", cancel_intent, frozenset({"cancellation_reason"}), (On.CANCEL,)),
        Endpoint("POST", "/v1/checkout/sessions", create_session, sessions.CREATE, (On.CREATE,)),
        Endpoint("GET", "/v1/checkout/sessions/{id}", show_session, on=(On.RETRIEVE,)),
        Endpoint("POST", "/v1/checkout/sessions/{id}/expire", expire_session, on=(On.CANCEL,)),
        Endpoint("GET", "/v1/charges/{id}", show_charge),
        Endpoint("POST", "/v1/refunds", create_refund, parameters.REFUND, (On.REFUND,)),
        Endpoint("GET", "/v1/refunds", list_refunds, parameters.PAGE | {"payment_intent", "charge"}),
        Endpoint("GET", "/v1/refunds/{id}", show_refund),
        Endpoint("GET", "/v1/events/{id}", show_event),
    ]
    served = [endpoint.route(gateway) for endpoint in endpoints]
    return [*served, web.options("/v1/{tail:.*}", _preflight), web.route("*", "/v1/{tail:.*}", _unknown)]


def create_intent(call: Call) -> dict[str, Any]:
    """Make a payment, and confirm it at once where `confirm` says so."""
    params = call.params
    card_options = params.inner("payment_method_options").inner("card")
    automatic = params.inner("automatic_payment_methods").flag(
        "enabled", default="payment_method_types" not in params.form
    )
    intent = Intent(
        id="",
        client_secret="",
        created=0,
        amount=params.required_amount("amount"),
        currency=params.required_currency("currency"),
        capture_method=_capture_method(params),
        metadata=params.metadata(),
        description=params.text("description"),
        receipt_email=params.text("receipt_email"),
        automatic_payment_methods=automatic,
        multicapture=card_options.text("request_multicapture") == "if_available",
        payment_method=params.text("payment_method"),
        return_url=params.text("return_url"),
    )
    if params.flag("confirm"):
        params.required("payment_method")
    call.books.create(intent)
    if params.flag("confirm"):
        call.books.confirm(intent, forced=call.forced)
    return call.show(intent)


def show_intent(call: Call) -> dict[str, Any]:
    """Return the payment."""
    return call.show(call.books.intent(call.target))


def update_intent(call: Call) -> dict[str, Any]:
    """Change a payment; its amount, currency and method only before the money moves."""
    params = call.params
    intent = call.books.intent(call.target)
    amount, currency, method = params.amount("amount"), params.currency(), params.text("payment_method")
    metadata = params.metadata(intent.metadata)
    if amount is not None or currency or method:
        call.books.change(intent, amount=amount, currency=currency, method=method)
    intent.metadata = metadata
    intent.description = params.text("description") or intent.description
    intent.receipt_email = params.text("receipt_email") or intent.receipt_email
    return call.show(intent)


def confirm_intent(call: Call) -> dict[str, Any]:
    """Try to take or hold the money, for the shop or for the shopper's browser."""
    intent = call.books.intent(call.target)
    call.books.confirm(
        intent,
        method=call.params.text("payment_method"),
        return_url=call.params.text("return_url"),
        forced=call.forced,
    )
    return call.show(intent)


def capture_intent(call: Call) -> dict[str, Any]:
    """Take held money, all or `amount_to_capture` of it."""
    intent = call.books.intent(call.target)
    amount = call.params.amount("amount_to_capture", minimum=0)
    metadata = call.params.metadata(intent.metadata)
    call.books.capture(intent, amount=amount, is_final=call.params.flag("final_capture", default=True))
    intent.metadata = metadata
    return call.show(intent)


def cancel_intent(call: Call) -> dict[str, Any]:
    """End a payment and let held money go."""
    reasons = {"abandoned", "duplicate", "fraudulent", "requested_by_customer"}
    reason = call.params.choice("cancellation_reason", reasons)
    intent = call.books.intent(call.target)
    call.books.cancel(intent, reason=reason)
    return call.show(intent)


def create_session(call: Call) -> dict[str, Any]:
    """Open a hosted page for one payment."""
    return _session(call, call.gateway.sessions.create(call.params))


def show_session(call: Call) -> dict[str, Any]:
    """Return the session, with its payment where that is expanded."""
    return _session(call, call.gateway.sessions.find(call.target))


def expire_session(call: Call) -> dict[str, Any]:
    """End an open session, so that nobody can pay it any more."""
    session = call.gateway.sessions.find(call.target)
    call.gateway.sessions.expire(session)
    return _session(call, session)


def _session(call: Call, session: Session) -> dict[str, Any]:
    shown = call.gateway.sessions.shown(session)
    if session.payment_intent and call.params.expands("payment_intent"):
        shown["payment_intent"] = call.show(call.books.intent(session.payment_intent))
    return shown


def show_charge(call: Call) -> dict[str, Any]:
    """Return one charge."""
    charge = call.books.charge(call.target)
    return wire.charge_object(charge, call.books.intent(charge.payment_intent))


def create_refund(call: Call) -> dict[str, Any]:
    """Give captured money back, all that is left or `amount` of it."""
    params = call.params
    refund = call.books.give_back(
        _charge_to_refund(call),
        amount=params.amount("amount"),
        reason=params.choice("reason", {"duplicate", "fraudulent", "requested_by_customer"}),
        metadata=params.metadata(),
    )
    return wire.refund_object(refund)


def show_refund(call: Call) -> dict[str, Any]:
    """Return one refund."""
    return wire.refund_object(call.books.refund(call.target))


def list_refunds(call: Call) -> dict[str, Any]:
    """Return one page of refunds, newest first, of a payment or a charge where one is given."""
    params = call.params
    found = call.books.refunds_of(params.text("payment_intent"), params.text("charge"))
    after = params.text("starting_after")
    ids = [refund.id for refund in found]
    if after is not None:
        if after not in ids:
            raise InvalidParam(f"No such refund: '{after}'", code="resource_missing", param="starting_after")
        found = found[ids.index(after) + 1 :]
    limit = params.amount("limit") or _DEFAULT_PAGE
    if limit > _MAX_PAGE:
        raise InvalidParam(f"This value must be less than or equal to {_MAX_PAGE}.", param="limit")
    page = [wire.refund_object(refund) for refund in found[:limit]]
    return wire.list_object(page, url="/v1/refunds", has_more=len(found) > limit)


def show_event(call: Call) -> dict[str, Any]:
    """Return one event as its webhook carried it."""
    event = call.books.state.events.get(call.target)
    if event is None:
        raise NoSuchObject("event", call.target, param="id")
    return wire.event_object(event)


def _capture_method(params: Params) -> Any:
    return params.choice("capture_method", {"automatic", "automatic_async", "manual"}) or "automatic"


def _charge_to_refund(call: Call) -> Charge:
    charge_id, intent_id = call.params.text("charge"), call.params.text("payment_intent")
    if intent_id is None and charge_id is None:
        raise InvalidParam("One of the following params should be provided: payment_intent or charge.")
    if charge_id is not None:
        return call.books.charge(charge_id, param="charge")
    intent = call.books.intent(intent_id or "", param="payment_intent")
    if intent.latest_charge is None:
        raise InvalidParam(f"This PaymentIntent ({intent.id}) does not have a successful charge to refund.")
    return call.books.charge(intent.latest_charge)


async def _preflight(_request: web.Request) -> web.Response:
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": "Authorization, Content-Type, Idempotency-Key, Stripe-Version",
    }
    return web.Response(status=204, headers=headers)


async def _unknown(request: web.Request) -> web.Response:
    message = f"Unrecognized request URL ({request.method}: {request.path})."
    body = wire.encode({"error": {"type": "invalid_request_error", "message": message}})
    return json_answer(404, body)
