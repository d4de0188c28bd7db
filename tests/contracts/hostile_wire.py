"""Speaking ASGI to the application as a server would, and judging the answers; nothing is tidied up on the way."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_to_bytes

from quart import Quart

from feria_core.testing.client import Reply

Headers = tuple[tuple[bytes, bytes], ...]
JSON: Headers = ((b"content-type", b"application/json"),)
# The staff's pages, which browsers ask for, as "GET /admin/sign-in".
PAGES = re.compile(r"\S+ /admin(?:/|$)")
MEMBERS = {"type", "title", "status", "detail", "code", "instance"}
# Words of the inside; none of them is in the naughty strings.
INSIDE = (b"Traceback", b"asyncpg", b"SELECT ", b'File "/', b"tortoise.", b"pydantic_core")
# What is refused is told in a few lines, however much was sent.
LONGEST_PROBLEM = 32 * 1024
CHUNK = 64 * 1024


class Wire:
    """Sends requests whose every byte the test chooses; each comes from an address of its own."""

    def __init__(self, app: Quart) -> None:
        self.app = app
        self._numbers = itertools.count(1)

    async def send(
        self, method: str, target: str | bytes, *, headers: Iterable[tuple[bytes, bytes]] = (), body: bytes = b""
    ) -> Reply:
        """Return the answer to `target`, percent-encoded as on the wire; an exception counts as a 599."""
        raw = target if isinstance(target, bytes) else target.encode("utf-8")
        path, _, query = raw.partition(b"?")
        number = next(self._numbers)
        sent = [(b"host", b"shop.example.org"), (b"content-length", b"%d" % len(body)), *headers]
        scope = {
            "type": "http", "asgi": {"version": "3.0", "spec_version": "2.3"}, "http_version": "1.1",
            "method": method, "scheme": "http", "path": unquote_to_bytes(path).decode("utf-8", "replace"),
            "raw_path": path, "query_string": query, "root_path": "", "headers": sent,
            "client": (f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}", 4711), "server": ("shop", 80),
            "extensions": {}, "state": {},
        }  # fmt: skip
        return await self.ask(scope, body)

    async def ask(self, scope: dict[str, Any], body: bytes = b"") -> Reply:
        """Return the answer to a scope."""
        pieces = [body[at : at + CHUNK] for at in range(0, len(body), CHUNK)] or [b""]
        waiting = iter(
            [{"type": "http.request", "body": piece, "more_body": n < len(pieces)} for n, piece in enumerate(pieces, 1)]
        )
        head: dict[str, Any] = {}
        answer = bytearray()

        async def receive() -> Any:
            message = next(waiting, None)
            if message is None:
                import asyncio

                await asyncio.Event().wait()
            return message

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                head.update(message)
            elif message["type"] == "http.response.body":
                answer.extend(message.get("body", b""))

        try:
            await self.app(scope, receive, send)
        except Exception as error:  # noqa: BLE001 - whatever comes out here, a server makes a bare 500 of it
            return Reply(599, {}, repr(error)[:300].encode())
        headers = {name.decode().lower(): value.decode("latin-1") for name, value in head["headers"]}
        return Reply(head["status"], headers, bytes(answer))


def wrong_with(heard: Reply, sent: bytes = b"", *, is_page: bool = False) -> str | None:
    """Return what no answer may be like, or None for one that is in order; pages tell people of problems in HTML."""
    if heard.status >= 500:
        return f"{heard.status} {heard.body[:200].decode(errors='replace')}"
    for word in INSIDE:
        if word in heard.body and word not in sent:
            return f"the answer tells of the inside: {word.decode()}"
    if heard.status < 400 or (is_page and heard.headers.get("content-type", "").startswith("text/html")):
        return None
    if heard.headers.get("content-type") != "application/problem+json":
        return f"{heard.status} is no problem+json but {heard.headers.get('content-type')}"
    if len(heard.body) > LONGEST_PROBLEM:
        return f"{heard.status} with {len(heard.body)} bytes"
    return _wrong_with_document(heard)


def _wrong_with_document(heard: Reply) -> str | None:
    document = heard.json
    if not document.keys() >= MEMBERS or not all(document[name] for name in MEMBERS):
        return f"members are missing: {sorted(document)}"
    if document["status"] != heard.status or document["instance"] != heard.headers.get("x-request-id"):
        return "the document's status or instance is not that of the answer"
    if not re.fullmatch(r"[a-z][a-z0-9_]*", document["code"]):
        return f"the code is none: {document['code']!r}"
    if heard.status == 422 and "errors" not in document and document["code"] == "validation_failed":
        return "422 without errors"
    return None


@dataclass
class Findings:
    """What went wrong, once for each route and kind, with the first request that showed it."""

    seen: dict[tuple[str, str], str] = field(default_factory=dict)
    asked: int = 0

    def judge(self, what: str, detail: object, heard: Reply, sent: bytes = b"") -> None:
        self.asked += 1
        problem = wrong_with(heard, sent, is_page=PAGES.match(what) is not None)
        if problem:
            self.seen.setdefault((what, problem[:60]), f"{what} with {detail!s:.200}: {problem}")

    def assert_none(self) -> None:
        assert self.asked, "nothing was asked"
        assert not self.seen, f"{len(self.seen)} findings:\n" + "\n".join(self.seen.values())
