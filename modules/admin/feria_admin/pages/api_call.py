"""Calls of the API within this process, as the staff who look: permissions, checks and the audit log are its own."""

from __future__ import annotations

import asyncio
import contextvars
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from quart import current_app, request

from feria_core.http.request import request_id

# What says where a request comes from; everything else of the page's own request stays with the page.
PASSED_ON = (b"host", b"user-agent", b"x-forwarded-for")


@dataclass(frozen=True)
class Answer:
    """What a route answered."""

    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True for a 2xx."""
        return 200 <= self.status < 300  # noqa: PLR2004 - the class of successes

    @property
    def json(self) -> Any:
        """The body as JSON; None where there is none."""
        return orjson.loads(self.body) if self.body else None


async def call(
    method: str,
    path: str,
    *,
    locale: str,
    token: str | None = None,
    query: Sequence[tuple[str, str]] = (),
    body: Mapping[str, Any] | None = None,
    form: tuple[str, bytes] | None = None,
    key: str | None = None,
) -> Answer:
    """Return what the application answers; `key` is sent as the Idempotency-Key, `form` as it is with its type."""
    sent = form[1] if form else b"" if body is None else json.dumps(body).encode()
    headers = [(name, value) for name, value in request.scope["headers"] if name in PASSED_ON]
    headers += [(b"accept-language", locale.encode()), (b"content-length", str(len(sent)).encode())]
    headers.append((b"x-request-id", (request_id() or "").encode()))
    if form or body is not None:
        headers.append((b"content-type", form[0].encode() if form else b"application/json"))
    if token:
        headers.append((b"authorization", b"Bearer " + token.encode()))
    if key:
        headers.append((b"idempotency-key", key.encode("ascii", "replace")))
    scope = {
        **{name: request.scope.get(name) for name in ("type", "asgi", "http_version", "scheme", "client", "server")},
        "method": method, "path": path, "raw_path": quote(path).encode(),
        "query_string": urlencode(query).encode(), "root_path": "", "headers": headers, "extensions": {},
    }  # fmt: skip
    # A context of its own: the call's principal, transaction and facts are not the page's.
    return await asyncio.create_task(_exchange(scope, sent), context=contextvars.copy_context())


async def _exchange(scope: dict[str, Any], sent: bytes) -> Answer:
    waiting = [{"type": "http.request", "body": sent, "more_body": False}]
    status, received = 500, bytearray()
    headers: dict[str, str] = {}

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop()
        await asyncio.Event().wait()  # nobody hangs up; the application ends this wait itself
        raise AssertionError

    async def send(message: Any) -> None:
        nonlocal status
        if message["type"] == "http.response.start":
            status = message["status"]
            headers.update((name.decode().lower(), value.decode("latin-1")) for name, value in message["headers"])
        elif message["type"] == "http.response.body":
            received.extend(message.get("body", b""))

    await current_app.asgi_app(scope, receive, send)  # type: ignore[arg-type]
    return Answer(status, bytes(received), headers)
