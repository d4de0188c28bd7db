"""Doing what a route does without a request of its own: the same handler, permission, checks, audit rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote
from uuid import UUID

from quart import Quart
from werkzeug.exceptions import HTTPException

from feria_core.auth import RIGHTS, Principal, demand, set_principal
from feria_core.errors import NotFound
from feria_core.http.blueprint import Endpoint, endpoint_of, handler_of
from feria_core.http.bodies import validate
from feria_core.http.openapi import path_of
from feria_core.http.request import RequestFacts, set_facts
from feria_core.plugins import resolve
from feria_core.runtime import current, registry

__all__ = ["Asking", "declared", "perform", "rights"]


@dataclass(frozen=True)
class Asking:
    """Who asks, and what is known of the request by which he did."""

    principal: Principal
    request_id: str
    address: str
    locale: str


async def rights(kind: str, person: UUID) -> frozenset[str]:
    """Return the permissions that staff or a key hold now; none where they are none."""
    held: frozenset[str] = frozenset()
    for known in registry().all(RIGHTS):
        if known.kind == kind:
            held |= await known.permissions(person)
    return held


def declared(method: str, path: str) -> Endpoint | None:
    """Return the declaration of the route with the rule `path` ("/api/admin/orders/{number}"), or None."""
    return _routes(_targets()).get((method, _shape(path)))


async def perform(asking: Asking, method: str, path: str, *, body: Any = None, query: Any = None) -> Any:
    """Return what the handler of the route returns, called as `asking`.

    In the caller's transaction, which its service joins. Raises what the route would refuse with.
    """
    set_facts(RequestFacts(asking.request_id, asking.address, asking.locale))
    set_principal(asking.principal)
    async with _app(_targets()).test_request_context(quote(path), method=method):
        try:
            found = _app(_targets()).url_map.bind("localhost").match(path, method=method)
        except HTTPException as error:
            raise NotFound(f"Nothing is served at {path}.") from error
        view = _app(_targets()).view_functions[found[0]]
        spec, variables = endpoint_of(view), dict(found[1])
        if spec is None:
            raise NotFound(f"Nothing is served at {path}.")
        demand(spec.access, asking.principal)
        if spec.query is not None:
            variables["query"] = validate(spec.query, query or {}, where="query")
        if spec.body is not None:
            variables["body"] = validate(spec.body, {} if body is None else body, where="body")
        return await handler_of(view)(**variables)


def _targets() -> tuple[str, ...]:
    return tuple(target for module in current().modules for target in module.manifest.blueprints)


@cache
def _app(targets: tuple[str, ...]) -> Quart:
    """Return an application that serves nobody: workers have none, and need the routes alone."""
    app = Quart("feria-acts", static_folder=None)
    for target in targets:
        app.register_blueprint(resolve(target))
    return app


@cache
def _routes(targets: tuple[str, ...]) -> Mapping[tuple[str, str], Endpoint]:
    found: dict[tuple[str, str], Endpoint] = {}
    app = _app(targets)
    for rule in app.url_map.iter_rules():
        spec = endpoint_of(app.view_functions[rule.endpoint])
        if spec is not None:
            found[spec.method, _shape(path_of(rule.rule))] = spec
    return found


def _shape(path: str) -> str:
    """Return the path without the names of its variables, which need not be those of the route."""
    parts = ("{}" if part.startswith("{") and part.endswith("}") else part for part in path.split("/"))
    return "/".join(parts)
