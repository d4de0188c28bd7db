"""What comes in, made fit for the application: odd targets, bodies that nobody reads, bodies that break off."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from contextlib import suppress
from typing import Any
from urllib.parse import quote_from_bytes

Scope = MutableMapping[str, Any]
# A connection that is closed while its client still sends is reset, and the answer is lost on the way
# (RFC 9112, 9.6): so much of an unwanted body is read and thrown away before the answer leaves.
DRAIN_BYTES = 16 * 1024 * 1024
DRAIN_S = 5.0
_VISIBLE = bytes(range(0x21, 0x7F))


class Incoming:
    """Passes a body on, and sees its end."""

    def __init__(self, receive: Callable[[], Awaitable[Any]], *, declared_bytes: int) -> None:
        self.is_cut = False
        self._receive = receive
        self._is_drainable = declared_bytes <= DRAIN_BYTES
        self._read_bytes = 0
        self._is_unwanted = False
        self._ended = asyncio.Event()

    async def receive(self) -> Any:
        """Return the next message; of an unwanted body only the last."""
        while True:
            message = await self._receive()
            if message["type"] != "http.request":
                self.is_cut = not self._ended.is_set()
                self._ended.set()
                return message
            self._read_bytes += len(message.get("body", b""))
            if not message.get("more_body", False):
                self._ended.set()
                return message
            if self._read_bytes > DRAIN_BYTES:
                self._is_drainable = False
                self._ended.set()
            if not self._is_unwanted:
                return message

    async def drain(self) -> None:
        """Return once the body has ended, is too large to wait for, or takes too long; others call `receive`."""
        if self._ended.is_set() or not self._is_drainable:
            return
        self._is_unwanted = True
        with suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_S):
                await self._ended.wait()


def body_of(scope: Scope, receive: Callable[[], Awaitable[Any]]) -> Incoming | None:
    """Return the body that the headers announce, or None without one."""
    declared = None
    for name, value in scope["headers"]:
        if name == b"content-length" and value != b"0":
            length = length_of(value)
            declared = DRAIN_BYTES + 1 if length is None else length
        elif name == b"transfer-encoding":
            declared = declared or 0
    return None if declared is None else Incoming(receive, declared_bytes=declared)


def length_of(value: bytes) -> int | None:
    """Return the number of a Content-Length, or None where it is none, or past what any body has."""
    return int(value) if value.isdigit() and len(value) < 20 else None  # noqa: PLR2004 - 2^64


def straighten(scope: Scope) -> None:
    """Give CONNECT a path, which has none on the wire, and write raw bytes of a query as browsers would."""
    if not scope["path"]:
        scope["path"] = "/"
    if not scope["query_string"].isascii():
        scope["query_string"] = quote_from_bytes(scope["query_string"], safe=_VISIBLE).encode()
