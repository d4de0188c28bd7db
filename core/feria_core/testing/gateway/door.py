"""What every call of Stripe's API passes: key, form, idempotency key, forced behaviour, errors."""

from __future__ import annotations

import dataclasses
import hmac
import secrets
from collections.abc import Callable
from typing import Any

import msgspec
from aiohttp import web

from feria_core.testing.gateway import wire
from feria_core.testing.gateway.behaviour import Do, On, Rule
from feria_core.testing.gateway.cards import Outcome
from feria_core.testing.gateway.errors import CardDeclined, GatewayError, InvalidParam, Unauthorized
from feria_core.testing.gateway.params import Form, Params, parse_form
from feria_core.testing.gateway.records import Intent
from feria_core.testing.gateway.service import FakeGateway, forced_outcome
from feria_core.testing.gateway.state import Ledger


@dataclasses.dataclass(frozen=True)
class Call:
    """One accepted call: `target` is the id in the path, `is_public` says a browser makes it."""

    gateway: FakeGateway
    params: Params
    target: str
    is_public: bool
    forced: Outcome | None = None

    @property
    def books(self) -> Ledger:
        return self.gateway.books

    def show(self, intent: Intent) -> dict[str, Any]:
        """Return the payment as far as the caller may see it."""
        url = self.gateway.url
        if self.is_public:
            return wire.public_intent_object(intent, base_url=url)
        shown = wire.intent_object(intent, base_url=url)
        if intent.latest_charge and self.params.expands("latest_charge"):
            shown["latest_charge"] = wire.charge_object(self.books.charge(intent.latest_charge), intent)
        return shown


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """One call of the API: the parameters it takes and the acts that forced behaviours know it by."""

    method: str
    path: str
    act: Callable[[Call], dict[str, Any]]
    params: frozenset[str] = frozenset()
    on: tuple[On, ...] = ()
    is_public: bool = False

    def route(self, gateway: FakeGateway) -> web.RouteDef:
        """Return the route that serves the endpoint."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await _serve(gateway, self, request)
            except GatewayError as err:
                return json_answer(err.status, wire.encode(err.body()))

        return web.route(self.method, self.path, handle)


async def _serve(gateway: FakeGateway, endpoint: Endpoint, request: web.Request) -> web.StreamResponse:
    form = await _read_form(request)
    call = _admit(gateway, endpoint, request, form)
    key = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    if not key:
        return await _perform(endpoint, call, request)
    fingerprint = msgspec.json.encode(call.params.form, order="sorted").decode()
    kept = gateway.keys.begin(key, path=request.path, params=fingerprint)
    if kept is not None:
        return json_answer(kept.status, kept.body, {"Idempotency-Key": key, "Idempotent-Replayed": "true"})
    try:
        return await _perform(endpoint, call, request, key=key, fingerprint=fingerprint)
    finally:
        gateway.keys.end(key)


async def _perform(
    endpoint: Endpoint, call: Call, request: web.Request, *, key: str = "", fingerprint: str = ""
) -> web.StreamResponse:
    gateway = call.gateway
    confirms = (On.CONFIRM,) if call.params.flag("confirm") else ()
    rule = gateway.behaviour.take(*endpoint.on, *confirms)
    await gateway.hold(rule)
    status, body, is_replayed = _act(endpoint, dataclasses.replace(call, forced=forced_outcome(rule)))
    if key and is_replayed:
        gateway.keys.keep(key, path=request.path, params=fingerprint, status=status, body=body)
    if request.method == "POST":
        await gateway.store.save()
    if drops(rule):
        return drop(request)
    return json_answer(status, body, {"Idempotency-Key": key} if key else {})


def _act(endpoint: Endpoint, call: Call) -> tuple[int, str, bool]:
    try:
        return 200, wire.encode(endpoint.act(call)), True
    except CardDeclined as err:
        err.extra = wire.card_error_members(err.reason) | {"payment_intent": call.show(err.intent)}
        return err.status, wire.encode(err.body()), True
    except GatewayError as err:
        return err.status, wire.encode(err.body()), err.is_replayed


async def _read_form(request: web.Request) -> Form:
    try:
        text = (await request.read()).decode() if request.method == "POST" else request.query_string
    except UnicodeDecodeError as err:
        raise InvalidParam("Invalid request: the body is not UTF-8") from err
    return parse_form(text)


def _admit(gateway: FakeGateway, endpoint: Endpoint, request: web.Request, form: Form) -> Call:
    """Return the call of a secret key's holder, or of a publishable key's with the client secret."""
    sent_key = _sent_key(request, form.pop("key", None))
    target = request.match_info.get("id", "")
    is_public = sent_key.startswith("pk_")
    params = Params(form)
    if is_public:
        _check_public(gateway, endpoint, params, target)
    elif not hmac.compare_digest(sent_key.encode(), gateway.secret_key.encode()):
        raise Unauthorized(f"Invalid API Key provided: {sent_key[:8]}****{sent_key[-4:]}")
    form.pop("client_secret", None)
    params.only(endpoint.params | {"expand"})
    return Call(gateway, params, target, is_public)


def _sent_key(request: web.Request, in_form: object) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token.strip():
        return token.strip()
    if isinstance(in_form, str) and in_form.startswith("pk_"):
        return in_form
    raise Unauthorized(
        "You did not provide an API key. You need to provide your API key in the Authorization header, using "
        "Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
    )


def _check_public(gateway: FakeGateway, endpoint: Endpoint, params: Params, target: str) -> None:
    if not endpoint.is_public:
        raise Unauthorized(
            "This API call cannot be made with a publishable API key. Please use a secret API key.",
            code="secret_key_required",
        )
    intent = gateway.books.intent(target)
    if not hmac.compare_digest(params.required("client_secret").encode(), intent.client_secret.encode()):
        raise InvalidParam(
            "The client_secret provided does not match the client_secret associated with the PaymentIntent.",
            code="payment_intent_invalid_parameter",
            param="client_secret",
        )


def drops(rule: Rule | None) -> bool:
    """Return whether the rule wants the connection closed after the act."""
    return rule is not None and rule.do is Do.DROP_AFTER_EFFECT


def drop(request: web.Request) -> web.Response:
    """Close the connection without an answer; what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.abort()
    return web.Response()


def json_answer(status: int, body: str, headers: dict[str, str] | None = None) -> web.Response:
    """Return the JSON with Stripe's headers; browsers of any origin may read it, as there."""
    common = {"Request-Id": f"req_{secrets.token_hex(7)}", "Access-Control-Allow-Origin": "*"}
    return web.Response(status=status, text=body, content_type="application/json", headers=common | (headers or {}))
