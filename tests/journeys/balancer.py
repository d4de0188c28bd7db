"""A small load balancer for HTTP/1.1: each request goes whole to the next machine that answers, never to two."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

MOST_HEAD = 65_536


@dataclass(eq=False)
class Machine:
    """A web process behind it; `running` requests are waited for before it may stop."""

    host: str
    port: int
    running: int = 0
    answered: int = 0
    idle: asyncio.Event = field(default_factory=asyncio.Event)


class Balancer:
    """Takes requests in turns to the machines of `machines`, which may change while it runs."""

    def __init__(self) -> None:
        self.machines: list[Machine] = []
        self._turn = 0
        self._clients: set[asyncio.StreamWriter] = set()

    def add(self, host: str, port: int) -> Machine:
        """Let requests go to it from now on."""
        machine = Machine(host, port)
        self.machines.append(machine)
        return machine

    async def drain(self, machine: Machine) -> None:
        """Send it no more, and return once what it has is answered."""
        self.machines.remove(machine)
        while machine.running:
            machine.idle.clear()
            await machine.idle.wait()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of one connection."""
        self._clients.add(writer)
        with suppress(OSError, asyncio.IncompleteReadError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                body = await reader.readexactly(_length(head))
                writer.write(await self._answer(_closing(head) + body))
                await writer.drain()
        self._clients.discard(writer)
        writer.close()

    def hang_up(self) -> None:
        """Close the connections of all clients."""
        for writer in self._clients:
            writer.close()

    async def _answer(self, request: bytes) -> bytes:
        """Return the answer of the next machine that can be connected to; 502 where one breaks off."""
        for _ in range(len(self.machines)):
            self._turn += 1
            machine = self.machines[self._turn % len(self.machines)]
            machine.running += 1
            try:
                answer = await _ask(machine, request)
            finally:
                machine.running -= 1
                if not machine.running:
                    machine.idle.set()
            if answer is not None:
                machine.answered += 1
                return answer
        return b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"


async def _ask(machine: Machine, request: bytes) -> bytes | None:
    """Return the whole answer, None where nobody listens there."""
    try:
        reader, writer = await asyncio.open_connection(machine.host, machine.port)
    except OSError:
        return None
    try:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if _is_bare(request, head):
            return _without_close(head, 0)
        body = await reader.readexactly(_length(head)) if b"content-length" in head.lower() else await reader.read()
        return _without_close(head, len(body)) + body
    except (OSError, asyncio.IncompleteReadError):
        return b"HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n"
    finally:
        writer.close()


def _is_bare(request: bytes, head: bytes) -> bool:
    """Return whether nothing follows the head, whatever length it tells (RFC 9112, section 6.3)."""
    return request.startswith(b"HEAD ") or head.split(b" ", 2)[1][:3] in (b"204", b"304")


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"content-length":
            return int(value)
    return 0


def _closing(head: bytes) -> bytes:
    first, _, rest = head.partition(b"\r\n")
    return first + b"\r\nconnection: close\r\n" + rest


def _without_close(head: bytes, length: int) -> bytes:
    """Return the head as the client's connection, which stays open, needs it."""
    drop = (b"connection", b"content-length", b"transfer-encoding")
    lines = [line for line in head.rstrip().split(b"\r\n") if line.partition(b":")[0].strip().lower() not in drop]
    return b"\r\n".join([*lines, b"content-length: %d" % length, b"", b""])


@asynccontextmanager
async def balancing() -> AsyncIterator[tuple[Balancer, str]]:
    """Give a balancer without machines, and its address."""
    balancer = Balancer()
    server = await asyncio.start_server(balancer.serve, "127.0.0.1", 0, limit=MOST_HEAD)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield balancer, f"http://127.0.0.1:{port}"
        server.close()
        balancer.hang_up()
