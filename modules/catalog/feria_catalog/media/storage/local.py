"""Files on a disk."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import ParamSpec, TypeVar
from uuid import uuid4

from feria_catalog.media.errors import StorageUnavailable
from feria_catalog.media.storage import Stored, checked

P = ParamSpec("P")
R = TypeVar("R")

CHUNK_BYTES = 256 * 1024
# Writes in progress lie here: on the same file system, out of reach of every key.
PART_FOLDER = ".parts"
ABANDONED_AFTER_S = 86_400


class LocalStorage:
    """Files below `folder`, which is made with the first of them."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, source: Path, *, content_type: str) -> None:
        del content_type
        await _off_loop(_copy, source, self._folder / PART_FOLDER, self._path(key))

    async def get(self, key: str) -> Stored | None:
        size = await self.size(key)
        return None if size is None else Stored(size, _chunks(self._path(key)))

    async def size(self, key: str) -> int | None:
        path = self._path(key)
        return await _off_loop(lambda: path.stat().st_size if path.is_file() else None)

    async def delete(self, key: str) -> None:
        await _off_loop(self._path(key).unlink, missing_ok=True)

    async def keys(self, prefix: str = "") -> AsyncIterator[str]:
        root = self._path(prefix) if prefix else self._folder
        for path in await _off_loop(_files, root):
            yield path.relative_to(self._folder).as_posix()

    async def tidy(self) -> None:
        await _off_loop(_remove_abandoned, self._folder / PART_FOLDER, time.time() - ABANDONED_AFTER_S)

    def _path(self, key: str) -> Path:
        return self._folder / checked(key)


async def _off_loop(work: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    def translated() -> R:
        with _disk_errors():
            return work(*args, **kwargs)

    return await asyncio.to_thread(translated)


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(f"The disk of pictures fails ({error.strerror}): try again in a moment.") from error


def _copy(source: Path, parts: Path, target: Path) -> None:
    """Write beside, flush to the disk, then rename: a reader sees the whole file or none."""
    parts.mkdir(parents=True, exist_ok=True)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = parts / uuid4().hex
    try:
        with source.open("rb") as given, part.open("xb") as written:
            shutil.copyfileobj(given, written)
            written.flush()
            os.fsync(written.fileno())
        part.replace(target)
        _sync_folder(target.parent)
    finally:
        part.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


async def _chunks(path: Path) -> AsyncIterator[bytes]:
    file = await _off_loop(path.open, "rb")
    try:
        while chunk := await _off_loop(file.read, CHUNK_BYTES):
            yield bytes(chunk)
    finally:
        file.close()


def _files(root: Path) -> list[Path]:
    found = root.rglob("*") if root.is_dir() else ()
    return [path for path in found if path.is_file() and PART_FOLDER not in path.parts]


def _remove_abandoned(parts: Path, before: float) -> None:
    for part in parts.iterdir() if parts.is_dir() else ():
        if part.stat().st_mtime < before:
            part.unlink(missing_ok=True)
