"""The ASGI layer that answers from memory before Quart is reached, one flight for each missing key."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from feria_core import clock
from feria_core._internal import metrics
from feria_core._internal.database import ALL_TAGS
from feria_core.cache import SLOT, Kept
from feria_core.http.request import accepted_id, best_locale
from feria_core.http.responses import matches

Scope = MutableMapping[str, Any]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[Any]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Key = tuple[str, bytes, str, bytes]

# With any of these the answer may be about the person who asks, so memory is not looked at.
PERSONAL = frozenset((b"authorization", b"cart-token", b"checkout-token", b"cookie"))
# Rough cost of an entry beside its body: key, headers, dictionary slots.
OVERHEAD = 600


@dataclass(slots=True)
class Entry:
    """One ready answer."""

    headers: list[tuple[bytes, bytes]]
    body: bytes
    etag: str
    tags: frozenset[str]
    until: float
    # The moment of the shop's clock at which the answer turns wrong by itself.
    edge: datetime | None = None


class ResponseCache:
    """Keeps ready answers within `max_bytes`, drops them by tag, and serves nothing while `is_trusted` is False."""

    def __init__(
        self, app: Application, *, max_bytes: int, locales: tuple[str, ...], origins: Iterable[str] = ()
    ) -> None:
        self.app = app
        self._origins = frozenset(origin.encode() for origin in origins)
        self.max_bytes = max_bytes
        self.locales = locales
        self.is_trusted = False
        self._entries: OrderedDict[Key, Entry] = OrderedDict()
        self._by_tag: dict[str, set[Key]] = {}
        self._bytes = 0
        self._epoch = 0
        self._dropped_at: dict[str, int] = {}
        self._flights: dict[Key, asyncio.Event] = {}
        self._hit = metrics.cache_total.labels("hit")
        self._miss = metrics.cache_total.labels("miss")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not self.is_trusted or not self.max_bytes:
            await self.app(scope, receive, send)
            return
        language, condition, sent_id, origin = "", None, None, b""
        for name, value in scope["headers"]:
            if name in PERSONAL:
                await self.app(scope, receive, send)
                return
            if name == b"accept-language":
                language = value.decode("latin-1")
            elif name == b"if-none-match":
                condition = value.decode("latin-1")
            elif name == b"x-request-id":
                sent_id = value.decode("latin-1")
            elif name == b"origin" and value in self._origins:
                origin = value
        key = (scope["path"], scope["query_string"], best_locale(language, self.locales), origin)
        entry = self._fresh(key)
        if entry is None:
            entry = await self._fill(key, scope, receive, send)
        if entry is not None:
            self._hit.inc()
            await _send(entry, condition, accepted_id(sent_id), send)

    def drop(self, tags: Iterable[str]) -> None:
        """Forget every answer that shows one of `tags`, and refuse those being made right now."""
        self._epoch += 1
        for stale in tags:
            if stale == ALL_TAGS:
                self.clear()
                return
            self._dropped_at[stale] = self._epoch
            for key in self._by_tag.pop(stale, ()):
                self._remove(key)
        if len(self._dropped_at) > 10_000:  # noqa: PLR2004 - bounds memory; clearing is always right
            self.clear()

    def clear(self) -> None:
        """Forget everything."""
        self._epoch += 1
        self._entries.clear()
        self._by_tag.clear()
        self._dropped_at = {ALL_TAGS: self._epoch}
        self._bytes = 0
        metrics.cache_bytes.set(0)

    def _fresh(self, key: Key) -> Entry | None:
        entry = self._entries.get(key)
        if entry is None:
            return None
        if entry.until < time.monotonic() or (entry.edge is not None and clock.now() >= entry.edge):
            self._remove(key)
            return None
        self._entries.move_to_end(key)
        return entry

    async def _fill(self, key: Key, scope: Scope, receive: Receive, send: Send) -> Entry | None:
        """Let the application answer, and keep it; return the entry to send where another was answered meanwhile."""
        flight = self._flights.get(key)
        if flight is not None:
            await flight.wait()
            entry = self._fresh(key)
            if entry is not None:
                return entry
        mine = self._flights.setdefault(key, asyncio.Event()) if flight is None else None
        self._miss.inc()
        epoch = self._epoch
        recorder = _Recorder(send)
        try:
            await self.app(scope, receive, recorder)
            kept = scope.get(SLOT)
            if kept is not None and recorder.is_keepable:
                self._keep(key, kept, recorder, epoch)
        finally:
            if mine is not None:
                self._flights.pop(key, None)
                mine.set()
        return None

    def _keep(self, key: Key, kept: Kept, recorder: _Recorder, epoch: int) -> None:
        """Store the answer unless a write made one of its tags stale while it was made."""
        if any(self._dropped_at.get(name, 0) > epoch for name in (*kept.tags, ALL_TAGS)):
            return
        body = b"".join(recorder.body)
        if len(body) > self.max_bytes // 8:
            return
        until = time.monotonic() + kept.max_age_s
        entry = Entry(recorder.headers, body, recorder.etag, frozenset(kept.tags), until, kept.until)
        self._remove(key)
        self._entries[key] = entry
        self._bytes += _size(key, entry)
        for name in entry.tags:
            self._by_tag.setdefault(name, set()).add(key)
        while self._bytes > self.max_bytes:
            self._remove(next(iter(self._entries)))
        metrics.cache_bytes.set(self._bytes)

    def _remove(self, key: Key) -> None:
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        self._bytes -= _size(key, entry)
        for name in entry.tags:
            keys = self._by_tag.get(name)
            if keys is not None:
                keys.discard(key)
                if not keys:
                    del self._by_tag[name]


def _size(key: Key, entry: Entry) -> int:
    """Return what an entry costs in memory; the key is of the client's choosing, and a query may be 64 KiB."""
    return len(entry.body) + len(key[0]) + len(key[1]) + OVERHEAD


class _Recorder:
    """Passes an answer on while remembering it."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.status = 0
        self.headers: list[tuple[bytes, bytes]] = []
        self.body: list[bytes] = []
        self.etag = ""

    @property
    def is_keepable(self) -> bool:
        return self.status == 200 and bool(self.etag)  # noqa: PLR2004 - OK

    async def __call__(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            # The request id belongs to one request, not to the answer.
            self.status = message["status"]
            self.headers = [(k, v) for k, v in message["headers"] if k.lower() != b"x-request-id"]
            self.etag = next((v.decode() for k, v in self.headers if k.lower() == b"etag"), "")
        elif message["type"] == "http.response.body" and message.get("body"):
            self.body.append(bytes(message["body"]))
        await self._send(message)


async def _send(entry: Entry, condition: str | None, request_id: str, send: Send) -> None:
    id_header = (b"x-request-id", request_id.encode())
    if condition is not None and matches(condition, entry.etag):
        headers = [(k, v) for k, v in entry.headers if k.lower() not in (b"content-length", b"content-type")]
        await send({"type": "http.response.start", "status": 304, "headers": [*headers, id_header]})
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        return
    await send({"type": "http.response.start", "status": 200, "headers": [*entry.headers, id_header]})
    await send({"type": "http.response.body", "body": entry.body, "more_body": False})
