"""Both servers, started and stopped together."""

from __future__ import annotations

import atexit
import os
import shutil
from pathlib import Path
from types import TracebackType
from typing import Self

from feria_core.embedded.data_dir import (
    Record,
    ServerUrls,
    open_data_dir,
    read_record,
    remove_record,
    take_lock,
    write_record,
)
from feria_core.embedded.home import private_home
from feria_core.embedded.postgres import end_leftover_postgres, start_postgres
from feria_core.embedded.server import Server, remove_socket_folder
from feria_core.embedded.valkey import end_leftover_valkey, start_valkey
from feria_core.processes import Child


def start_servers(
    data_dir: Path, *, database_url: str | None = None, redis_url: str | None = None, fast: bool = False
) -> RunningServers:
    """Return the servers, ready for connections: those whose URL is given are left alone, the others are started.

    Data, logs and lock are in `data_dir`, which is made where missing; with both URLs it is not touched. As root
    PostgreSQL's data is under /var/lib, and `data_dir / "postgres"` links to it. `fast` is for tests: what a crash
    would leave of the data is unusable. The servers end with this process; `stop()` ends them in order.
    Raises DataDirInUse, ServerMissing and ServerFailed, after stopping what had started.
    """
    if database_url and redis_url:
        return RunningServers(None, database_url, redis_url)
    folder = open_data_dir(data_dir)
    servers = RunningServers(folder, database_url or "", redis_url or "")
    try:
        servers.start(fast=fast)
    except BaseException:
        servers.stop()
        raise
    return servers


def remove_servers_data(data_dir: Path) -> None:
    """Remove all that the servers keep for `data_dir`, under /var/lib too; nothing happens where there is nothing.

    Raises DataDirInUse while they run.
    """
    folder = Path(data_dir).resolve()
    if not folder.is_dir():
        return
    lock = take_lock(folder)
    try:
        _end_leftovers(folder)
        link = folder / "postgres"
        if home := private_home(folder):
            shutil.rmtree(home, ignore_errors=True)
            link.unlink()
        for place in (link, folder / "valkey", folder / "log"):
            shutil.rmtree(place, ignore_errors=True)
    finally:
        os.close(lock)


class RunningServers:
    """Servers that this process started, and where they are; a context manager that stops them."""

    def __init__(self, folder: Path | None, database_url: str, redis_url: str) -> None:
        self.urls = ServerUrls(database_url, redis_url)
        self._servers: list[Server] = []  # Valkey first, which is the order to stop in
        self._folder = folder
        self._lock = -1 if folder is None else take_lock(folder)
        self._owner = os.getpid()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def children(self) -> tuple[Child, ...]:
        """What was started here, PostgreSQL first; for `Supervisor.adopt`."""
        return tuple(server.child for server in reversed(self._servers))

    def start(self, *, fast: bool) -> None:
        """Start what has no URL and return once it answers; called once, by `start_servers`."""
        if self._folder is None:
            return
        atexit.register(self.stop)  # for systems on which nothing else ends the children of a careless process
        _end_leftovers(self._folder)
        database_url = redis_url = ""
        # Valkey first: it gets ready while PostgreSQL makes its cluster.
        if not self.urls.redis_url:
            redis_url = self._started(start_valkey(self._folder, fast=fast))
        if not self.urls.database_url:
            database_url = self._started(start_postgres(self._folder, fast=fast))
        for server in self._servers:
            server.wait_until_ready()
        self.urls = ServerUrls(self.urls.database_url or database_url, self.urls.redis_url or redis_url)
        self._record(ServerUrls(database_url, redis_url), ready=True)

    def stop(self) -> None:
        """Stop Valkey, then PostgreSQL, and let go of the data folder; repeats safely."""
        if self._folder is None or os.getpid() != self._owner:  # a fork inherited us
            return
        for server in self._servers:
            server.child.stop()
        for server in self._servers:
            remove_socket_folder(server.sockets)
        remove_record(self._folder)
        os.close(self._lock)
        self._folder = None
        atexit.unregister(self.stop)

    def _started(self, server: Server) -> str:
        self._servers.append(server)
        self._record(ServerUrls("", ""), ready=False)
        return server.url

    def _record(self, own: ServerUrls, *, ready: bool) -> None:
        """Say where the servers are; URLs from outside may hold passwords and stay out of the file."""
        if self._folder is not None:
            sockets = tuple(str(server.sockets) for server in self._servers)
            write_record(self._folder, Record(os.getpid(), sockets, own.database_url, own.redis_url, ready=ready))


def _end_leftovers(folder: Path) -> None:
    """Wait for the end of servers whose parent was killed, and remove what they left."""
    record = read_record(folder)
    sockets = record.sockets if record else ()
    end_leftover_postgres(private_home(folder) or folder / "postgres", sockets)
    end_leftover_valkey(folder / "valkey", sockets)
    for place in sockets:
        remove_socket_folder(Path(place))
    remove_record(folder)
