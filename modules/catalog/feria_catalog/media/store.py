"""From a stranger's file to a stored picture, and from a stored picture to nothing."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import structlog

from feria_catalog.media import registry, workshop
from feria_catalog.media.keys import TYPES, WIDTHS, derived_keys, key_of, scaled_key
from feria_catalog.media.registry import StoredFile
from feria_catalog.media.storage.chosen import storage
from feria_catalog.settings import CatalogSettings
from feria_core import clock
from feria_core.http.bodies import TooLarge
from feria_core.runtime import settings

log = structlog.get_logger("feria.media")

SWEEP_BATCH = 50
SWEEP_FOR_S = 120.0


async def store_file(source: Path) -> StoredFile:
    """Store the picture in `source`, re-encoded, with all its widths; what is stored already is not written again.

    Nothing refers to it yet: take it into use within `media_grace_hours`. Not for a transaction. Raises
    UnsupportedMediaType, NotAnImage, UnsafeImage, ImageTooLarge; Unavailable, StorageUnavailable.
    """
    async with work_folder() as folder:
        made = await workshop.prepare(source, folder)
        original = folder / "original.webp"
        key = await asyncio.to_thread(key_of, original)
        stored = StoredFile(key, made.width, made.height, original.stat().st_size)
        await registry.announce(stored)
        await _put_all(key, folder, made.kinds)
    return stored


async def store_bytes(data: bytes) -> StoredFile:
    """Store a picture that is in memory; as `store_file`, and TooLarge past `media_max_bytes`."""
    if len(data) > (most := settings(CatalogSettings).media_max_bytes):
        raise TooLarge(f"A picture may have at most {most} bytes.")
    async with work_folder() as folder:
        source = folder / "source"
        await asyncio.to_thread(source.write_bytes, data)
        return await store_file(source)


async def _put_all(key: str, folder: Path, kinds: tuple[str, ...]) -> None:
    """Store the original last: where it is, everything is."""
    files = storage()
    if await files.size(key) is not None:
        return
    for width in WIDTHS:
        for kind in kinds:
            await files.put(scaled_key(key, width, kind), folder / f"{width}.{kind}", content_type=TYPES[kind])
    await files.put(key, folder / "original.webp", content_type=TYPES["webp"])


@asynccontextmanager
async def work_folder() -> AsyncIterator[Path]:
    """Give an empty folder that is gone afterwards."""
    folder = await asyncio.to_thread(tempfile.TemporaryDirectory, prefix="feria-media-", ignore_cleanup_errors=True)
    try:
        yield Path(folder.name)
    finally:
        folder.cleanup()


async def sweep() -> int:
    """Remove files that nothing has referred to for `media_grace_hours`; return how many pictures went.

    Stops after two minutes; the next run goes on.
    """
    before = clock.now() - timedelta(hours=settings(CatalogSettings).media_grace_hours)
    until = time.monotonic() + SWEEP_FOR_S
    removed = 0
    while time.monotonic() < until and (keys := await registry.doom(before, limit=SWEEP_BATCH)):
        for key in keys:
            await remove(key)
        removed += len(keys)
    await storage().tidy()
    return removed


async def remove(key: str) -> None:
    """Remove a doomed picture: the original first, so that what is left over is never taken for whole."""
    files = storage()
    for each in (key, *derived_keys(key)):
        await files.delete(each)
    await registry.forget(key)
    log.info("media.removed", key=key)
