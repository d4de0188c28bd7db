"""The first start of a server's web processes: one that cannot start says why, once, and the server ends with it.

The application is not loaded before them only to see whether it can start, which would double the time to the first
answer. A process that replaces a killed one later ends nothing but itself.
"""

from __future__ import annotations

import os
import signal
import tempfile
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from feria_core.commands.deployment import FAILED, exit_code_of

# The path of a file that is there until one has started, or until one speaks for all that cannot.
_MARK = "FERIA_FIRST_START"
# Who has missed the server's signal ends by itself.
_TOLD_TO_STOP_WITHIN_S = 1.0


@dataclass(frozen=True)
class FirstStart:
    """What the processes of one server know of each other's start."""

    mark: Path

    @property
    def exit_code(self) -> int:
        """What the server ends with: 0 unless its processes could not start."""
        return int(self._failed.read_text(encoding="ascii")) if self._failed.exists() else 0

    def fail(self, error: Exception, server_pid: int) -> None:
        """Say why, end the server and this process with it; return where one has started already."""
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # for the server's own; by now the web process may listen to it
        try:
            self.mark.rename(self._failed)
        except FileNotFoundError:
            if not self._failed.exists():
                return
        else:
            self._failed.write_text(str(_told(error)), encoding="ascii")
            os.kill(server_pid, signal.SIGTERM)
        time.sleep(_TOLD_TO_STOP_WITHIN_S)
        os._exit(FAILED)

    @property
    def _failed(self) -> Path:
        return self.mark.with_suffix(".failed")


@contextmanager
def watched() -> Iterator[FirstStart]:
    """Give the first start of the web processes that the block starts."""
    with tempfile.TemporaryDirectory(prefix="feria-start-") as folder:
        first = FirstStart(Path(folder) / "mark")
        first.mark.touch()
        os.environ[_MARK] = str(first.mark)
        try:
            yield first
        finally:
            del os.environ[_MARK]


@contextmanager
def ends_the_server(server_pid: int) -> Iterator[None]:
    """Let an error of a web process's first start end the server; later, and without `watched`, it is raised."""
    try:
        yield
    except Exception as error:
        if _MARK in os.environ:
            FirstStart(Path(os.environ[_MARK])).fail(error, server_pid)
        raise


def note_started() -> None:
    """Note that a web process has started: what fails from now on is no first start."""
    if _MARK in os.environ:
        Path(os.environ[_MARK]).unlink(missing_ok=True)


def _told(error: Exception) -> int:
    """Print the error as commands do, and return their exit code for it."""

    def again() -> None:
        raise error

    try:
        return exit_code_of(again)
    except Exception:  # noqa: BLE001 - whatever else stops the start is told with its place
        traceback.print_exception(error)
        return FAILED
