"""The inside of a nursery: the process that makes the application, and its children, which die as they are told."""

from __future__ import annotations

import asyncio
import base64
import importlib
import json
import os
import signal
import sys
import traceback
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from feria_core.testing.crashing import WORK

if TYPE_CHECKING:
    from quart import Quart

# Many times what a start takes: the machine may be busy with other tests.
STARTUP_S = 60
_STATEMENTS = ("execute", "executemany", "fetch", "fetchrow", "fetchval")


# True in what the request or the job does: what the application does by itself behind it is not counted.
_asked: ContextVar[bool] = ContextVar("feria_nursery_asked", default=False)


class _Count:
    """Counts the statements of the request, and kills the process before one of them."""

    def __init__(self, kill_before: int | None, kill_before_commit: int | None) -> None:
        self.seen = 0
        self.commits = 0
        self._kill_before = kill_before
        self._kill_before_commit = kill_before_commit

    def install(self) -> None:
        """Look at every statement of asyncpg that is asked for from now on."""
        import asyncpg

        for name in _STATEMENTS:
            setattr(asyncpg.Connection, name, self._counted(getattr(asyncpg.Connection, name)))

    def _counted(self, statement: Any) -> Any:
        async def counted(*values: Any, **named: Any) -> Any:
            if not _asked.get():
                return await statement(*values, **named)
            is_commit = str(values[1]).startswith("COMMIT")
            self.seen += 1
            self.commits += is_commit
            if self.seen == self._kill_before or (is_commit and self.commits == self._kill_before_commit):
                os.kill(os.getpid(), signal.SIGKILL)
            return await statement(*values, **named)

        return counted


async def _answer(app: Quart, asked: dict[str, Any], write_to: int) -> dict[str, Any]:
    from quart.testing import TestApp

    from feria_core.testing.client import ApiClient
    from feria_core.testing.clock import MovableClock

    with MovableClock(datetime.fromisoformat(asked["at"])):
        async with TestApp(app, startup_timeout=STARTUP_S):
            count = _Count(asked["kill_before"], asked.get("kill_before_commit"))
            count.install()
            _asked.set(True)
            if asked["method"] == WORK:
                from feria_core.testing.work import run_jobs

                await run_jobs()
                return {"was_killed": False, "statements": count.seen}
            data = base64.b64decode(asked["data"]) if "data" in asked else None
            reply = await ApiClient(app, asked["headers"]).call(
                asked["method"], asked["path"], json=asked.get("body"), data=data
            )
            answer = {
                "was_killed": False,
                "statements": count.seen,
                "commits": count.commits,
                "status": reply.status,
                "body": base64.b64encode(reply.body).decode(),
            }
            if asked["kill_after"]:
                _tell(write_to, answer)
                os.kill(os.getpid(), signal.SIGKILL)
            return answer


def _tell(write_to: int, answer: dict[str, Any]) -> None:
    """Write the whole answer, however long, into the pipe of the process that waits for it."""
    with os.fdopen(write_to, "wb") as pipe:
        pipe.write(json.dumps(answer).encode())


def _child(app: Quart, asked: dict[str, Any], write_to: int) -> NoReturn:
    try:
        answer = asyncio.run(_answer(app, asked, write_to))
    except Exception:  # noqa: BLE001 - told to the test, which fails with it
        answer = {"error": traceback.format_exc()}
    _tell(write_to, answer)
    os._exit(0)


def _born(app: Quart, asked: dict[str, Any]) -> dict[str, Any]:
    """Return the answer of a child, or that it was killed."""
    read_from, write_to = os.pipe()
    pid = os.fork()
    if not pid:
        os.close(read_from)
        _child(app, asked, write_to)
    os.close(write_to)
    with os.fdopen(read_from, "rb") as pipe:
        said = pipe.read()
    _, status = os.waitpid(pid, 0)
    answer: dict[str, Any] = json.loads(said) if said else {}
    if os.WIFSIGNALED(status):
        answer["was_killed"] = os.WTERMSIG(status) == signal.SIGKILL
    return answer


def _made(setting: dict[str, Any]) -> Quart:
    """Return the application, not started yet, with all imported that its requests need."""
    import aiohttp  # noqa: F401 - imported once, for all children
    import stripe  # noqa: F401

    from feria_core._internal.migrations import apps
    from feria_core.app import create_app
    from feria_core.config import load_config
    from feria_core.runtime import current
    from feria_core.testing.callers import admit

    app = create_app(load_config(Path(setting["plugins"]), environment=setting["environment"]))
    admit(current().registry)
    # Tortoise reads the sources of all models when it first sees them: a second for each child otherwise.
    for each in apps(current().modules):
        importlib.import_module(each.models)
    return app


def main() -> None:
    """Answer requests from standard input, one JSON document a line after that of the setting, until it ends."""
    app = _made(json.loads(sys.stdin.buffer.readline()))
    for line in sys.stdin.buffer:
        sys.stdout.buffer.write(json.dumps(_born(app, json.loads(line))).encode() + b"\n")
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
