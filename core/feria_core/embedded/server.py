"""What PostgreSQL and Valkey have in common: a child, a socket, a log, a moment when it answers."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from feria_core.errors import StartRefused
from feria_core.processes import Child

START_TIMEOUT_S = 30.0
_LOG_MAX_BYTES = 8 * 1024 * 1024
_TAIL_LINES = 12
_SOCKET_PATH_MAX_BYTES = 100  # sun_path holds 104 on macOS, 108 on Linux, with the final zero
# What stands in a URL as it is; every driver reads percent signs in a socket's path in its own way.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9._~/-]+")
SOCKET_FILES = (".s.PGSQL.5432", ".s.PGSQL.5432.lock", "valkey.sock")


class ServerFailed(StartRefused):
    """A server did not start; the sentence is followed by the last lines of its log."""


class Log:
    """A server's log, with a mark where this start begins."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.parent.mkdir(exist_ok=True)
        if path.exists() and path.stat().st_size > _LOG_MAX_BYTES:
            path.replace(path.with_name(f"{path.name}.1"))
        self._start = path.stat().st_size if path.exists() else 0

    def tail(self) -> str:
        """Return the last lines of this start."""
        with contextlib.suppress(FileNotFoundError), self.path.open("rb") as file:
            file.seek(self._start)
            lines = file.read().decode(errors="replace").splitlines()
            return "\n".join(lines[-_TAIL_LINES:])
        return ""


@dataclass
class Server:
    """A started server. `answers` tries a connection: True when it was served. `sockets` is its socket's folder."""

    child: Child
    url: str
    sockets: Path
    answers: Callable[[], bool]
    log: Log

    def wait_until_ready(self, timeout_s: float = START_TIMEOUT_S) -> None:
        """Return once it serves a connection. Raises ServerFailed when it ends or takes longer than that."""
        deadline = time.monotonic() + timeout_s
        while not self.answers():
            if (code := self.child.poll()) is not None:
                raise failure(f"{self.child.name} ended with code {code} while starting", self.log)
            if time.monotonic() > deadline:
                raise failure(f"{self.child.name} does not answer after {timeout_s:g} s", self.log)
            time.sleep(0.01)


def failure(what: str, log: Log) -> ServerFailed:
    """Return the error that says `what` and shows the end of the log."""
    return ServerFailed(f"{what}; the end of {log.path}:\n{log.tail()}")


def socket_folder(home: Path, file_name: str) -> Path:
    """Return `home`, or a new temporary folder where the socket's path would be too long or not plain for a URL."""
    if _fits(home / file_name):
        return home
    for root in (tempfile.gettempdir(), "/tmp", "/var/tmp"):  # noqa: S108 - mkdtemp makes a private folder in it
        if _fits(Path(root) / "feria-XXXXXXXX" / file_name) and os.access(root, os.W_OK):
            return Path(tempfile.mkdtemp(prefix="feria-", dir=root))
    raise ServerFailed(f"{home} is too long for a socket and there is no temporary folder: set TMPDIR to a short one.")


def remove_socket_folder(folder: Path) -> None:
    """Remove the sockets in it, and the folder itself where that leaves it empty: a temporary one, never a home."""
    with contextlib.suppress(OSError):
        remove_socket_files(folder)
        folder.rmdir()


def remove_socket_files(folder: Path) -> None:
    """Remove the sockets that a killed server left in `folder`."""
    for name in SOCKET_FILES:
        (folder / name).unlink(missing_ok=True)


def end_leftover(pid_file: Path, marks: Sequence[str], stop_signal: signal.Signals) -> None:
    """Wait until the server of a killed process is gone, and remove its pid file.

    On Linux it is ending by itself, elsewhere it is told to. The pid counts only while a process runs under it whose
    command line holds one of `marks`: pids are used again. Raises ServerFailed after 30 s.
    """
    deadline = time.monotonic() + START_TIMEOUT_S
    told = False
    while (pid := _pid_in(pid_file)) and any(mark in _command_line(pid) for mark in marks):
        if time.monotonic() > deadline:
            raise ServerFailed(f"process {pid} of an earlier start does not end: stop it and start again.")
        if not told:
            told = True
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, stop_signal)
        time.sleep(0.02)
    pid_file.unlink(missing_ok=True)


def _fits(path: Path) -> bool:
    return len(os.fsencode(path)) <= _SOCKET_PATH_MAX_BYTES and _PLAIN_PATH.fullmatch(str(path)) is not None


def _pid_in(path: Path) -> int | None:
    try:
        first = path.read_text(encoding="utf-8", errors="replace").split(maxsplit=1)
    except OSError:
        return None
    return int(first[0]) if first and first[0].isdecimal() else None


def _command_line(pid: int) -> str:
    """Return the arguments of a living process, '' for a dead one or a zombie."""
    if Path("/proc/self/cmdline").exists():
        try:
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
        except OSError:
            return ""
        return os.fsdecode(raw).replace("\0", " ")
    answer = subprocess.run(  # noqa: S603 - fixed arguments
        ["/bin/ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, check=False
    )
    return os.fsdecode(answer.stdout)
