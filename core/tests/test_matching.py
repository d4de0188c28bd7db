"""The route of a request: the short way finds what Quart's own finds."""

from __future__ import annotations

from typing import Any

import pytest
from quart import Quart
from werkzeug.datastructures import Headers
from werkzeug.exceptions import MethodNotAllowed, NotFound
from werkzeug.routing import RequestRedirect

from feria_core.http.shop import RequestHeaders, Shop


async def nothing(**_: Any) -> str:
    return ""


@pytest.fixture
def app() -> Shop:
    app = Shop("probe", static_folder=None)
    app.add_url_rule("/things/<key>", "thing", nothing, methods=["GET", "POST"])
    app.add_url_rule("/things/new", "new", nothing, methods=["GET"])
    app.add_url_rule("/things", "things", nothing, methods=["GET"])
    app.add_url_rule("/things", "made", nothing, methods=["POST"])
    app.add_url_rule("/folder/", "folder", nothing, methods=["GET"])
    app.add_url_rule("/<path:rest>", "rest", nothing, methods=["GET"])
    return app


def found(app: Shop, kind: type[Quart], method: str, path: str) -> Any:
    """Return what is found, in the words of either way."""
    request = app.test_request_context(path, method=method).request
    adapter = kind.create_url_adapter(app, request)
    assert adapter is not None
    try:
        rule, variables = adapter.match(return_rule=True)
    except (NotFound, MethodNotAllowed, RequestRedirect) as error:
        return type(error), getattr(error, "valid_methods", None), getattr(error, "new_url", None)
    return rule, dict(variables)


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "PUT", "OPTIONS"])
@pytest.mark.parametrize(
    "path", ["/things", "/things/", "/things/new", "/things/7", "/folder/", "/folder", "//things", "/x/y", "/"]
)
async def test_every_path_goes_where_quart_sends_it(app: Shop, method: str, path: str) -> None:
    assert found(app, Shop, method, path) == found(app, Quart, method, path)


async def test_a_plain_path_is_found_by_a_look_and_others_by_the_adapter(app: Shop) -> None:
    plain = app.create_url_adapter(app.test_request_context("/things", method="POST").request)
    assert plain.match(return_rule=True)[0].endpoint == "made"
    assert "_adapter" not in vars(plain)  # nobody has made one
    other = app.create_url_adapter(app.test_request_context("/things/7").request)
    assert other.match(return_rule=True)[1] == {"key": "7"}
    assert other.build("thing", {"key": "8"}) == "/things/8"


def test_headers_are_found_whatever_their_case_and_what_is_missing_is_nothing() -> None:
    headers = RequestHeaders(Headers([("If-Match", '"a"'), ("X-Count", "12"), ("X-Count", "13"), ("X-Odd", "many")]))
    assert headers.get("if-match") == '"a"'
    assert headers.get("X-COUNT") == "12"
    assert headers.get("X-Count", type=int) == 12
    assert headers.get("X-Odd", 0, type=int) == 0
    assert headers.get("Cookie") is None
    assert headers.get("Cookie", "none") == "none"
    assert headers.getlist("x-count") == ["12", "13"]
