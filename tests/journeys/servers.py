"""Real processes for journeys: servers, web, workers; everything ends with the test."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil

FERIA = [sys.executable, "-m", "feria_core.cli"]


def wait_for(holds: Callable[[], bool], *, within_s: float, what: str) -> None:
    """Return once `holds()` is true; fail the test with `what` otherwise."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if holds():
            return
        time.sleep(0.05)
    raise AssertionError(f"not within {within_s} s: {what}")


def answers(url: str) -> bool:
    """Return True where a GET gets 200."""
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
        return bool(answer.status == 200)
    return False


@contextmanager
def feria(*arguments: str, environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a `feria` command until the block ends; its output is in `log`."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            [*FERIA, *arguments], env={**os.environ, **environment}, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(40)
        except subprocess.TimeoutExpired:
            for child in psutil.Process(process.pid).children(recursive=True):
                child.kill()
            process.kill()
            process.wait()


def descendants(process: subprocess.Popen[bytes], containing: str) -> list[psutil.Process]:
    """Return the processes below `process` whose command line contains `containing`."""
    found = []
    for child in psutil.Process(process.pid).children(recursive=True):
        with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
            if containing in " ".join(child.cmdline()):
                found.append(child)
    return found
