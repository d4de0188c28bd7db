"""Widths that an original does not have yet: made when the first of them is asked for, then stored."""

from __future__ import annotations

import asyncio

from feria_catalog.media import store, workshop
from feria_catalog.media.keys import TYPES, WIDTHS, scaled_key
from feria_catalog.media.storage.chosen import storage

# One maker for each picture in a process; who asks meanwhile waits for it.
_making: dict[tuple[str, str], asyncio.Task[bool]] = {}


async def make(key: str, kind: str) -> bool:
    """Store the picture `key` at all widths as `kind`; False where there is no such original.

    Uploads have all widths from the beginning; drawn pictures and those of before 0.2 get them here. Raises
    Unavailable where too many pictures wait.
    """
    task = _making.get((key, kind))
    if task is None:
        task = asyncio.create_task(_make(key, kind))
        _making[key, kind] = task
        task.add_done_callback(lambda done: _forget((key, kind), done))
    return await asyncio.shield(task)


def _forget(what: tuple[str, str], done: asyncio.Task[bool]) -> None:
    _making.pop(what, None)
    if not done.cancelled():
        done.exception()  # seen, also where everybody who waited has gone


async def _make(key: str, kind: str) -> bool:
    files = storage()
    original = await files.get(key)
    if original is None:
        return False
    async with store.work_folder() as folder:
        source = folder / "source"
        await asyncio.to_thread(source.write_bytes, await original.read())
        await workshop.scale(source, folder, kind)
        for width in WIDTHS:
            await files.put(scaled_key(key, width, kind), folder / f"{width}.{kind}", content_type=TYPES[kind])
    if await files.size(key) is not None:
        return True
    # The original was swept meanwhile: nobody would ever come for these.
    for width in WIDTHS:
        await files.delete(scaled_key(key, width, kind))
    return False
