"""Having pictures made: each in a short-lived process of its own, some at a time, the others wait."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import structlog

from feria_catalog.media import limits
from feria_catalog.media.errors import ImageTooLarge, NotAnImage, UnsafeImage, UnsupportedMediaType
from feria_catalog.media.keys import WIDTHS
from feria_catalog.settings import CatalogSettings
from feria_core.errors import FeriaError, Unavailable
from feria_core.runtime import settings

log = structlog.get_logger("feria.media")

# Who comes later is told to come back instead of waiting unseen: an upload is two seconds' work, a stored picture's
# widths a quarter of a second, and a page of a new shop may ask for a hundred at once.
MOST_UPLOADS_WAITING, MOST_PICTURES_WAITING = 24, 200
REFUSALS: dict[str, type[FeriaError]] = {
    "unsupported": UnsupportedMediaType,
    "broken": NotAnImage,
    "unsafe": UnsafeImage,
    "too_large": ImageTooLarge,
}
# The process that reads strangers' files is told no more than how to start.
ENVIRONMENT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT", "TMPDIR")


@dataclass(frozen=True)
class Made:
    """What was made: the sizes of the original in pixels, the kinds in which each width was written."""

    width: int
    height: int
    kinds: tuple[str, ...]


async def prepare(source: Path, folder: Path) -> Made:
    """Write the picture of a stranger anew into `folder`: `original.webp`, and `<width>.<kind>` for all widths.

    Raises UnsupportedMediaType, NotAnImage, UnsafeImage, ImageTooLarge; Unavailable where too many wait.
    """
    task = {"source": str(source), "folder": str(folder), "widths": WIDTHS}
    return await _run(task, most_waiting=MOST_UPLOADS_WAITING)


async def scale(source: Path, folder: Path, kind: str) -> Made:
    """Write the stored original `source` at all widths into `folder` as `<width>.<kind>`; raises as `prepare`."""
    task = {"source": str(source), "folder": str(folder), "widths": WIDTHS, "kind": kind}
    return await _run(task, most_waiting=MOST_PICTURES_WAITING)


async def _run(task: dict[str, Any], *, most_waiting: int) -> Made:
    async with _place(most_waiting):
        answer = await _answer(task)
    if "refused" in answer:
        raise REFUSALS[answer["refused"]](answer["detail"])
    return Made(answer["width"], answer["height"], tuple(answer["kinds"]))


async def _answer(task: dict[str, Any]) -> dict[str, Any]:
    """Return what the process says; one that was ended, by the system or by the clock, had too much to do."""
    process = await asyncio.to_thread(_started, json.dumps(task))
    try:
        output, errors = await asyncio.to_thread(process.communicate, timeout=limits.PROCESS_WALL_S)
    except subprocess.TimeoutExpired:
        await asyncio.to_thread(_ended, process)
        return {"refused": "too_large", "detail": "The picture takes too long to read: make it smaller."}
    except BaseException:
        process.kill()  # the thread that waits for it takes leave of it
        raise
    if process.returncode == 0:
        answer: dict[str, Any] = json.loads(output)
        return answer
    log.warning("media.process_failed", code=process.returncode, error=errors.decode(errors="replace")[-1000:])
    if process.returncode < 0 or b"MemoryError" in errors:
        return {"refused": "too_large", "detail": "The picture takes too much memory or time: make it smaller."}
    return {"refused": "broken", "detail": "The picture cannot be read: export it anew."}


def _started(task: str) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
    return subprocess.Popen(  # noqa: S603 - this interpreter with a module and paths of ours
        [sys.executable, "-P", "-m", "feria_catalog.media.child", task],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment,
    )


def _ended(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.communicate()


class _Places:
    """How many work and wait in this process."""

    def __init__(self) -> None:
        self.free: asyncio.Semaphore | None = None
        self.loop: asyncio.AbstractEventLoop | None = None
        self.waiting = 0


_places = _Places()


@asynccontextmanager
async def _place(most_waiting: int) -> AsyncIterator[None]:
    """Hold one of the places for the block. Raises Unavailable where too many wait already."""
    if _places.free is None or _places.loop is not asyncio.get_running_loop():
        _places.free = asyncio.Semaphore(settings(CatalogSettings).media_processes)
        _places.loop, _places.waiting = asyncio.get_running_loop(), 0
    if _places.waiting >= most_waiting:
        raise Unavailable("Too many pictures are waiting: try again in a moment.", headers={"Retry-After": "5"})
    _places.waiting += 1
    try:
        await _places.free.acquire()
    finally:
        _places.waiting -= 1
    try:
        yield
    finally:
        _places.free.release()
