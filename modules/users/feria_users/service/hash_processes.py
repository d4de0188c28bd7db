"""The processes that work on passwords: made when they are needed, as many as may hash at a time."""

from __future__ import annotations

import asyncio
import atexit
import json
import os
import socket
import subprocess
import sys
from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

import orjson

from feria_core.errors import Unavailable

_COMMAND = (sys.executable, "-P", "-m", "feria_users.service.hash_work")
# glibc would give back and fetch anew the 19 MiB of each hash, five thousand page faults; argon2 wipes them itself.
_KEEPS_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1 << 30), "MALLOC_TRIM_THRESHOLD_": str(1 << 30)}
# At 40 ms each, and twice that of rest on a busy machine, who comes last waits for some twelve seconds; more are told
# to come again.
MOST_WAITING = 100


class Process:
    """One process that hashes; it ends by itself when this process ends in whatever way, since its line breaks."""

    def __init__(self, *, cores: int | None = None, gives_way: bool = False) -> None:
        self._line, theirs = socket.socketpair()
        self._line.setblocking(False)
        with theirs:
            self._child = subprocess.Popen(  # noqa: S603 - constants and a number
                (
                    *_COMMAND,
                    *(() if cores is None else ("--cores", str(cores))),
                    *(("--gives-way",) if gives_way else ()),
                ),
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                env={**os.environ, **_KEEPS_MEMORY},
                start_new_session=True,  # a terminal's Ctrl-C is not meant for it
            )

    async def ask(self, question: bytes) -> bytes:
        """Return the line that answers the line `question`. Raises OSError where the process has ended."""
        loop = asyncio.get_running_loop()
        await loop.sock_sendall(self._line, question)
        answer = b""
        while not answer.endswith(b"\n"):
            part = await loop.sock_recv(self._line, 65536)
            if not part:
                raise ConnectionResetError("the process that hashes passwords has ended")
            answer += part
        return answer

    def close(self) -> None:
        """End the process."""
        self._line.close()
        self._child.kill()
        self._child.wait()


_idle: list[Process] = []
_rooms: WeakKeyDictionary[asyncio.AbstractEventLoop, _Room] = WeakKeyDictionary()


class _Room:
    """How many may hash at a time on one event loop, and how many wait."""

    def __init__(self, places: int) -> None:
        self.places = asyncio.Semaphore(places)
        self.waiting = 0

    async def enter(self) -> None:
        if self.waiting >= MOST_WAITING:
            raise Unavailable(
                "Too many passwords are being checked at this moment: try again in some seconds.",
                headers={"Retry-After": "10"},
            )
        self.waiting += 1
        try:
            await self.places.acquire()
        finally:
            self.waiting -= 1


async def answer(question: Mapping[str, Any], *, at_a_time: int, cores: int | None, gives_way: bool) -> Any:
    """Return what `hash_work` answers, on `cores` of the machine at most; it may rest while others are busy.

    Raises Unavailable where too many wait already, or no process stays up.
    """
    loop = asyncio.get_running_loop()
    room = _rooms.setdefault(loop, _Room(at_a_time))
    await room.enter()
    asked = loop.create_task(_answered(_encoded(question), cores, gives_way=gives_way))
    asked.add_done_callback(lambda _: room.places.release())
    # Who goes away leaves his answer behind: a line with an answer that nobody took would answer the next one.
    return await asyncio.shield(asked)


def close_all() -> None:
    """End the processes that wait for work."""
    while _idle:
        _idle.pop().close()


atexit.register(close_all)


async def _answered(question: bytes, cores: int | None, *, gives_way: bool) -> Any:
    """Processes that were ended while they waited (by a system that lacks memory) are replaced."""
    while True:
        is_fresh = not _idle
        process = Process(cores=cores, gives_way=gives_way) if is_fresh else _idle.pop()
        try:
            found = orjson.loads(await process.ask(question))
        except OSError as error:
            process.close()
            if is_fresh:
                raise Unavailable("Passwords cannot be checked at this moment: try again in a minute.") from error
            continue
        _idle.append(process)
        return found


def _encoded(question: Mapping[str, Any]) -> bytes:
    # Not orjson: it refuses lone surrogates, which are as good a part of a password as any letter.
    return json.dumps(dict(question)).encode() + b"\n"
