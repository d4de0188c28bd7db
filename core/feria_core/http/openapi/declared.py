"""What the routes declare, told to quart-schema: only when somebody asks for the description."""

from __future__ import annotations

from typing import Any

from quart import Quart
from quart_schema import document_querystring, document_request, document_response, hide

from feria_core.http.blueprint import endpoint_of


def describe(app: Quart) -> None:
    """Describe every route of `app`; repeats safely. Pages and files are no part of the API."""
    for rule in app.url_map.iter_rules():
        _describe(rule.rule, app.view_functions[rule.endpoint])


def _describe(path: str, view: Any) -> None:
    spec = endpoint_of(view)
    if spec is None:
        if not path.startswith("/api/"):
            hide(view)
        return
    if spec.body is not None:
        document_request(spec.body)(view)
    if spec.query is not None:
        document_querystring(spec.query)(view)
    for status in (spec.status, *spec.other_statuses) if spec.returns is not None else ():
        document_response(spec.returns, status)(view)
