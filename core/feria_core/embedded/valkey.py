"""Valkey (or Redis) as a child."""

from __future__ import annotations

import signal
import socket
from collections.abc import Sequence
from pathlib import Path

from feria_core.embedded.binaries import find_valkey
from feria_core.embedded.server import Log, Server, end_leftover, remove_socket_files, socket_folder
from feria_core.processes import spawn

_SOCKET = "valkey.sock"
_PID_FILE = "valkey.pid"


def start_valkey(data_dir: Path, *, fast: bool) -> Server:
    """Return the started server, which may not answer yet; `fast` keeps nothing on disk.

    Raises ServerMissing and ServerFailed.
    """
    program = find_valkey()
    home = data_dir / "valkey"
    home.mkdir(mode=0o700, exist_ok=True)
    log = Log(data_dir / "log" / "valkey.log")
    sockets = socket_folder(home, _SOCKET)
    settings = {
        "port": "0",
        "unixsocket": str(sockets / _SOCKET),
        "unixsocketperm": "700",
        "dir": str(home),
        "pidfile": str(home / _PID_FILE),
        "appendonly": "no" if fast else "yes",
        "save": "",  # the append-only file is what lasts
        "daemonize": "no",
    }
    argv = [str(program), *(part for name, value in settings.items() for part in (f"--{name}", value))]
    child = spawn(argv, name="valkey", cwd=home, stop_signal=signal.SIGTERM, log_path=log.path)
    url = f"unix://{sockets / _SOCKET}?db=0"
    return Server(child, url, sockets, lambda: _answers(sockets / _SOCKET), log)


def end_leftover_valkey(home: Path, sockets: Sequence[str]) -> None:
    """Wait for the end of a server whose parent was killed, and remove what it left. Raises ServerFailed."""
    # Its title names the socket and not the folder of the data.
    end_leftover(home / _PID_FILE, [str(home), *sockets], signal.SIGTERM)
    remove_socket_files(home)


def _answers(path: Path) -> bool:
    """Return whether it serves commands; while it loads its data it says LOADING."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(64).startswith(b"+PONG")
    except OSError:
        return False
