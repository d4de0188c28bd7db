"""Is Redis there? Said by the server's own word, through a socket file and with a password too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from feria_core._internal.redis_ping import NotReady, ping

AUTH = b"*3\r\n$4\r\nAUTH\r\n$3\r\nana\r\n$4\r\np@ss\r\n"
PING = b"*1\r\n$4\r\nPING\r\n"


async def test_a_server_that_is_there_answers(server_urls: tuple[str, str]) -> None:
    await ping(server_urls[1])


@asynccontextmanager
async def answering(reply: bytes, heard: list[bytes]) -> AsyncIterator[int]:
    """A server that says `reply` to whatever it hears."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(1000):
            heard.append(data)
            writer.write(reply)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


@pytest.mark.parametrize(
    "url", ["redis://ana:p%40ss@127.0.0.1:{}/1", "redis://127.0.0.1:{}?username=ana&password=p%40ss"]
)
async def test_a_password_is_told_first(url: str) -> None:
    heard: list[bytes] = []
    async with answering(b"+OK\r\n", heard) as port:
        await ping(url.format(port))
    assert heard == [AUTH, PING]


@pytest.mark.parametrize("reply", [b"-LOADING Redis is loading\r\n", b"-NOAUTH\r\n", b"HTTP/1.1 400\r\n"])
async def test_what_is_no_pong_is_not_ready(reply: bytes) -> None:
    async with answering(reply, []) as port:
        with pytest.raises(NotReady):
            await ping(f"redis://127.0.0.1:{port}")


async def test_nobody_at_home_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await ping(f"unix://{tmp_path}/none.sock?db=0")
