"""The data folder: one process at a time holds it, and says in servers.json where its servers are."""

from __future__ import annotations

import fcntl
import json
import os
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from feria_core.embedded.server import ServerFailed
from feria_core.errors import StartRefused

_LOCK = "lock"
_RECORD = "servers.json"
_LOCK_TRIES = 10
_LOCK_PAUSE_S = 0.05


class DataDirInUse(StartRefused):
    """Another process holds the data folder; the sentence names the folder, the process and the way out."""


@dataclass(frozen=True)
class ServerUrls:
    """Where the servers are, for asyncpg, Tortoise, redis-py and arq."""

    database_url: str
    redis_url: str


@dataclass(frozen=True)
class Record:
    """The content of servers.json; URLs that were given from outside may hold passwords and stand there as ''."""

    pid: int
    sockets: tuple[str, ...] = ()  # the folders they are in
    database_url: str = ""
    redis_url: str = ""
    ready: bool = False


def running_servers(data_dir: Path) -> ServerUrls | None:
    """Return where the servers are that a living process holds on `data_dir`, or None.

    A URL is '' where that process got its server from outside. While it still starts, the answer is None.
    """
    folder = Path(data_dir).resolve()
    holder = _holder(folder)
    record = read_record(folder)
    if holder is None or record is None or not record.ready or record.pid != holder:
        return None
    return ServerUrls(record.database_url, record.redis_url)


def open_data_dir(data_dir: Path) -> Path:
    """Return the folder's absolute path, made where missing. Raises ServerFailed where it cannot be written."""
    folder = Path(data_dir).resolve()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ServerFailed(f"the data folder {folder} cannot be made: {error.strerror}.") from error
    if not os.access(folder, os.W_OK | os.X_OK):
        raise ServerFailed(f"the data folder {folder} is not yours to write: choose another one with --data.")
    return folder


def take_lock(folder: Path) -> int:
    """Return a file descriptor that holds the folder until it is closed, by the end of the process at the latest.

    Raises DataDirInUse.
    """
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    for _ in range(_LOCK_TRIES):  # `running_servers` of another process holds it for an instant, too
        if _try_lock(descriptor, fcntl.LOCK_EX):
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, b"%d\n" % os.getpid(), 0)
            return descriptor
        time.sleep(_LOCK_PAUSE_S)
    pid = os.pread(descriptor, 32, 0).decode().strip() or "unknown"
    os.close(descriptor)
    raise DataDirInUse(
        f"The data folder {folder} is in use by process {pid}: stop that one, or choose another folder with --data."
    )


def read_record(folder: Path) -> Record | None:
    """Return what servers.json says, or None where there is none that can be read."""
    try:
        content = json.loads((folder / _RECORD).read_text(encoding="utf-8"))
        return Record(**{**content, "sockets": tuple(content["sockets"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_record(folder: Path, record: Record) -> None:
    """Replace servers.json in one step."""
    handle, temporary = tempfile.mkstemp(dir=folder, prefix=f".{_RECORD}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(asdict(record), file)
    Path(temporary).replace(folder / _RECORD)


def remove_record(folder: Path) -> None:
    (folder / _RECORD).unlink(missing_ok=True)


def _holder(folder: Path) -> int | None:
    """Return the pid of the living process that holds the folder, or None."""
    try:
        descriptor = os.open(folder / _LOCK, os.O_RDONLY)
    except OSError:
        return None
    try:
        if _try_lock(descriptor, fcntl.LOCK_SH):
            return None
        text = os.pread(descriptor, 32, 0).decode().strip()
        return int(text) if text.isdecimal() else None
    finally:
        os.close(descriptor)


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
