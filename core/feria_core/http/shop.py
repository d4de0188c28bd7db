"""Quart as it is used here: a word more on OPTIONS, and less work for each request."""

from __future__ import annotations

import functools
from collections.abc import Callable
from inspect import iscoroutinefunction
from typing import Any, cast

from quart import Quart, Request, Response, request
from quart.ctx import RequestContext
from quart.sessions import NullSession
from quart.wrappers import BaseRequestWebsocket
from quart.wrappers.response import DataBody
from werkzeug.datastructures import Headers
from werkzeug.routing import MapAdapter

from feria_core.http.exchange import Exchange
from feria_core.http.matching import Matcher, PlainRules, plain_rules
from feria_core.http.turns import Turns

_NO_SESSION = NullSession()
_is_awaited = functools.cache(iscoroutinefunction)


class RequestHeaders(Headers):
    """The headers of a request: many are looked for and missing, which is no error to be made each time."""

    def __init__(self, headers: Headers) -> None:
        self._list = headers._list  # noqa: SLF001 - nobody else has them
        # Of several headers of one name the first; nobody adds any to a request that is here.
        self._first = {name.lower(): value for name, value in reversed(self._list)}

    def get(self, key: str, default: Any = None, type: Any = None) -> Any:  # type: ignore[override]  # noqa: A002
        """Return the value of that name, or `default`."""
        if type is not None:
            return super().get(key, default, type)
        return self._first.get(key.lower(), default)


class ShopRequest(Request):
    """A request whose headers cost no errors, and that knows its blueprint without taking its route's name apart."""

    def __init__(
        self, method: str, scheme: str, path: str, query: bytes, headers: Headers, *rest: Any, **options: Any
    ) -> None:
        super().__init__(method, scheme, path, query, RequestHeaders(headers), *rest, **options)

    @property
    def blueprints(self) -> list[str]:
        """Return the names of the route's blueprints, the innermost first."""
        return _blueprints_of(self.url_rule.endpoint) if self.url_rule is not None else []


class Shop(Quart):
    """Quart, but for OPTIONS, and with less work for each request where nothing has to be waited for."""

    asgi_http_class = Exchange
    request_class = ShopRequest  # type: ignore[assignment]  # mypy compares how they are made

    # Those of `endpoint(..., in_turn=True)`; there is something to wait for once the database is open.
    turns: Turns | None = None

    def request_context(self, request: Request) -> RequestContext:
        """Return the context of a request; there are no sessions to be looked for in cookies."""
        return RequestContext(self, request, _NO_SESSION)

    def create_url_adapter(self, request: BaseRequestWebsocket | None) -> Any:
        """Return what finds the request's route."""
        if request is None:
            return super().create_url_adapter(None)
        make = cast("Callable[[], MapAdapter]", functools.partial(super().create_url_adapter, request))
        return Matcher(self._plain_rules, request.method, request.path, make)

    @functools.cached_property
    def _plain_rules(self) -> PlainRules:
        return plain_rules(self.url_map)

    def ensure_async(self, func: Any) -> Any:
        """Return what to await; whether a function is a coroutine's is found out once, not in every request."""
        return func if _is_awaited(func) else super().ensure_async(func)

    async def process_response(self, response: Any, request_context: Any = None) -> Any:
        """Let everybody have a word on the answer; what is ready bytes needs no timer while it is sent."""
        answered = await super().process_response(response, request_context)
        if isinstance(answered, Response) and isinstance(answered.response, DataBody):
            answered.timeout = None
        return answered

    async def make_default_options_response(self) -> Response:
        """Name the methods of the path itself: `/products/export` is not all that `/products/<key>` is."""
        allowed = self._allowed[request.url_rule.rule] if request.url_rule is not None else ()
        return Response("", headers={"Allow": ", ".join(sorted(allowed))})

    @functools.cached_property
    def _allowed(self) -> dict[str, set[str]]:
        """The methods of each path, of all the rules that it has."""
        methods: dict[str, set[str]] = {}
        for rule in self.url_map.iter_rules():
            methods.setdefault(rule.rule, set()).update(rule.methods or ())
        return methods


@functools.cache
def _blueprints_of(endpoint: str) -> list[str]:
    """Return `["shop.cart", "shop"]` for the route "shop.cart.add"."""
    parts = endpoint.split(".")[:-1]
    return [".".join(parts[:count]) for count in range(len(parts), 0, -1)]
