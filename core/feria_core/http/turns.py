"""Requests of many statements in the order in which they came: a few at a time, the others wait for their turn.

docs/decisions/0009 says why, with figures.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque

from feria_core._internal.database import credentials

# As many as keep a process and its database busy: beside one that computes, one whose statements run. Where a statement
# travels, more of them are under way.
AT_ONCE_HERE, AT_ONCE_FAR = 2, 8
PATIENCE_S = 0.05
_HERE = frozenset(("localhost", "127.0.0.1", "::1"))


class Turns:
    """At most `at_once` count as worked on; one that takes longer than `patience_s` does not count any more.

    So what waits for a lock, or for somebody outside, holds nobody up.
    """

    def __init__(self, at_once: int, *, patience_s: float = PATIENCE_S) -> None:
        self._at_once = at_once
        self._patience_s = patience_s
        # The turns that count, the oldest first, each with the moment at which it began.
        self._begun: dict[int, float] = {}
        self._waiting: deque[asyncio.Future[int]] = deque()
        self._last = 0
        self._look: asyncio.TimerHandle | None = None

    async def begin(self) -> int:
        """Return the caller's turn when it has come; it ends with `end`."""
        if len(self._begun) < self._at_once and not self._waiting:
            return self._next()
        waiting: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        self._look_later()
        try:
            return await waiting
        except asyncio.CancelledError:
            if waiting.done() and not waiting.cancelled():
                self.end(waiting.result())  # it came at the moment of giving up
            raise

    def end(self, turn: int) -> None:
        """End the turn: the next one begins."""
        self._begun.pop(turn, None)
        self._let_in()

    def _next(self) -> int:
        self._last += 1
        self._begun[self._last] = time.monotonic()
        return self._last

    def _let_in(self) -> None:
        while self._waiting and len(self._begun) < self._at_once:
            waiting = self._waiting.popleft()
            if not waiting.done():  # else nobody waits there any more
                waiting.set_result(self._next())

    def _look_later(self) -> None:
        """Look again when the oldest turn has had its time."""
        if self._look is None and self._begun:
            oldest = next(iter(self._begun.values()))
            wait_s = max(0.0, oldest + self._patience_s - time.monotonic())
            self._look = asyncio.get_running_loop().call_later(wait_s, self._pass_over)

    def _pass_over(self) -> None:
        self._look = None
        since = time.monotonic() - self._patience_s
        for turn in [turn for turn, moment in self._begun.items() if moment <= since]:
            del self._begun[turn]
        self._let_in()
        if self._waiting:
            self._look_later()


def at_once_for(database_url: str) -> int:
    """Return how many requests of a process keep it busy with that database, by whether it is on this machine."""
    host = str(credentials(database_url)["host"])
    return AT_ONCE_HERE if host in _HERE or host.startswith("/") else AT_ONCE_FAR
