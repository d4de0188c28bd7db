"""Templates into answers."""

from __future__ import annotations

import hashlib
from functools import cache, partial
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from quart import Response, request

from feria_admin.pages import cells, drawn, layout
from feria_admin.pages.texts import said, say
from feria_admin.pages.visits import Visit, guard, locale
from feria_core.ids import new_id
from feria_core.runtime import core_settings

CSS, SCRIPT = "text/css; charset=utf-8", "text/javascript; charset=utf-8"
STATIC = {
    "admin.css": CSS,
    "admin.js": SCRIPT,
    "htmx.min.js": SCRIPT,
    "uplot.min.css": CSS,
    "uplot.min.js": SCRIPT,
}


@cache
def templates() -> Environment:
    """Return the environment of the pages; every value is escaped."""
    environment = Environment(
        loader=PackageLoader("feria_admin", "pages/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals.update(
        cells=cells, drawn=drawn, layout=layout, static=static_address, new_key=lambda: str(new_id())
    )
    return environment


def page(template: str, visit: Visit | None, *, status: int = 200, **values: Any) -> Response:
    """Return a page; `visit` is None for those of nobody in particular."""
    language = visit.locale if visit else locale()
    text = (
        templates()
        .get_template(template)
        .render(
            visit=visit,
            locale=language,
            say=partial(_say, language),
            said=partial(_said, language),
            words=partial(_words, language),
            here=request.full_path.rstrip("?") if request.method == "GET" else "/admin",
            shop=core_settings().shop_name,
            menu=visit.viewer.menu() if visit else [],
            **{"section": None, **values},
        )
    )
    return guard(Response(text, status=status, content_type="text/html; charset=utf-8"))


def refusal(visit: Visit | None, status: int, title: str, detail: str) -> Response:
    """Return a page that says what is wrong and what to do."""
    return page("refused.html", visit, status=status, title=title, detail=detail)


def missing(visit: Visit) -> Response:
    """Return the page of what is not there, or not for these eyes."""
    return refusal(visit, 404, say("not_found", visit.locale), say("not_found_help", visit.locale))


def static_file(name: str) -> Response | None:
    """Return a file of the pages, kept by browsers as long as its address stands; None for an unknown one."""
    if name not in STATIC:
        return None
    response = guard(Response(_content(name), content_type=STATIC[name]))
    response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@cache
def static_address(name: str) -> str:
    """Return a file's address, another one for other content."""
    return f"/admin/static/{name}?v={hashlib.sha256(_content(name)).hexdigest()[:12]}"


@cache
def _content(name: str) -> bytes:
    return (files("feria_admin") / "pages" / "static" / name).read_bytes()


def _say(language: str, name: str) -> str:
    return say(name, language)


def _words(language: str, name: Any) -> str:
    return cells.words(str(name), language)


def _said(language: str, text: Any) -> str:
    return said(text, language)
