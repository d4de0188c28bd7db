"""Is Redis there? Asked by every web process, which has no other business with it."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs, unquote, urlsplit


class NotReady(Exception):
    """Redis answers, but not with what somebody who is ready says."""


async def ping(url: str) -> None:
    """Return once the server at `url` has answered PING. Raises OSError or NotReady.

    Two lines of its protocol in place of the client library, which is 20 MB of a process that never uses it again;
    only TLS, with its many options, is left to the library.
    """
    if url.startswith("rediss:"):
        await _by_library(url)
        return
    parts = urlsplit(url)
    connecting = (
        asyncio.open_unix_connection(unquote(parts.path))
        if parts.scheme == "unix"
        else asyncio.open_connection(parts.hostname or "localhost", parts.port or 6379)
    )
    reader, writer = await connecting
    try:
        for command in (*_sign_in(url), ("PING",)):
            writer.write(_encoded(command))
            reply = await reader.readline()
            if not reply.startswith(b"+"):
                raise NotReady(reply[:100].decode("ascii", "replace"))
    finally:
        writer.close()


def _sign_in(url: str) -> list[tuple[str, ...]]:
    """Return the commands that come first: none, or AUTH with what the address or its query names."""
    parts, query = urlsplit(url), parse_qs(urlsplit(url).query)
    user, password = (
        query.get(name, [unquote(value or "")])[0]
        for name, value in (("username", parts.username), ("password", parts.password))
    )
    return [("AUTH", *([user] if user else []), password)] if password else []


def _encoded(command: tuple[str, ...]) -> bytes:
    words = [word.encode() for word in command]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in words)


async def _by_library(url: str) -> None:
    from redis.asyncio import from_url

    client = from_url(url)  # type: ignore[no-untyped-call]
    try:
        await client.ping()
    finally:
        await client.aclose()
