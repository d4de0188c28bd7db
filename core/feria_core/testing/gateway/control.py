"""The routes under /_fake: look into the ledger, force behaviours, play the shopper. JSON in and out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from aiohttp import web

from feria_core.testing.gateway import wire
from feria_core.testing.gateway.behaviour import Behaviour, BehaviourChange
from feria_core.testing.gateway.door import json_answer
from feria_core.testing.gateway.errors import CardDeclined, GatewayError
from feria_core.testing.gateway.paypal.errors import PayPalError
from feria_core.testing.gateway.paypal.service import FakePayPal
from feria_core.testing.gateway.records import Intent
from feria_core.testing.gateway.service import FakeGateway

T = TypeVar("T")


class Payment(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /_fake/pay/{id}`."""

    payment_method: str = "pm_card_visa"
    return_url: str | None = None


class Authentication(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /_fake/authenticate/{id}`: what the shopper's 3-D Secure came to."""

    succeeds: bool = True


class Resend(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /_fake/webhooks/resend`: events to send at once, each `copies` times."""

    events: list[str]
    copies: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1


class WebhookUrl(msgspec.Struct, forbid_unknown_fields=True):
    """The body of `POST /_fake/webhook-url`: where the events of one provider go."""

    url: str | None
    provider: Literal["stripe", "paypal"] = "stripe"


def routes(gateway: FakeGateway) -> list[web.RouteDef]:
    """Return the routes; they need no key, so the gateway listens on this machine only."""
    return [
        web.get("/_fake/ledger", _of(gateway, _ledger)),
        web.get("/_fake/events", _of(gateway, _events)),
        web.get("/_fake/behaviour", _of(gateway, _behaviour)),
        web.post("/_fake/behaviour", _of(gateway, _behave)),
        web.post("/_fake/reset", _of(gateway, _reset)),
        web.post("/_fake/pay/{id}", _of(gateway, _pay)),
        web.post("/_fake/authenticate/{id}", _of(gateway, _authenticate)),
        web.post("/_fake/sessions/{id}/pay", _of(gateway, _pay_session)),
        web.post("/_fake/sessions/{id}/arrive", _of(gateway, _arrive)),
        web.post("/_fake/refunds/{id}/lose", _of(gateway, _lose_refund)),
        web.post("/_fake/approve/{id}", _of(gateway, _approve)),
        web.post("/_fake/expire-tokens", _of(gateway, _expire_tokens)),
        web.get("/_fake/webhooks", _of(gateway, _attempts)),
        web.post("/_fake/webhooks/resend", _of(gateway, _resend)),
        web.post("/_fake/webhook-url", _of(gateway, _webhook_url)),
    ]


Act = Callable[[FakeGateway, web.Request], Awaitable[web.Response]]


def _of(gateway: FakeGateway, act: Act) -> Callable[[web.Request], Awaitable[web.Response]]:
    async def handle(request: web.Request) -> web.Response:
        try:
            return await act(gateway, request)
        except CardDeclined as err:
            err.extra = wire.card_error_members(err.reason)
            return json_answer(err.status, wire.encode(err.body()))
        except (GatewayError, PayPalError) as err:
            return json_answer(err.status, wire.encode(err.body()))
        except msgspec.DecodeError as err:
            message = {
                "type": "invalid_request_error",
                "message": f"{request.path} cannot read the body: {err}",
            }
            return json_answer(400, wire.encode({"error": message}))

    return handle


async def _body(request: web.Request, kind: type[T]) -> T:
    return msgspec.json.decode(await request.read() or b"{}", type=kind)


def _json(value: Any) -> web.Response:
    return json_answer(200, wire.encode(value))


async def _ledger(gateway: FakeGateway, _request: web.Request) -> web.Response:
    return _json(gateway.ledger())


async def _events(gateway: FakeGateway, _request: web.Request) -> web.Response:
    events = gateway.events()
    return _json({"data": [e.object if e.provider == "paypal" else wire.event_object(e) for e in events]})


async def _behaviour(gateway: FakeGateway, _request: web.Request) -> web.Response:
    return _json(_waiting(gateway.behaviour))


async def _behave(gateway: FakeGateway, request: web.Request) -> web.Response:
    gateway.behaviour.change(await _body(request, BehaviourChange))
    return _json(_waiting(gateway.behaviour))


async def _reset(gateway: FakeGateway, _request: web.Request) -> web.Response:
    await gateway.reset()
    return _json({})


async def _pay(gateway: FakeGateway, request: web.Request) -> web.Response:
    payment = await _body(request, Payment)
    intent = await gateway.pay(
        request.match_info["id"], payment_method=payment.payment_method, return_url=payment.return_url
    )
    return _shown(gateway, intent)


async def _authenticate(gateway: FakeGateway, request: web.Request) -> web.Response:
    outcome = await _body(request, Authentication)
    return _shown(gateway, await gateway.authenticate(request.match_info["id"], succeeds=outcome.succeeds))


async def _pay_session(gateway: FakeGateway, request: web.Request) -> web.Response:
    payment = await _body(request, Payment)
    intent = await gateway.pay_session(request.match_info["id"], payment_method=payment.payment_method)
    return _shown(gateway, intent)


async def _arrive(gateway: FakeGateway, request: web.Request) -> web.Response:
    outcome = await _body(request, Authentication)
    session = gateway.sessions.find(request.match_info["id"])
    gateway.sessions.arrive(session, succeeds=outcome.succeeds)
    await gateway.store.save()
    return _json(gateway.sessions.shown(session))


async def _lose_refund(gateway: FakeGateway, request: web.Request) -> web.Response:
    await gateway.lose_refund(request.match_info["id"])
    return _json(wire.refund_object(gateway.books.refund(request.match_info["id"])))


async def _approve(gateway: FakeGateway, request: web.Request) -> web.Response:
    return _json(gateway.paypal.ledger.show(await gateway.paypal.approve(request.match_info["id"])))


async def _expire_tokens(gateway: FakeGateway, _request: web.Request) -> web.Response:
    gateway.paypal.expire_tokens()
    return _json({})


async def _attempts(gateway: FakeGateway, _request: web.Request) -> web.Response:
    return _json({"data": list(gateway.sender.attempts)})


async def _resend(gateway: FakeGateway, request: web.Request) -> web.Response:
    wanted = await _body(request, Resend)
    try:
        gateway.resend(wanted.events, copies=wanted.copies)
    except (KeyError, ValueError) as err:
        raise GatewayError(f"cannot send these webhooks: {err}") from err
    return _json({})


async def _webhook_url(gateway: FakeGateway, request: web.Request) -> web.Response:
    wanted = await _body(request, WebhookUrl)
    target: FakeGateway | FakePayPal = gateway.paypal if wanted.provider == "paypal" else gateway
    target.webhook_url = wanted.url
    return _json({})


def _waiting(behaviour: Behaviour) -> BehaviourChange:
    return BehaviourChange(next=behaviour.rules, webhooks=behaviour.webhooks)


def _shown(gateway: FakeGateway, intent: Intent) -> web.Response:
    return _json(wire.intent_object(intent, base_url=gateway.url))
