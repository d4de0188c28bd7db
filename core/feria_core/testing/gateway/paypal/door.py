"""What every call of PayPal's API passes: token, JSON, PayPal-Request-Id, forced behaviour, errors."""

from __future__ import annotations

import base64
import dataclasses
import hmac
import secrets
from collections.abc import Awaitable, Callable
from typing import Any

import msgspec
from aiohttp import web

from feria_core.testing.gateway.behaviour import On
from feria_core.testing.gateway.cards import Outcome
from feria_core.testing.gateway.door import drop, drops
from feria_core.testing.gateway.errors import GatewayError
from feria_core.testing.gateway.paypal import wire
from feria_core.testing.gateway.paypal.errors import BadRequest, PayPalError, Unauthorized, in_paypals_words
from feria_core.testing.gateway.paypal.service import FakePayPal
from feria_core.testing.gateway.service import forced_outcome

MAX_REQUEST_ID = 108


@dataclasses.dataclass(frozen=True)
class Call:
    """One accepted call: `target` is the id in the path."""

    paypal: FakePayPal
    body: dict[str, Any]
    target: str
    request_id: str
    forced: Outcome | None = None


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """One call of the API, the status of its success, and the acts that forced behaviours know it by."""

    method: str
    path: str
    act: Callable[[Call], dict[str, Any]]
    status: int = 200
    on: tuple[On, ...] = ()

    def route(self, paypal: FakePayPal) -> web.RouteDef:
        """Return the route that serves the endpoint."""
        return web.route(self.method, self.path, guarded(lambda request: _serve(paypal, self, request)))


def guarded(handle: Callable[[web.Request], Awaitable[web.StreamResponse]]) -> Any:
    """Return the handler with its refusals answered as PayPal answers them."""

    async def answered(request: web.Request) -> web.StreamResponse:
        try:
            return await handle(request)
        except Unauthorized as err:
            return answer(401, err.body())
        except PayPalError as err:
            return answer(err.status, err.body())
        except GatewayError as err:
            refusal = in_paypals_words(err)
            return answer(refusal.status, refusal.body())

    return answered


async def give_token(paypal: FakePayPal, request: web.Request) -> web.StreamResponse:
    """Serve `POST /v1/oauth2/token`."""
    rule = paypal.gateway.behaviour.take(On.TOKEN)
    await paypal.gateway.hold(rule)
    known = base64.b64encode(f"{paypal.client_id}:{paypal.gateway.secret_key}".encode()).decode()
    if not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Basic {known}".encode()):
        raise Unauthorized("invalid_client", "Client Authentication failed")
    if (await request.post()).get("grant_type") != "client_credentials":
        return answer(400, {"error": "unsupported_grant_type", "error_description": "Grant Type is NULL"})
    return drop(request) if drops(rule) else answer(200, paypal.give_token())


async def _serve(paypal: FakePayPal, endpoint: Endpoint, request: web.Request) -> web.StreamResponse:
    paypal.check_token(request.headers.get("Authorization", ""))
    call = Call(paypal, await _read(request), request.match_info.get("id", ""), _request_id(request))
    rule = paypal.gateway.behaviour.take(*endpoint.on)
    await paypal.gateway.hold(rule)
    call = dataclasses.replace(call, forced=forced_outcome(rule))
    status, body = await _once(endpoint, call, request)
    return drop(request) if drops(rule) else _shown(request, status, body)


async def _once(endpoint: Endpoint, call: Call, request: web.Request) -> tuple[int, dict[str, Any]]:
    """Act, or return what was answered to the same request before."""
    if not call.request_id or request.method != "POST":
        acted = _act(endpoint, call)
        if request.method == "POST":
            await call.paypal.gateway.store.save()
        return acted
    keys, key = call.paypal.gateway.keys, f"paypal:{call.request_id}"
    fingerprint = msgspec.json.encode(call.body, order="sorted").decode()
    kept = keys.begin(key, path=request.path, params=fingerprint)
    if kept is not None:
        # What was created before is there already, hence no second 201.
        return (kept.status if kept.status >= BadRequest.status else 200), msgspec.json.decode(kept.body)
    try:
        status, body = _act(endpoint, call)
        keys.keep(key, path=request.path, params=fingerprint, status=status, body=msgspec.json.encode(body).decode())
        await call.paypal.gateway.store.save()
    finally:
        keys.end(key)
    return status, body


def _act(endpoint: Endpoint, call: Call) -> tuple[int, dict[str, Any]]:
    try:
        return endpoint.status, endpoint.act(call)
    except PayPalError as err:
        return err.status, err.body()


async def _read(request: web.Request) -> dict[str, Any]:
    if request.method != "POST":
        return {}
    if request.content_type != "application/json":
        refusal = BadRequest("UNSUPPORTED_MEDIA_TYPE", "The server does not support the request payload's media type.")
        refusal.status, refusal.name = 415, "UNSUPPORTED_MEDIA_TYPE"
        raise refusal
    try:
        body = msgspec.json.decode(await request.read() or b"{}")
    except msgspec.DecodeError as err:
        raise BadRequest("MALFORMED_REQUEST_JSON", "The request JSON is not well formed.") from err
    if not isinstance(body, dict):
        raise BadRequest("MALFORMED_REQUEST_JSON", "The request JSON is not an object.")
    return body


def _request_id(request: web.Request) -> str:
    sent = request.headers.get("PayPal-Request-Id", "")
    if len(sent) > MAX_REQUEST_ID:
        raise BadRequest("INVALID_STRING_LENGTH", f"PayPal-Request-Id has at most {MAX_REQUEST_ID} characters.")
    return sent


def _shown(request: web.Request, status: int, body: dict[str, Any]) -> web.Response:
    wants_all = "return=representation" in request.headers.get("Prefer", "") or request.method == "GET"
    is_partial = status in {200, 201} and not wants_all and "links" in body
    return answer(status, wire.minimal(body) if is_partial else body)


def answer(status: int, body: dict[str, Any]) -> web.Response:
    """Return the JSON with PayPal's headers."""
    text = msgspec.json.encode(body).decode()
    headers = {"Paypal-Debug-Id": body.get("debug_id", secrets.token_hex(7))}
    return web.Response(status=status, text=text, content_type="application/json", headers=headers)
