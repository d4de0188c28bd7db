"""A small load generator: keep-alive connections that each ask again as soon as they were answered.

Plain asyncio protocols on uvloop, so that the generator costs a fraction of what it measures. Loopback only.
`measure_apart` runs it in a process of its own, `python -m tests.benchmarks.load`.
"""

from __future__ import annotations

import asyncio
import functools
import itertools
import json
import pickle
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, cast
from urllib.parse import urlsplit

import orjson


@dataclass(frozen=True)
class Measured:
    """What a run showed; latencies in milliseconds."""

    per_second: float
    p50_ms: float
    p95_ms: float
    errors: int


class _Connection(asyncio.Protocol):
    def __init__(self, requests: Iterator[bytes], deadline: float, latencies: list[float]) -> None:
        self._requests = requests
        self._deadline = deadline
        self._latencies = latencies
        self._buffer = bytearray()
        self._needed = -1
        self._asked = 0.0
        self.errors = 0
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none of asyncio's classes
        self._ask()

    def _ask(self) -> None:
        self._asked = time.perf_counter()
        if self._asked >= self._deadline:
            self._transport.close()
            return
        self._transport.write(next(self._requests))

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._needed < 0:
            end = self._buffer.find(b"\r\n\r\n")
            if end < 0:
                return
            head = bytes(self._buffer[:end]).lower()
            if not head.startswith((b"http/1.1 2", b"http/1.1 304")):
                self.errors += 1
            mark = head.find(b"content-length: ")
            length = int(head[mark + 16 :].split(b"\r", 1)[0]) if mark >= 0 else 0
            self._needed = end + 4 + length
        if len(self._buffer) >= self._needed:
            self._latencies.append(time.perf_counter() - self._asked)
            self._buffer.clear()
            self._needed = -1
            self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if time.perf_counter() < self._deadline:
            self.errors += 1
        if not self.done.done():
            self.done.set_result(None)


@dataclass(frozen=True)
class Answer:
    """What a server has answered."""

    status: int
    head: bytes
    body: bytes

    def header(self, name: str) -> str:
        """Return a header's value, its name given in small letters; nothing where it is missing."""
        mark = self.head.lower().find(b"\r\n" + name.encode() + b": ")
        return self.head[mark + len(name) + 4 :].split(b"\r", 1)[0].decode() if mark >= 0 else ""


class Line(asyncio.Protocol):
    """A keep-alive connection that asks one thing after the other and waits for each answer."""

    def __init__(self) -> None:
        self._buffer = bytearray()
        self._answer: asyncio.Future[Answer] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)

    async def ask(self, method: str, path: str, document: object, headers: Mapping[str, str] | None = None) -> Answer:
        """Send the document as JSON and return the answer."""
        body = orjson.dumps(document)
        lines = [f"{method} {path} HTTP/1.1", "Host: bench", "Content-Type: application/json"]
        lines += [f"Content-Length: {len(body)}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write("\r\n".join(lines).encode() + b"\r\n\r\n" + body)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0 or self._answer is None:
            return
        head = bytes(self._buffer[:end])
        mark = head.lower().find(b"content-length: ")
        length = int(head[mark + 16 :].split(b"\r", 1)[0]) if mark >= 0 else 0
        if len(self._buffer) >= end + 4 + length:
            answer = Answer(int(head[9:12]), head, bytes(self._buffer[end + 4 : end + 4 + length]))
            self._buffer.clear()
            self._answer.set_result(answer)

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(error or ConnectionResetError("the server has hung up"))

    def close(self) -> None:
        """Hang up."""
        self._transport.close()


async def measure(base: str, paths: Sequence[str], *, connections: int, seconds: float) -> Measured:
    """Ask for `paths` in turn over `connections` for `seconds`, after a fifth of that as warm-up."""
    await _run(base, paths, connections, seconds / 5)
    return await _run(base, paths, connections, seconds)


async def measure_requests(
    base: str, groups: Sequence[Sequence[bytes]], *, connections: int, seconds: float
) -> Measured:
    """Send the requests of each group one after the other, no group over two connections at a time.

    Per second are groups; latencies are those of single requests.
    """
    turns = [[request for group in groups[number::connections] for request in group] for number in range(connections)]
    await _send(base, turns, seconds / 5)
    found = await _send(base, turns, seconds)
    return replace(found, per_second=found.per_second / len(groups[0]))


def request(base: str, path: str, *, body: Any = None, headers: Mapping[str, str] | None = None) -> bytes:
    """Return the bytes of a request: a GET, with a body a POST of JSON."""
    content = b"" if body is None else json.dumps(body).encode()
    lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", f"Host: {urlsplit(base).netloc}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    if body is not None:
        lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + content


def measure_apart(requests: Sequence[bytes], base: str, *, connections: int, seconds: float) -> Measured:
    """Send the requests in turn from a process of its own, each connection its share, after a fifth as warm-up."""
    told = pickle.dumps((list(requests), base, connections, seconds))
    command = [sys.executable, "-m", "tests.benchmarks.load"]
    done = subprocess.run(command, input=told, capture_output=True, check=True)
    return Measured(**json.loads(done.stdout))


async def _told(requests: Sequence[bytes], base: str, connections: int, seconds: float) -> Measured:
    turns = [requests[number::connections] or requests for number in range(connections)]
    # What changes something is sent once: the warm-up takes the first of it.
    warm = [turn[: max(1, len(turn) // 6)] for turn in turns]
    await _send(base, warm, seconds / 5)
    return await _send(
        base, [turn[len(first) % len(turn) :] or turn for turn, first in zip(turns, warm, strict=True)], seconds
    )


async def _run(base: str, paths: Sequence[str], connections: int, seconds: float) -> Measured:
    host = urlsplit(base).netloc.encode()
    requests = [b"GET " + path.encode() + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n" for path in paths]
    # Each connection walks the list from another place, so that they do not ask for the same at once.
    offsets = [number * len(requests) // connections for number in range(connections)]
    return await _send(base, [requests[offset:] + requests[:offset] for offset in offsets], seconds)


async def _send(base: str, turns: Sequence[Sequence[bytes]], seconds: float) -> Measured:
    address = urlsplit(base)
    began = time.perf_counter()
    latencies: list[float] = []
    protocols = []
    for requests in turns:
        turn = itertools.cycle(requests)
        _, protocol = await asyncio.get_running_loop().create_connection(
            functools.partial(_Connection, turn, began + seconds, latencies), str(address.hostname), address.port or 80
        )
        protocols.append(protocol)
    await asyncio.gather(*(protocol.done for protocol in protocols))
    took = time.perf_counter() - began
    ordered = sorted(latencies) or [0.0]
    return Measured(
        per_second=len(latencies) / took,
        p50_ms=ordered[len(ordered) // 2] * 1000,
        p95_ms=ordered[int(len(ordered) * 0.95)] * 1000,
        errors=sum(protocol.errors for protocol in protocols),
    )


if __name__ == "__main__":
    import uvloop

    measured = uvloop.run(_told(*pickle.load(sys.stdin.buffer)))
    sys.stdout.write(json.dumps(asdict(measured)))
