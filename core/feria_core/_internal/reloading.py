"""The web process of `feria run --reload`: started anew whenever a watched file is saved."""

from __future__ import annotations

import multiprocessing
import signal
import socket
import threading
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from types import FrameType

from uvicorn.config import Config
from uvicorn.server import Server

# A process that is told to stop while it connects hears it late: saving twice must not cost the time that a request
# may take.
_STOP_AFTER_S = 1


def serve_and_watch(config: Config, listening: socket.socket, paths: Sequence[str]) -> None:
    """Serve until SIGTERM or SIGINT; a process that cannot start, for a slip in the code, waits for the next change."""
    from watchfiles import watch

    stopped = threading.Event()

    def stop(_number: int, _frame: FrameType | None) -> None:
        stopped.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    process = _started(config, listening)
    for _ in watch(*paths, stop_event=stopped):
        _end(process)
        process = _started(config, listening)
    _end(process)


def _started(config: Config, listening: socket.socket) -> BaseProcess:
    # Forked: it has the libraries that the parent has loaded.
    process = multiprocessing.get_context("fork").Process(target=Server(config).run, args=([listening],))
    process.start()
    return process


def _end(process: BaseProcess) -> None:
    process.terminate()
    process.join(_STOP_AFTER_S)
    process.kill()
    process.join()
