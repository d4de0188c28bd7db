"""The description of the API (OpenAPI 3.1), built from the declared routes."""

from __future__ import annotations

from importlib.metadata import version
from typing import Any

from quart import Quart
from quart_schema import (
    Info,
    OpenAPIProvider,
    QuartSchema,
    document_querystring,
    document_request,
    document_response,
    hide,
    security_scheme,
)
from quart_schema.openapi import PATH_RE

from feria_core.http.blueprint import endpoint_of

PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457",
    "required": ["type", "title", "status", "detail", "code", "instance"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "instance": {"type": "string"},
        "errors": {"type": "array", "items": {"type": "object"}},
    },
}


class Provider(OpenAPIProvider):
    """quart-schema's provider, with our problems, headers and unique operation ids."""

    def build_paths(self, rule: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        paths, components = super().build_paths(rule)
        spec = endpoint_of(self._app.view_functions[rule.endpoint])
        for path in paths.values():
            for operation in path.values():
                operation["responses"]["default"] = {
                    "description": "A problem",
                    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
                }
                operation["tags"] = [rule.endpoint.split(".")[0]]
                if spec is None:
                    continue
                operation["responses"].setdefault(spec.status, {"description": "Done"})
                if spec.idempotent:
                    operation["parameters"] = [*operation["parameters"], _header("Idempotency-Key", required=True)]
                if spec.access.permission:
                    operation["x-permission"] = spec.access.permission
        components["Problem"] = PROBLEM_SCHEMA
        return paths, components

    def operation_id(self, method: str, path: str, func: Any) -> str | None:
        del method, path
        return str(func.__name__)


def document(app: Quart) -> dict[str, Any]:
    """Return the OpenAPI document of the enabled modules.

    quart-schema is asked only here: attached to the application it would also wrap every response.
    """
    for rule in app.url_map.iter_rules():
        _describe(rule.rule, app.view_functions[rule.endpoint])
    app.config["QUART_SCHEMA_CONVERSION_PREFERENCE"] = "pydantic"
    app.config["QUART_SCHEMA_CONVERT_CASING"] = False
    described = QuartSchema(info=Info(title="Feria", version=version("feria-core")))
    schema = dict(Provider(app, described).schema())
    schema["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    return schema


def _describe(path: str, view: Any) -> None:
    """Tell quart-schema what a route declares; repeats safely. Pages and files are no part of the API."""
    spec = endpoint_of(view)
    if spec is None:
        if not path.startswith("/api/"):
            hide(view)
        return
    if spec.body is not None:
        document_request(spec.body)(view)
    if spec.query is not None:
        document_querystring(spec.query)(view)
    if spec.returns is not None:
        document_response(spec.returns, spec.status)(view)
    if spec.access.kind != "public":
        security_scheme([{"bearer": []}])(view)


def path_of(rule: str) -> str:
    """Return a rule's path as OpenAPI writes it."""
    return PATH_RE.sub(r"{\1}", rule)


def _header(name: str, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": {"type": "string", "maxLength": 255}}
