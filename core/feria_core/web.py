"""The web server: granian's processes around the application, told everything through the environment.

`python -m feria_core.web` is what `feria serve` becomes; docs/decisions/0003 says why granian.
"""

from __future__ import annotations

import contextlib
import importlib
import os
import signal
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from quart import Quart

STOP_AFTER_S = 25
# A process that is told to stop while it connects hears it late: saving twice must not cost the time above.
RELOAD_STOP_AFTER_S = 1
SERVER_PID = "FERIA_SERVER_PID"
# Half of what starting costs is libraries, which nobody edits: with --reload the web process is forked from one that
# has them (3.1 s of CPU become 1.5).
LIBRARIES = (
    "quart.app", "quart_schema", "tortoise", "asyncpg", "structlog", "redis.asyncio", "numpy", "prometheus_client",
)  # fmt: skip


def application() -> Quart:
    """Return the application of this process, from FERIA_PLUGINS, DATABASE_URL and REDIS_URL."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # until granian listens: who is told to stop while he loads, stops
    _leave_out_what_never_runs()
    from feria_core._internal.first_start import ends_the_server, note_started
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
        with ends_the_server(server):
            await open_all()
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
    from granian.constants import HTTPModes, Interfaces, Loops
    from granian.log import LogLevels
    from granian.server import Server

    from feria_core._internal.first_start import watched

    os.environ[SERVER_PID] = str(os.getpid())
    if processes > 1:
        # Before anything imports prometheus_client: the processes add up their counters in this folder.
        os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="feria-metrics-"))
    server = Server(
        "feria_core.web:application",
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        workers=processes,
        factory=True,
        http=HTTPModes.http1,
        websockets=False,
        loop=Loops.uvloop if sys.platform != "win32" else Loops.asyncio,
        log_level=LogLevels.error,
        respawn_failed_workers=True,
        respawn_interval=0.2,
        workers_kill_timeout=RELOAD_STOP_AFTER_S if reload else STOP_AFTER_S,
        backlog=2048,
        process_name=None,
        reload=bool(reload),
        reload_paths=[Path(path) for path in reload],
        reload_ignore_worker_failure=True,
    )
    if reload:
        _load_libraries()
        server.serve()
        return 0
    with watched() as first:
        try:
            server.serve()
        except SystemExit:
            if not first.exit_code:
                raise
        return first.exit_code


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
