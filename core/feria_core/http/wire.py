"""HTTP/1.1 as it comes over the wire: uvicorn's reader with llhttp, which bounds nothing of a request's head.

What it cannot read never reaches the application; it is answered here, with a problem document like everything else.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from feria_core.http.documents import PROBLEM, document_of
from feria_core.http.front import DEFAULT_CSP, SECURITY
from feria_core.http.request import accepted_id

# Of the request line and all headers together, and how many headers; what a head has to arrive within.
HEAD_BYTES, HEADERS, HEAD_S = 64 * 1024, 100, 30.0
_PLAIN = "".join(map(chr, range(0x80)))
# Code, title and detail.
_PROBLEMS = {
    HTTPStatus.BAD_REQUEST: ("bad_request", "The request cannot be read", "This is no HTTP/1.1 (RFC 9112)."),
    HTTPStatus.REQUEST_TIMEOUT: (
        "request_timeout",
        "The request took too long",
        f"Its line and headers did not arrive within {HEAD_S:.0f} seconds.",
    ),
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: (
        "headers_too_large",
        "The request's headers are too large",
        f"Line and headers together may have {HEAD_BYTES // 1024} KiB, and there may be {HEADERS} headers.",
    ),
}


class Wire(HttpToolsProtocol):
    """One connection; a head that is too large, too slow or damaged ends it."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._is_between = True  # two requests, or before the first
        self._is_in_head = False
        self._head_bytes = 0  # of a head that comes in several pieces, without its first
        self._head_is_due: asyncio.TimerHandle | None = None
        self._wrong = HTTPStatus.BAD_REQUEST

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._head_is_here()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_between and not data.isascii():
            data = _with_plain_target(data)
        if self._is_in_head:
            self._head_bytes += len(data)
        super().data_received(data)
        if self._is_in_head and not self.transport.is_closing():
            if self._head_bytes > HEAD_BYTES:
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            else:
                self._expect_head()

    def on_message_begin(self) -> None:
        self._is_between, self._is_in_head = False, True
        self._head_bytes = 0
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        """Let the application answer. What is raised here comes to `send_400_response`."""
        self._is_in_head = False
        self._head_is_here()
        if len(self.headers) > HEADERS or self._head_size() > HEAD_BYTES:
            self._wrong = HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
            raise ValueError(self._wrong)
        if self.parser.get_http_version() not in {"1.0", "1.1"}:
            raise ValueError(self.parser.get_http_version())
        if not self.url.startswith(b"/"):
            self.url = _origin_form(self.url)
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._is_between = True
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's, which says the same of everything
        """Answer what cannot be read; what was asked before it is answered first, and ends the connection."""
        cycle = self.cycle
        if cycle is None or cycle.response_complete:
            self._refuse(self._wrong)
        elif not cycle.more_body:
            cycle.keep_alive = False
            self.transport.pause_reading()
        elif cycle.response_started:
            self.transport.abort()
        else:
            self._refuse(self._wrong)

    def _unsupported_upgrade_warning(self) -> None:
        """Say nothing: clients offer HTTP/2 by this, and the request is answered."""

    def _head_size(self) -> int:
        return len(self.url) + sum([len(name) + len(value) for name, value in self.headers])

    def _expect_head(self) -> None:
        if self._head_is_due is None:
            self._head_is_due = self.loop.call_later(HEAD_S, self._end_waiting)

    def _head_is_here(self) -> None:
        if self._head_is_due is not None:
            self._head_is_due.cancel()
            self._head_is_due = None

    def _end_waiting(self) -> None:
        self._head_is_due = None
        if self._is_in_head:
            self._refuse(HTTPStatus.REQUEST_TIMEOUT)
        else:
            self.transport.close()

    def _refuse(self, status: HTTPStatus) -> None:
        request_id = accepted_id(None)
        body = document_of(status, *_PROBLEMS[status], request_id)
        headers = [
            *self.server_state.default_headers,
            (b"content-type", PROBLEM.encode()),
            (b"cache-control", b"no-store"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
            (b"x-request-id", request_id.encode()),
            *SECURITY,
            DEFAULT_CSP,
        ]
        lines = [f"HTTP/1.1 {status.value} {status.phrase}".encode(), *(b"%s: %s" % each for each in headers)]
        self.transport.write(b"\r\n".join(lines) + b"\r\n\r\n" + body)
        self.transport.close()


def _with_plain_target(data: bytes) -> bytes:
    """Return the bytes with UTF-8 in the request line escaped, as browsers do and curl does not."""
    line, end, rest = data.partition(b"\r\n")
    with suppress(UnicodeDecodeError):
        line = quote(line.decode(), safe=_PLAIN).encode()
    return line + end + rest


def _origin_form(target: bytes) -> bytes:
    """Return path and query of a target that names a host, or stands for the server itself (RFC 9112, 3.2)."""
    try:
        parsed = httptools.parse_url(target)
    except httptools.HttpParserInvalidURLError:
        return b"/"  # CONNECT names a host and a port only
    if parsed.path is None or not parsed.path.startswith(b"/"):
        return b"/"  # OPTIONS may ask for "*"
    return parsed.path + (b"?" + parsed.query if parsed.query else b"")
