"""The web server: uvicorn's processes around the application, told everything through the environment.

`python -m feria_core.web` is what `feria serve` becomes; docs/decisions/0003 says why granian.
"""

from __future__ import annotations

import contextlib
import importlib
import multiprocessing
import os
import socket
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quart import Quart
    from uvicorn.config import Config

STOP_AFTER_S = 25
# One that does not say within this time that it lives is killed and replaced: longer than any work holds the loop up.
SILENT_S = 30
# Longer than proxies keep an idle connection (60 s is common): who asks is to close it, so that no request is lost.
IDLE_S = 75
SERVER_PID = "FERIA_SERVER_PID"
# Half of what starting costs is libraries, which nobody edits: with --reload the web process is forked from one that
# has them (3.1 s of CPU become 1.5).
LIBRARIES = (
    "quart.app", "quart_schema", "tortoise", "asyncpg", "structlog", "redis.asyncio", "numpy", "prometheus_client",
)  # fmt: skip


def application() -> Quart:
    """Return the application of this process, from FERIA_PLUGINS, DATABASE_URL and REDIS_URL."""
    _leave_out_what_never_runs()
    from feria_core._internal.first_start import ends_the_server, note_started
    from feria_core.commands.deployment import FAILED
    from feria_core.memory import settle
    from feria_core.processes import die_with_parent

    server = int(os.environ[SERVER_PID])
    die_with_parent(parent_pid=server)
    with ends_the_server(server):
        from feria_core.app import create_app
        from feria_core.config import load_config

        app = create_app(load_config(Path(os.environ["FERIA_PLUGINS"])))
    [open_all] = app.before_serving_funcs

    async def start() -> None:
        try:
            with ends_the_server(server):
                await open_all()
        except Exception:  # noqa: BLE001 - uvicorn would end the whole server with a process that only replaces another
            traceback.print_exc()
            os._exit(FAILED)
        settle()
        note_started()

    app.before_serving_funcs[:] = [start]
    return app


class _Unused(ModuleType):
    """Stands for a module of which others import names, and derive from classes, without ever using them here."""

    def __getattr__(self, name: str) -> type:
        if name.startswith("__"):
            raise AttributeError(name)
        return object


def _leave_out_what_never_runs() -> None:
    """Spare each web process what libraries import beside what they are used for here: 9 MB of it.

    structlog would draw tracebacks with rich where it finds it, and ours are plain; cryptography would read OpenSSH
    keys with bcrypt, and passwords are looked at in a process apart; Quart brings a server with HTTP/2, and granian
    serves; its clients for tests bring a debugger.
    """
    for name in ("rich", "bcrypt"):
        sys.modules.setdefault(name, None)  # type: ignore[arg-type]
    for name in ("hypercorn.asyncio", "hypercorn.config", "hypercorn.typing", "click.testing"):
        sys.modules.setdefault(name, _Unused(name))


def _load_libraries() -> None:
    _leave_out_what_never_runs()
    for name in LIBRARIES:
        with contextlib.suppress(ImportError):  # of a module that is not installed
            importlib.import_module(name)


def serve(host: str, port: int, processes: int, reload: Sequence[str] = ()) -> int:
    """Serve until SIGTERM or SIGINT; a killed web process is replaced. Return the exit code: 2 for a refused start.

    A change below one of the paths `reload` starts the web process anew; one that cannot start, for a slip in the
    code just saved, waits for the next change.
    """
    os.environ[SERVER_PID] = str(os.getpid())
    if processes > 1:
        # Before anything imports prometheus_client: the processes add up their counters in this folder.
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="feria-metrics-"))
    config = configured("feria_core.web:application", host, port, processes)
    listening = config.bind_socket()
    if reload:
        from feria_core._internal.reloading import serve_and_watch

        _load_libraries()
        serve_and_watch(config, listening, reload)
        return 0
    from feria_core._internal.first_start import watched

    with watched() as first:
        supervised(config, listening)
        return first.exit_code


def supervised(config: Config, listening: socket.socket) -> None:
    """Run the web processes until SIGTERM or SIGINT; one that dies or falls silent is replaced."""
    from uvicorn import _subprocess
    from uvicorn.supervisors import Multiprocess

    if sys.platform != "win32":
        # Forked, they share what the supervisor has loaded: 8 MB each, and no process beside them that tracks them.
        _subprocess.spawn = multiprocessing.get_context("fork")  # type: ignore[assignment]
    Multiprocess(config, [listening]).run()


def configured(factory: str, host: str, port: int, processes: int = 1) -> Config:
    """Return how uvicorn serves the application that `factory` makes."""
    from uvicorn.config import Config

    return Config(
        factory,
        factory=True,
        host=host,
        port=port,
        workers=processes,
        loop="uvloop" if sys.platform != "win32" else "asyncio",
        http="feria_core.http.wire:Wire",
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,  # whom to believe is the deployment's setting
        backlog=2048,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=STOP_AFTER_S,
        timeout_worker_healthcheck=SILENT_S,
    )


def check() -> None:
    """Raise StartRefused where the deployment cannot start: modules, settings, routes, migrations."""
    import asyncio

    from feria_core._internal import migrations
    from feria_core.app import create_app, refuse_pending_migrations
    from feria_core.config import load_config
    from feria_core.runtime import current

    config = load_config(Path(os.environ["FERIA_PLUGINS"]))
    create_app(config)
    asyncio.run(refuse_pending_migrations(config.database_url, migrations.apps(current().modules)))


def main() -> int:
    """`check`, or `serve HOST PORT PROCESSES [PATH...]`; return the exit code."""
    from feria_core.commands.deployment import exit_code_of

    if sys.argv[1] == "check":
        return exit_code_of(check)
    return serve(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), sys.argv[5:])


if __name__ == "__main__":
    sys.exit(main())
