"""Routes: each says who may call, what it takes and what it gives; one that does not say is refused at start."""

from __future__ import annotations

import functools
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from pydantic import BaseModel
from quart import Blueprint, Response, current_app, request

from feria_core import idempotency, limits
from feria_core.auth import Access, demand, maybe_principal
from feria_core.cache import Cached, collect_tags
from feria_core.errors import FeriaError, RateLimited
from feria_core.http.bodies import parse_json, read_body, read_query, validate
from feria_core.http.refusals import SERVER_ERROR, record_refusal
from feria_core.http.request import client_address
from feria_core.http.responses import conditional, respond
from feria_core.http.turns import Turns
from feria_core.limits import Limit
from feria_core.runtime import core_settings

Handler = Callable[..., Awaitable[Any]]
ENDPOINT_ATTRIBUTE, HANDLER_ATTRIBUTE = "_feria_endpoint", "_feria_handler"


@dataclass(frozen=True)
class Endpoint:
    """The declaration of one route."""

    method: str
    path: str
    access: Access
    body: type[BaseModel] | None = None
    query: type[BaseModel] | None = None
    returns: Any = None
    status: int = 200
    cached: Cached | None = None
    idempotent: bool = False
    limit: Limit | None = None
    max_body_bytes: int | None = None
    raw_body: bool = False
    optional_body: bool = False
    media_types: tuple[str, ...] = ()
    other_statuses: tuple[int, ...] = ()
    in_turn: bool = False


class ApiBlueprint(Blueprint):
    """A blueprint whose routes are declared with `endpoint()`."""

    def endpoint(  # type: ignore[override]  # takes the place of Quart's decorator of that name, which we have no use for
        self,
        method: str,
        path: str,
        *,
        access: Access,
        body: type[BaseModel] | None = None,
        query: type[BaseModel] | None = None,
        returns: Any = None,
        status: int = 200,
        cached: Cached | None = None,
        idempotent: bool = False,
        limit: Limit | None = None,
        max_body_bytes: int | None = None,
        raw_body: bool = False,
        optional_body: bool = False,
        media_types: tuple[str, ...] = (),
        other_statuses: tuple[int, ...] = (),
        in_turn: bool = False,
    ) -> Callable[[Handler], Handler]:
        """Declare a route.

        The handler gets the path's variables, and `body` and `query` where they are declared. It returns a
        model, plain values, JSON bytes, an Answer or a Response; `returns` documents the shape. With
        `idempotent` the Idempotency-Key header is required; `limit` counts by account, else by address;
        `cached` marks an anonymous GET as one to keep; with `optional_body` no body at all is `{}`;
        `media_types` documents answers that are not (only) JSON, `other_statuses` those with the same shape. With
        `in_turn` a process works on a few of these requests at a time: for routes of many statements.
        """
        spec = Endpoint(
            method,
            path,
            access,
            body,
            query,
            returns,
            status,
            cached,
            idempotent,
            limit,
            max_body_bytes,
            raw_body,
            optional_body,
            media_types,
            other_statuses,
            in_turn,
        )

        def register(handler: Handler) -> Handler:
            view = _view(spec, handler)
            self.add_url_rule(path, endpoint=f"{handler.__name__}", view_func=view, methods=[method])
            return handler

        return register


def endpoint_of(view: Any) -> Endpoint | None:
    """Return the declaration behind a view function, or None where it has none."""
    found: Endpoint | None = getattr(view, ENDPOINT_ATTRIBUTE, None)
    return found


def handler_of(view: Any) -> Handler:
    """Return the function that was declared with `endpoint()`, without what a request needs around it."""
    return cast("Handler", getattr(view, HANDLER_ATTRIBUTE))


def _view(spec: Endpoint, handler: Handler) -> Handler:
    @functools.wraps(handler)
    async def view(**variables: Any) -> Response:
        called = _called_in_turn if spec.in_turn else _called
        try:
            return await called(spec, handler, variables)
        except FeriaError as error:
            await record_refusal(error, spec.access, method=request.method, path=request.path)
            raise

    setattr(view, ENDPOINT_ATTRIBUTE, spec)
    setattr(view, HANDLER_ATTRIBUTE, handler)
    return view


