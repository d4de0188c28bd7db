"""The description of the API (OpenAPI 3.1), built from the declared routes."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from quart import Quart
from quart_schema import Info, OpenAPIProvider, QuartSchema
from quart_schema.openapi import PATH_RE

from feria_core.http.blueprint import endpoint_of

_SHAPES = "#/components/schemas/"
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

    def __init__(self, app: Quart, extension: QuartSchema) -> None:
        super().__init__(app, extension)
        self._named: dict[str, Any] = {}

    def build_paths(self, rule: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        paths, components = self._told_apart(rule, *super().build_paths(rule))
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

    def _told_apart(
        self, rule: Any, paths: dict[str, Any], components: dict[str, Any]
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return both with the module's name before those of its shapes that another module gave a name before."""
        owner = self._app.view_functions[rule.endpoint].__module__.split(".")[0].removeprefix("feria_")
        prefix = owner.title().replace("_", "")
        names: dict[str, str] = {}
        while True:  # a shape that names one of another name is another shape too
            shapes = _renamed(components, names)
            more = {name for name, shape in shapes.items() if self._named.get(name, shape) != shape} - set(names)
            if not more:
                break
            names |= {name: prefix + name for name in more}
        paths, components = _renamed(paths, names), {names.get(name, name): each for name, each in shapes.items()}
        self._named.update(components)
        return paths, components

    def operation_id(self, method: str, path: str, func: Any) -> str | None:
        del method, path
        return str(func.__name__)


def document(app: Quart) -> dict[str, Any]:
    """Return the OpenAPI document of the enabled modules.

    quart-schema is asked only here: attached to the application it would also wrap every response.
    """
    app.config["QUART_SCHEMA_CONVERSION_PREFERENCE"] = "pydantic"
    app.config["QUART_SCHEMA_CONVERT_CASING"] = False
    described = QuartSchema(info=Info(title="Feria", version=version("feria-core")))
    schema = dict(Provider(app, described).schema())
    schema["components"]["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer"}}
    return schema


def path_of(rule: str) -> str:
    """Return a rule's path as OpenAPI writes it."""
    return PATH_RE.sub(r"{\1}", rule)


def _renamed(described: Any, names: Mapping[str, str]) -> Any:
    """Return a part of the document with every reference to the shapes in `names` leading to their new names."""
    if isinstance(described, dict):
        return {
            key: f"{_SHAPES}{names[value.removeprefix(_SHAPES)]}"
            if key == "$ref" and value.removeprefix(_SHAPES) in names
            else _renamed(value, names)
            for key, value in described.items()
        }
    if isinstance(described, (list, tuple)):
        return type(described)(_renamed(each, names) for each in described)
    return described


def _header(name: str, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": "header", "required": required, "schema": {"type": "string", "maxLength": 255}}
