"""The API and its errors as plain pages: no script, readable on a phone."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, select_autoescape
from quart import Quart, Response

from feria_core.http.openapi import document

CSP = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"


@cache
def templates() -> Environment:
    """Return the environment of core's own pages."""
    return Environment(
        loader=PackageLoader("feria_core", "http/templates"),
        autoescape=select_autoescape(),
        trim_blocks=True,
        lstrip_blocks=True,
    )


def page(app: Quart) -> Response:
    """Return every operation of the enabled modules, by module."""
    described = document(app)
    groups: dict[str, list[dict[str, object]]] = {}
    for path, methods in sorted(described["paths"].items()):
        for method, operation in methods.items():
            entry = {"path": path, "method": method.upper(), **operation}
            groups.setdefault(operation["tags"][0] if operation.get("tags") else "core", []).append(entry)
    return html(templates().get_template("docs.html").render(groups=groups, version=described["info"]["version"]))


def error_page() -> Response:
    """Return what each error code means."""
    return html(templates().get_template("errors.html").render(errors=_known_errors()))


def html(text: str) -> Response:
    """Return a page with the policy of pages that need no script."""
    response = Response(text, content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = CSP
    return response


def _known_errors() -> list[dict[str, object]]:
    """Return code, status, title and meaning of every error class that the running modules define."""
    from feria_core.errors import FeriaError

    found: dict[str, dict[str, object]] = {}
    waiting: list[type[FeriaError]] = [FeriaError]
    while waiting:
        kind = waiting.pop()
        waiting += kind.__subclasses__()
        if kind is not FeriaError:
            meaning = (kind.__doc__ or "").strip() if kind.__doc__ != FeriaError.__doc__ else ""
            found[kind.code] = {"code": kind.code, "status": kind.status, "title": kind.title, "meaning": meaning}
    return [found[code] for code in sorted(found)]