async def _called_in_turn(spec: Endpoint, handler: Handler, variables: dict[str, Any]) -> Response:
    turns: Turns | None = getattr(current_app, "turns", None)
    if turns is None:
        return await _called(spec, handler, variables)
    turn = await turns.begin()
    try:
        return await _called(spec, handler, variables)
    finally:
        turns.end(turn)


async def _called(spec: Endpoint, handler: Handler, variables: dict[str, Any]) -> Response:
    demand(spec.access, maybe_principal())
    headers = (await limits.hit(spec.limit, _who())).headers() if spec.limit else {}
    raw = await _raw_body(spec)
    if spec.idempotent:
        response = await _once(spec, handler, variables, raw)
    else:
        response = await _answer(spec, handler, variables, raw)
    for name, value in headers.items():
        response.headers[name] = value
    return response


async def _answer(spec: Endpoint, handler: Handler, variables: dict[str, Any], raw: bytes) -> Response:
    if spec.query is not None:
        variables = {**variables, "query": read_query(spec.query, request)}
    if spec.body is not None:
        document = parse_json(request, raw) if raw or not spec.optional_body else {}
        variables = {**variables, "body": validate(spec.body, document, where="body")}
    if spec.cached is None:
        response = respond(await handler(**variables), spec.status)
        if "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store"
        return response
    with collect_tags(spec.cached, cast("dict[str, Any]", request.scope)) as kept:
        response = respond(await handler(**variables), spec.status)
        if response.status_code != spec.status:
            kept.forget()
            return response
        body = await response.get_data(as_text=False)
        return conditional(request, response, body, kept.cache_control(anonymous=maybe_principal() is None))


async def _once(spec: Endpoint, handler: Handler, variables: dict[str, Any], raw: bytes) -> Response:
    """Answer under the Idempotency-Key; what may succeed later gives the key back: a server error, a limit."""
    key = idempotency.check_key(request.headers.get("Idempotency-Key"))
    digest = idempotency.request_hash(request.method, request.path, raw)
    claimed = await idempotency.claim(_scope(), key, digest)
    if isinstance(claimed, idempotency.StoredAnswer):
        response = Response(claimed.body, status=claimed.status, headers=claimed.headers)
        response.headers["Idempotent-Replayed"] = "true"
        return response
    try:
        response = await _answer_or_problem(spec, handler, variables, raw)
    except BaseException:
        await idempotency.release(claimed)
        raise
    if response.status_code >= SERVER_ERROR or response.status_code == RateLimited.status:
        await idempotency.release(claimed)
        return response
    body = await response.get_data(as_text=False)
    kept = {"Content-Type": response.content_type or "", "Cache-Control": "no-store"}
    await idempotency.finish(claimed, idempotency.StoredAnswer(response.status_code, kept, body))
    return response


async def _answer_or_problem(spec: Endpoint, handler: Handler, variables: dict[str, Any], raw: bytes) -> Response:
    """Return expected refusals as responses too: they are the first answer, to be repeated as they are."""
    from feria_core.http.problems import problem_of

    try:
        return await _answer(spec, handler, variables, raw)
    except FeriaError as error:
        await record_refusal(error, spec.access, method=request.method, path=request.path)
        return problem_of(error)


async def _raw_body(spec: Endpoint) -> bytes:
    if spec.body is None and not spec.idempotent and not spec.raw_body:
        return b""
    return await read_body(request, spec.max_body_bytes or core_settings().max_body_bytes)


def _who() -> str:
    """Return what a limit counts by: the account, else the address."""
    principal = maybe_principal()
    return f"{principal.kind}:{principal.id}" if principal else limits.address_key(client_address() or "")


def _scope() -> str:
    """Return who owns an idempotency key: two customers may use the same one."""
    principal = maybe_principal()
    if principal is not None:
        return f"{principal.kind}:{principal.id}"
    secret = request.headers.get("Checkout-Token") or request.headers.get("Cart-Token")
    if secret:
        import hashlib

        return "guest:" + hashlib.sha256(secret.encode()).hexdigest()
    return "address:" + limits.address_key(client_address() or "")
