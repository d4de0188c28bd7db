"""What a connection bears: heads in pieces, slow and large ones, several requests at once, and what is no HTTP."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

import pytest
from uvicorn.server import ServerState

from feria_core.http import wire
from feria_core.http.wire import HEAD_BYTES, HEADERS, Wire
from feria_core.web import configured

Heard = tuple[int, dict[str, str], bytes]
Connect = Callable[[], Coroutine[Any, Any, "Client"]]
HOST = b"Host: shop.example.org\r\n"


class Client:
    """A socket on which the test writes every byte itself."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def say(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()
            await asyncio.sleep(0.02)  # so that each piece is read by itself

    async def hear(self) -> Heard:
        async with asyncio.timeout(5):
            head = await self.reader.readuntil(b"\r\n\r\n")
            lines = head.decode("latin-1").split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
            return int(lines[0].split()[1]), headers, await self.reader.readexactly(int(headers["content-length"]))

    async def is_closed(self) -> bool:
        async with asyncio.timeout(5):
            return await self.reader.read() == b""


async def told(scope: Any, receive: Any, send: Any) -> None:
    """Answer with what was asked; `/slow` takes its time."""
    body, more = b"", True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            return
        body, more = body + message["body"], message["more_body"]
    if scope["path"] == "/slow":
        await asyncio.sleep(0.2)
    answer = json.dumps([scope["method"], scope["path"], scope["query_string"].decode(), body.decode()]).encode()
    headers = [(b"content-length", str(len(answer)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": answer})


@asynccontextmanager
async def listening() -> AsyncIterator[Connect]:
    config = configured("unused", "127.0.0.1", 0)
    config.app, config.factory, config.lifespan = told, False, "off"
    config.load()
    state = ServerState()
    server = await asyncio.get_running_loop().create_server(lambda: Wire(config, state, {}), "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    clients = []

    async def connect() -> Client:
        clients.append(Client(*await asyncio.open_connection(*address)))
        return clients[-1]

    try:
        yield connect
    finally:
        for client in clients:
            client.writer.close()
        server.close()


@pytest.fixture
async def connect() -> AsyncIterator[Connect]:
    async with listening() as found:
        yield found


async def test_a_head_may_come_in_any_pieces(connect: Connect) -> None:
    client = await connect()
    await client.say(b"GET /a?b", b"=c HTT", b"P/1.1\r\nHo", b"st: x\r\nX-Lo", b"ng: a", b"b\r\n", b"\r\n")
    status, _, body = await client.hear()
    assert (status, json.loads(body)) == (200, ["GET", "/a", "b=c", ""])


async def test_utf8_in_the_target_is_read_as_browsers_would_write_it(connect: Connect) -> None:
    client = await connect()
    await client.say("GET /caf\u00e9?q=m\u00fcsli HTTP/1.1\r\n".encode() + HOST + b"\r\n")
    _, _, body = await client.hear()
    assert json.loads(body) == ["GET", "/caf\u00e9", "q=m%C3%BCsli", ""]


async def test_a_body_is_left_as_it_is(connect: Connect) -> None:
    client, body = await connect(), '{"name":"Jos\u00e9"}\r\n\u00fc'.encode()
    await client.say(b"POST / HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n" % (HOST, len(body)), body)
    assert json.loads((await client.hear())[2])[3] == body.decode()


@pytest.mark.parametrize(
    ("target", "path"),
    [(b"http://shop.example.org/a?b=c", "/a"), (b"http://shop.example.org", "/"), (b"*", "/")],
    ids=str,
)
async def test_a_target_that_names_its_host_has_a_path_all_the_same(connect: Connect, target: bytes, path: str) -> None:
    client = await connect()
    await client.say(b"OPTIONS %s HTTP/1.1\r\n%s\r\n" % (target, HOST))
    assert json.loads((await client.hear())[2])[1] == path


async def test_requests_sent_at_once_are_answered_one_after_the_other(connect: Connect) -> None:
    client = await connect()
    await client.say(b"".join(b"GET /%d HTTP/1.1\r\n%s\r\n" % (number, HOST) for number in range(3)))
    assert [json.loads((await client.hear())[2])[1] for _ in range(3)] == ["/0", "/1", "/2"]


async def test_what_follows_a_request_and_is_none_ends_the_connection_after_its_answer(connect: Connect) -> None:
    client = await connect()
    await client.say(b"GET /slow HTTP/1.1\r\n%s\r\n\x16\x03\x01 no HTTP\r\n\r\n" % HOST)
    status, headers, body = await client.hear()
    assert (status, json.loads(body)[1], headers["connection"]) == (200, "/slow", "close")
    assert await client.is_closed()


@pytest.mark.parametrize("pieces", [1, 3], ids=["at once", "piece by piece"])
async def test_a_head_that_is_too_large_is_told_so(connect: Connect, pieces: int) -> None:
    client, header = await connect(), b"X-A: " + b"x" * HEAD_BYTES * pieces
    head = b"GET / HTTP/1.1\r\n%s%s" % (HOST, header)
    step = len(head) // pieces + 1
    await client.say(*(head[at : at + step] for at in range(0, len(head), step)), b"\r\n\r\n" if pieces == 1 else b"")
    status, headers, body = await client.hear()
    assert (status, json.loads(body)["code"]) == (431, "headers_too_large")
    assert headers["x-request-id"] == json.loads(body)["instance"]
    assert await client.is_closed()


async def test_as_many_headers_as_are_allowed_are_read_and_one_more_is_refused(connect: Connect) -> None:
    for count, expected in ((HEADERS, 200), (HEADERS + 1, 431)):
        client = await connect()
        lines = b"".join(b"X-%d: a\r\n" % number for number in range(count - 1))
        await client.say(b"GET / HTTP/1.1\r\n%s%s\r\n" % (HOST, lines))
        assert (await client.hear())[0] == expected


async def test_a_head_that_does_not_end_is_told_so_and_silence_is_hung_up_on(
    connect: Connect, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "HEAD_S", 0.2)
    silent, slow, quick = await connect(), await connect(), await connect()
    await slow.say(b"GET / HTTP/1.1\r\n", b"X-A: a\r\n")
    await quick.say(b"GET /slow HTTP/1.1\r\n%s\r\n" % HOST)
    status, _, body = await slow.hear()
    assert (status, json.loads(body)["code"]) == (408, "request_timeout")
    assert await silent.is_closed()
    assert (await quick.hear())[0] == 200


async def test_a_later_head_that_does_not_end_is_told_so_too(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "HEAD_S", 0.2)
    client = await connect()
    await client.say(b"GET / HTTP/1.1\r\n%s\r\n" % HOST)
    assert (await client.hear())[0] == 200
    await client.say(b"GET / HTTP/1.1\r\n")
    assert (await client.hear())[0] == 408


async def test_an_offer_of_http_2_is_answered_in_http_1_and_the_connection_stays(connect: Connect) -> None:
    client = await connect()
    offer = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
    await client.say(b"GET /a HTTP/1.1\r\n%s%s\r\n" % (HOST, offer))
    assert json.loads((await client.hear())[2])[1] == "/a"
    await client.say(b"GET /b HTTP/1.1\r\n%s\r\n" % HOST)
    assert json.loads((await client.hear())[2])[1] == "/b"
