"""What is searched for, counted by day without who asked.

It is a statistic: counted in the process, written some seconds later; what a crash loses is lost. Answers out of the
response cache are not counted.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import asyncpg
import structlog

from feria_catalog.search.plan import Typed
from feria_core import clock, db

log = structlog.get_logger("feria.catalog")

FLUSH_AFTER_S = 5.0
# Different searches between two writes: more of them are a robot.
MAX_WAITING = 1000
MAX_QUERY, MAX_SAMPLE = 200, 100
_WRITE = """
INSERT INTO catalog_search_log AS l (day, query, searches, hits, sample)
SELECT * FROM unnest($1::date[], $2::text[], $3::bigint[], $4::int[], $5::text[])
    AS g (day, query, searches, hits, sample)
ORDER BY g.query COLLATE "C", g.day
ON CONFLICT (query, day) DO UPDATE
    SET searches = l.searches + excluded.searches, hits = excluded.hits, sample = excluded.sample
"""
_SWEEP = "DELETE FROM catalog_search_log WHERE day < $1"


@dataclass
class _Count:
    searches: int
    hits: int
    sample: str


_waiting: dict[tuple[date, str], _Count] = {}
_writer: asyncio.Task[None] | None = None


def count(typed: Typed, hits: int) -> None:
    """Count one search that found so many products."""
    query = " ".join(typed.words)[:MAX_QUERY]
    if not query:
        return
    key = (clock.now().date(), query)
    found = _waiting.get(key)
    if found is None and len(_waiting) >= MAX_WAITING:
        return
    sample = " ".join(piece.text for piece in typed.pieces)[:MAX_SAMPLE]
    sample = sample.encode("utf-8", "ignore").decode().replace("\x00", "")
    _waiting[key] = _Count((found.searches if found else 0) + 1, hits, sample)
    global _writer  # noqa: PLW0603 - the one writer of the process
    if _writer is None or _writer.done():
        _writer = asyncio.create_task(_later())


async def flush() -> None:
    """Write what was counted."""
    counted: Mapping[tuple[date, str], _Count] = dict(_waiting)
    _waiting.clear()
    if counted:
        rows = [(day, query, c.searches, c.hits, c.sample) for (day, query), c in counted.items()]
        await db.execute(_WRITE, *(list(column) for column in zip(*rows, strict=True)))


async def stop() -> None:
    """Write what was counted and end the writer: the process ends."""
    if _writer is not None:
        _writer.cancel()
        await asyncio.wait([_writer])
    with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        await flush()


async def sweep(before: date) -> int:
    """Delete the counts of days before that; return how many rows."""
    return await db.execute(_SWEEP, before)


async def _later() -> None:
    await asyncio.sleep(FLUSH_AFTER_S)
    try:
        await flush()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        log.warning("searches.not_counted", error=type(error).__name__)
