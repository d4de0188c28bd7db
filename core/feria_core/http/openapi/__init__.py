"""The description of the API (OpenAPI 3.1), built from the declared routes."""

from __future__ import annotations

from importlib.metadata import metadata, version
from typing import Any
from weakref import WeakKeyDictionary

from quart import Quart
from quart_schema import Info, QuartSchema
from quart_schema.openapi import PATH_RE

from feria_core.http.openapi.declared import describe
from feria_core.http.openapi.headers import share_headers
from feria_core.http.openapi.problems import share
from feria_core.http.openapi.provider import Provider

__all__ = ["document", "path_of"]

SECURITY_SCHEMES = {
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "JWT",
        "description": "The access token of POST /api/auth/login, of a customer or of staff",
    },
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "bearerFormat": "fk_...",
        "description": "An API key with the permissions that staff gave it",
    },
}

# Routes never change once the application serves.
_ready: WeakKeyDictionary[Quart, dict[str, Any]] = WeakKeyDictionary()


def document(app: Quart) -> dict[str, Any]:
    """Return the OpenAPI document of the enabled modules; it is made once, and nobody changes it."""
    if app not in _ready:
        _ready[app] = _described(app)
    return _ready[app]


def _described(app: Quart) -> dict[str, Any]:
    """quart-schema is asked only here: attached to the application it would also wrap every response."""
    describe(app)
    app.config["QUART_SCHEMA_CONVERSION_PREFERENCE"] = "pydantic"
    app.config["QUART_SCHEMA_CONVERT_CASING"] = False
    described = QuartSchema(info=Info(title="Feria", version=version("feria-core")))
    provider = Provider(app, described)
    schema = dict(provider.schema())
    schema["info"]["description"] = "A shop and the company site around it. Errors are RFC 9457 problems with a code."
    schema["info"]["license"] = {"name": "Apache-2.0", "identifier": "Apache-2.0"}
    schema["servers"] = [{"url": "/"}]
    schema["tags"] = _tags(schema["paths"])
    schemas = provider.shapes.used_by(schema["paths"])
    schema["components"] = {
        "schemas": schemas,
        "responses": (responses := share(schema["paths"])),
        "headers": share_headers(
            [*(operation["responses"] for path in schema["paths"].values() for operation in path.values()), responses]
        ),
        "securitySchemes": SECURITY_SCHEMES,
    }
    return schema


def path_of(rule: str) -> str:
    """Return a rule's path as OpenAPI writes it."""
    return PATH_RE.sub(r"{\1}", rule)


def _tags(paths: dict[str, Any]) -> list[dict[str, str]]:
    used = {tag for path in paths.values() for operation in path.values() for tag in operation["tags"]}
    return [
        {"name": name, "description": metadata(f"feria-{name.replace('_', '-')}")["Summary"]} for name in sorted(used)
    ]
