"""PostgreSQL as a child."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import IO

from feria_core.embedded.binaries import find_postgres
from feria_core.embedded.home import postgres_home
from feria_core.embedded.server import Log, Server, end_leftover, failure, remove_socket_files, socket_folder
from feria_core.processes import spawn

_NAME = "feria"  # of the role and of the database
_PORT = 5432  # no TCP port, only part of the socket's name
_SOCKET = f".s.PGSQL.{_PORT}"
_STARTING_UP = b"C57P03\0"  # cannot_connect_now
_PROTOCOL_3 = 196608
_INITDB_TIMEOUT_S = 120.0

_SETTINGS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "port": str(_PORT),
    "shared_buffers": "128MB",
    "max_connections": "200",
    "max_wal_size": "512MB",
    "jit": "off",  # compiling costs more than it saves on a shop's short queries
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_line_prefix": "%m [%p] ",
    "log_checkpoints": "off",
}
# Without durability, for data that ends with the test run.
_FAST_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}
# In order of preference: the built-in C.UTF-8 (from 17 on), the system's, bytes only.
_LOCALES = (
    ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-locale"),
    ("--locale=C.UTF-8",),
    ("--no-locale",),
)


def start_postgres(data_dir: Path, *, fast: bool) -> Server:
    """Return the started server, which may not answer yet.

    The first start makes the cluster, the role and the database. Raises ServerMissing and ServerFailed.
    """
    home, user = postgres_home(data_dir)
    programs = find_postgres(user)
    log = Log(data_dir / "log" / "postgres.log")
    if not (home / "data").exists():
        _create_cluster(programs, home, user, log, fast=fast)
    sockets = socket_folder(home, f"{_SOCKET}.lock")
    settings = {**_SETTINGS, **(_FAST_SETTINGS if fast else {}), "unix_socket_directories": str(sockets)}
    child = spawn(
        [programs / "postgres", "-D", home / "data", *(f"--{name}={value}" for name, value in settings.items())],
        name="postgres",
        env=_environment(),
        cwd=home,
        stop_signal=signal.SIGINT,  # "fast": ends sessions instead of waiting for them
        log_path=log.path,
        user=user,
    )
    url = f"postgresql://{_NAME}@/{_NAME}?host={sockets}&port={_PORT}"
    return Server(child, url, sockets, lambda: _answers(sockets / _SOCKET, log), log)


def end_leftover_postgres(home: Path, sockets: Sequence[str]) -> None:
    """Wait for the end of a server whose parent was killed, and remove what it left. Raises ServerFailed."""
    end_leftover(home / "data" / "postmaster.pid", [str(home), *sockets], signal.SIGINT)
    remove_socket_files(home)


def _create_cluster(programs: Path, home: Path, user: str | None, log: Log, *, fast: bool) -> None:
    """Make it beside its place and move it there complete, so that an interrupted first start leaves none."""
    new = home / "data.new"
    shutil.rmtree(new, ignore_errors=True)
    initdb: list[str | Path] = [programs / "initdb", "-D", new, "-U", _NAME, "--auth=trust", "--encoding=UTF8"]
    if fast:
        initdb.append("--no-sync")
    if not any(_run([*initdb, *locale], home, user, log) for locale in _LOCALES):
        raise failure("initdb failed", log)
    with tempfile.TemporaryFile() as statements:
        statements.write(f"CREATE DATABASE {_NAME};\n".encode())
        statements.seek(0)
        single: list[str | Path] = [programs / "postgres", "--single", "-D", new, "-c", "exit_on_error=on", "postgres"]
        if not _run(single, home, user, log, stdin=statements):
            raise failure(f"the database {_NAME} could not be created", log)
    new.rename(home / "data")


def _run(argv: Sequence[str | Path], home: Path, user: str | None, log: Log, *, stdin: IO[bytes] | None = None) -> bool:
    """Run to the end and return whether it succeeded; stopped with us, as every child."""
    name = Path(argv[0]).name
    child = spawn(argv, name=name, env=_environment(), cwd=home, stdin=stdin, log_path=log.path, user=user)
    try:
        return child.wait(_INITDB_TIMEOUT_S) == 0
    finally:
        child.stop(grace_s=5)


def _environment() -> dict[str, str]:
    """Return the environment without PGDATA, PGPORT and the like, which the server reads, and with an English log."""
    own = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return own | {"LC_ALL": "C"}


def _answers(path: Path, log: Log) -> bool:
    """Log in as a driver would: True when the server let us in, False while it starts."""
    parameters = f"user\0{_NAME}\0database\0{_NAME}\0\0".encode()
    hello = struct.pack("!ii", len(parameters) + 8, _PROTOCOL_3) + parameters
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(path))
            connection.sendall(hello)
            reply = connection.recv(4096)
            if reply.startswith(b"R"):
                connection.sendall(b"X\0\0\0\4")
                return True
    except OSError:
        return False
    if reply and _STARTING_UP not in reply:
        raise failure(f"postgres refuses connections ({_readable(reply)})", log)
    return False


def _readable(reply: bytes) -> str:
    fields = [field.decode(errors="replace") for field in reply[5:].split(b"\0")]
    return next((text[1:] for text in fields if text.startswith("M")), "no reason given")
