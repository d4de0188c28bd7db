"""Killing a process in the middle of a request, before any of its statements: for tests of what survives.

No code that serves shoppers knows of it. A `Nursery` is a process that has made the application and waits; for each
request it forks a child, which starts it, answers the request, and kills itself by SIGKILL right before
its n-th statement (`BEGIN` and `COMMIT` count), as a machine that loses power does. What a provider was asked before
that statement has been done; what comes after is lost.
"""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from feria_core import clock

# Asked in place of a request.
WORK = "WORK"


@dataclass(frozen=True)
class Outcome:
    """What became of a request: killed, or answered with a status after so many statements, or first this, then that.

    `commits` is how many of those were a COMMIT.
    """

    was_killed: bool
    statements: int = 0
    status: int = 0
    body: bytes = b""
    commits: int = 0


class Nursery:
    """A process that answers requests in children of its own; use it as a context manager."""

    def __init__(self, plugins_file: Path, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "feria_core.testing.dying"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        self._say({"plugins": str(plugins_file), "environment": environment})

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(30)
        self._process.stdout.close()

    async def request(
        self,
        method: str,
        path: str,
        body: Any,
        headers: dict[str, str],
        *,
        kill_before: int | None = None,
        kill_before_commit: int | None = None,
        kill_after: bool = False,
    ) -> Outcome:
        """Return what became of the request in a process that dies before its statement `kill_before`, from 1 on.

        Or before its n-th COMMIT, which background work does not shift; or, with `kill_after`, at the latest as soon as
        it has answered. Bytes are sent as they are, any other body as JSON. The process's clock stands at the present
        time of this one's.
        """
        asked = {
            "method": method,
            "path": path,
            "headers": headers,
            "kill_before_commit": kill_before_commit,
            "kill_after": kill_after,
        }
        if isinstance(body, bytes):
            asked["data"] = base64.b64encode(body).decode()
        else:
            asked["body"] = body
        return await self._outcome(asked, kill_before)

    async def work(self, *, kill_before: int | None = None) -> Outcome:
        """Let a process do every job that is due, which dies before its statement `kill_before`."""
        return await self._outcome({"method": WORK}, kill_before)

    async def _outcome(self, asked: dict[str, Any], kill_before: int | None) -> Outcome:
        asked |= {"kill_before": kill_before, "at": clock.now().isoformat()}
        answer = await asyncio.to_thread(self._ask, asked)
        if "error" in answer:
            raise RuntimeError(answer["error"])
        return Outcome(
            was_killed=answer["was_killed"],
            statements=answer.get("statements", 0),
            status=answer.get("status", 0),
            body=base64.b64decode(answer.get("body", "")),
            commits=answer.get("commits", 0),
        )

    def _ask(self, asked: dict[str, Any]) -> dict[str, Any]:
        stdout = self._process.stdout
        assert stdout is not None
        self._say(asked)
        answer: dict[str, Any] = json.loads(stdout.readline())
        return answer

    def _say(self, document: dict[str, Any]) -> None:
        stdin = self._process.stdin
        assert stdin is not None
        stdin.write(json.dumps(document).encode() + b"\n")
        stdin.flush()
