"""What is known of each request before a route sees it, and what is counted of its answer."""

from __future__ import annotations

import functools
import time
from typing import Any

import structlog
from quart import Quart, Response, request

from feria_core import db
from feria_core._internal import metrics
from feria_core.auth import identify, maybe_principal, set_principal
from feria_core.config import CoreSettings
from feria_core.http.front import REQUEST_ID
from feria_core.http.request import RequestFacts, best_locale, real_address, set_facts

log = structlog.get_logger("feria.app")

# Counted by name; one that a client made up would be a time series of its own for as long as the process lives.
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))
_BEGAN = "feria.began"


def install(app: Quart, core: CoreSettings) -> None:
    """Make the application know who asks, and count what it answers."""
    # Prometheus' library checks and locks for each look-up of a series.
    requests = functools.cache(metrics.requests_total.labels)
    seconds = functools.cache(metrics.request_seconds.labels)

    @app.before_request
    async def identify_caller() -> None:
        current = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - not once for each word
        scope = current.scope
        scope[_BEGAN] = time.perf_counter()
        told = _headers(scope)
        facts = RequestFacts(
            id=str(scope.get(REQUEST_ID, "")),
            address=real_address(_peer(scope), told.get(b"x-forwarded-for"), core.trusted_proxies),
            locale=best_locale(told.get(b"accept-language", ""), core.locales),
        )
        set_facts(facts)
        structlog.contextvars.bind_contextvars(request_id=facts.id)
        db.statement_count.set([0])
        set_principal(None)
        if current.routing_exception is None:
            set_principal(await identify(told.get(b"authorization")))

    @app.after_request
    async def count(response: Response) -> Response:
        current = request._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001
        route = current.url_rule.rule if current.url_rule else "none"
        method = current.method if current.method in METHODS else "other"
        requests(method, route, response.status_code).inc()
        principal = maybe_principal()
        if principal is not None and principal.acting_staff is not None:
            response.headers["Acting-Staff"] = str(principal.acting_staff)  # pages show a banner by it
        began = current.scope.get(_BEGAN)
        if began is not None:
            seconds(route).observe(time.perf_counter() - began)
            statements = db.statement_count.get() or [0]
            log.debug("request.answered", route=route, status=response.status_code, statements=statements[0])
        return response


def _headers(scope: Any) -> dict[bytes, str]:
    """Return the headers that tell who asks; one on several lines is one list of values (RFC 9110, 5.3)."""
    found: dict[bytes, str] = {}
    for name, value in scope["headers"]:
        if name in _TELLING:
            text = value.decode("latin-1")
            found[name] = f"{found[name]}, {text}" if name in found else text
    return found


_TELLING = frozenset((b"x-forwarded-for", b"accept-language", b"authorization"))


def _peer(scope: Any) -> str:
    return str((scope.get("client") or ("127.0.0.1", 0))[0])
