"""Which files there are and whether they are of use: what keeps rows from pointing at files that are gone.

A row is written before its file. Who takes a file into use touches its row in the same transaction; the sweep marks
a row that nothing refers to, removes the files, then the row. Both change the same row, so they never pass each
other; a mark that is older than the sweep can run belongs to a process that died.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from feria_catalog.media.errors import StorageUnavailable
from feria_core import clock, db

# Longer than the job of the sweep may run.
DOOMED_FOR = timedelta(minutes=15)
TOUCH_TRIES = 25
TOUCH_PAUSE_S = 0.2

_TOUCH = """
INSERT INTO catalog_media_file AS f (key, width, height, bytes, touched_at) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (key) DO UPDATE SET touched_at = excluded.touched_at, doomed_at = NULL,
    bytes = coalesce(f.bytes, excluded.bytes)
WHERE f.doomed_at IS NULL OR f.doomed_at < $6
RETURNING key
"""
_ADOPT = """
INSERT INTO catalog_media_file AS f (key, width, height, touched_at)
SELECT key, width, height, $4 FROM unnest($1::text[], $2::int[], $3::int[]) AS r (key, width, height)
ON CONFLICT (key) DO UPDATE SET touched_at = excluded.touched_at WHERE f.doomed_at IS NULL
RETURNING key
"""
_USE = "UPDATE catalog_media_file SET touched_at = $2 WHERE key = ANY($1::text[]) AND doomed_at IS NULL"
_LOCK = "SELECT key FROM catalog_media_file WHERE key = ANY($1::text[]) ORDER BY key FOR NO KEY UPDATE"
# The time is looked at again once the row is locked: a file that was taken into use meanwhile is left alone.
_DOOM = """
UPDATE catalog_media_file SET doomed_at = $1 WHERE key IN (
    SELECT f.key FROM catalog_media_file f
    WHERE f.touched_at < $2 AND (f.doomed_at IS NULL OR f.doomed_at < $3)
        AND NOT EXISTS (SELECT FROM catalog_media m WHERE m.key = f.key)
        AND NOT EXISTS (SELECT FROM catalog_media_use u WHERE u.key = f.key)
    ORDER BY f.touched_at, f.key LIMIT $4 FOR UPDATE SKIP LOCKED)
RETURNING key
"""


@dataclass(frozen=True)
class StoredFile:
    """A stored original: sizes in pixels and bytes."""

    key: str
    width: int
    height: int
    bytes: int | None


async def announce(file: StoredFile) -> None:
    """Write that `file` is about to be stored. Raises StorageUnavailable where it is just being removed."""
    for _ in range(TOUCH_TRIES):
        now = clock.now()
        if await db.fetch_value(_TOUCH, file.key, file.width, file.height, file.bytes, now, now - DOOMED_FOR):
            return
        await asyncio.sleep(TOUCH_PAUSE_S)
    raise StorageUnavailable("The same picture is just being removed: send it again in a moment.")


async def lock(keys: Collection[str]) -> None:
    """Lock the rows of these files, in the order in which everybody does."""
    await db.fetch_all(_LOCK, list(keys))


async def take_into_use(keys: Collection[str]) -> None:
    """Keep the files from being swept; call in the transaction that writes what refers to them.

    Raises StorageUnavailable where one of them is not stored (any more): store it again.
    """
    db.require_transaction("take_into_use()")
    await lock(keys)
    if await db.execute(_USE, list(keys), clock.now()) < len(set(keys)):
        raise StorageUnavailable("The picture is not stored any more: send it again.")


async def give_up(keys: Collection[str]) -> None:
    """Let the time run after which the files go, where nothing else refers to them."""
    if keys:
        await lock(keys)
        await db.execute(_USE, list(keys), clock.now())


async def doom(before: datetime, *, limit: int) -> Sequence[str]:
    """Mark and return keys that nothing refers to and that were last touched before then."""
    now = clock.now()
    return [row["key"] for row in await db.fetch_all(_DOOM, now, before, now - DOOMED_FOR, limit)]


async def forget(key: str) -> None:
    """Delete the row of a doomed file."""
    await db.execute("DELETE FROM catalog_media_file WHERE key = $1 AND doomed_at IS NOT NULL", key)


async def adopt(files: Collection[StoredFile]) -> None:
    """Take files into use, those too that no row tells of yet; raises as `take_into_use`."""
    db.require_transaction("adopt()")
    wanted = {file.key: file for file in files}
    rows = [(file.key, file.width, file.height) for file in sorted(wanted.values(), key=lambda file: file.key)]
    if rows and len(await db.fetch_all(_ADOPT, *zip(*rows, strict=True), clock.now())) < len(rows):
        raise StorageUnavailable("A picture is just being removed: repeat the change in a moment.")
