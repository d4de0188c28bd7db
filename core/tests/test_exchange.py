"""A request and its answer: what is waited for, and what is not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from quart import Blueprint, Response, request

from feria_core.http.exchange import SMALL_BODY
from feria_core.http.shop import Shop
from feria_core.http.watching import _headers


class Client:
    """Plays a server with one connection: gives messages as the test puts them, and keeps what it is sent."""

    def __init__(self) -> None:
        self.messages: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.sent: list[dict[str, Any]] = []
        self.asked = 0

    def piece(self, body: bytes, *, more: bool = False) -> None:
        self.messages.put_nowait({"type": "http.request", "body": body, "more_body": more})

    def hang_up(self) -> None:
        self.messages.put_nowait({"type": "http.disconnect"})

    async def receive(self) -> dict[str, Any]:
        self.asked += 1
        return await self.messages.get()

    async def send(self, message: dict[str, Any]) -> None:
        self.sent.append(message)

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


def scope(method: str, path: str, *headers: tuple[bytes, bytes]) -> dict[str, Any]:
    return {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "headers": [(b"host", b"shop"), *headers], "client": ("127.0.0.1", 4711), "server": ("shop", 80),
    }  # fmt: skip


def of_length(length: int) -> tuple[bytes, bytes]:
    return b"content-length", str(length).encode()


@pytest.fixture
def app() -> Shop:
    app = Shop("probe", static_folder=None)
    app.started = []  # type: ignore[attr-defined]

    @app.post("/echo")
    async def echo() -> Response:
        app.started.append("echo")  # type: ignore[attr-defined]
        return Response(await request.get_data())

    @app.post("/refuse")
    async def refuse() -> Response:
        return Response(b"no", status=413)

    @app.get("/hello")
    async def hello() -> Response:
        return Response(b"hello")

    @app.get("/endless")
    async def endless() -> Response:
        async def pieces() -> AsyncIterator[bytes]:
            try:
                while True:
                    yield b"more"
                    await asyncio.sleep(0.001)
            finally:
                app.started.append("ended")  # type: ignore[attr-defined]

        return Response(pieces())

    return app


async def test_ready_bytes_go_out_in_one_piece_and_nobody_waits_for_the_client(app: Shop) -> None:
    client = Client()
    await app(scope("GET", "/hello"), client.receive, client.send)
    assert [message["type"] for message in client.sent] == ["http.response.start", "http.response.body"]
    assert (client.body, client.sent[-1]["more_body"], client.asked) == (b"hello", False, 0)


async def test_a_small_body_is_put_together_before_the_route_is_asked(app: Shop) -> None:
    client = Client()
    client.piece(b"in two ", more=True)
    answering = asyncio.create_task(app(scope("POST", "/echo", of_length(13)), client.receive, client.send))
    await asyncio.sleep(0.01)
    assert app.started == []  # type: ignore[attr-defined]
    client.piece(b"pieces")
    await answering
    assert client.body == b"in two pieces"


async def test_a_small_body_that_breaks_off_asks_no_route(app: Shop) -> None:
    client = Client()
    client.piece(b"half", more=True)
    client.hang_up()
    await app(scope("POST", "/echo", of_length(8)), client.receive, client.send)
    assert (client.sent, app.started) == ([], [])  # type: ignore[attr-defined]


async def test_a_small_body_that_never_ends_is_given_up(app: Shop) -> None:
    app.config["BODY_TIMEOUT"] = 0.05
    client = Client()
    client.piece(b"half", more=True)
    await asyncio.wait_for(app(scope("POST", "/echo", of_length(8)), client.receive, client.send), 5)
    assert client.sent[0]["status"] == 408


@pytest.mark.parametrize(
    "headers",
    [[of_length(SMALL_BODY + 1)], [(b"transfer-encoding", b"chunked")], [of_length(5), (b"expect", b"100-continue")]],
    ids=["large", "chunked", "asked first"],
)
async def test_a_body_that_may_be_long_is_refused_before_it_is_here(app: Shop, headers: list) -> None:
    client = Client()
    await asyncio.wait_for(app(scope("POST", "/refuse", *headers), client.receive, client.send), 5)
    assert (client.sent[0]["status"], client.body) == (413, b"no")


async def test_a_large_body_is_read_while_it_comes(app: Shop) -> None:
    client = Client()
    answering = asyncio.create_task(app(scope("POST", "/echo", of_length(SMALL_BODY * 2)), client.receive, client.send))
    client.piece(b"x" * SMALL_BODY, more=True)
    await asyncio.sleep(0.01)
    assert app.started == ["echo"]  # type: ignore[attr-defined]
    client.piece(b"y" * SMALL_BODY)
    await answering
    assert client.body == b"x" * SMALL_BODY + b"y" * SMALL_BODY


async def test_a_long_answer_ends_when_its_client_hangs_up(app: Shop) -> None:
    client = Client()
    client.piece(b"")
    answering = asyncio.create_task(app(scope("GET", "/endless"), client.receive, client.send))
    while client.body.count(b"more") < 3:
        await asyncio.sleep(0.001)
    client.hang_up()
    await asyncio.wait_for(answering, 5)
    assert app.started == ["ended"]  # type: ignore[attr-defined]


async def test_what_blueprints_ask_for_runs_from_the_innermost_outwards(app: Shop) -> None:
    seen: list[str] = []
    outer, inner = Blueprint("outer", __name__), Blueprint("inner", __name__)
    for place in (outer, inner):

        @place.after_request
        async def note(response: Response, name: str = place.name) -> Response:
            seen.append(name)
            return response

    inner.add_url_rule("/inside", "inside", view_func=app.view_functions["hello"])
    outer.register_blueprint(inner)
    app.register_blueprint(outer)
    for path in ("/inside", "/hello", "/nowhere"):
        client = Client()
        await app(scope("GET", path), client.receive, client.send)
    assert seen == ["inner", "outer"]


def test_a_header_on_two_lines_is_one_list() -> None:
    lines = [(b"x-forwarded-for", b"198.51.100.7"), (b"host", b"shop"), (b"x-forwarded-for", b"192.0.2.1")]
    assert _headers({"headers": lines}) == {b"x-forwarded-for": "198.51.100.7, 192.0.2.1"}
