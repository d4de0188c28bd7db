"""What a web process does beside answering: it loads its copy of the facets, and writes down what was searched for."""

from __future__ import annotations

import asyncio

import asyncpg
import structlog

from feria_catalog.facets.current import current
from feria_catalog.search import log as search_log

log = structlog.get_logger("feria.catalog")

_warming: asyncio.Task[None] | None = None


async def start() -> None:
    """Begin to load the facets, so that the first list finds them there or on their way."""
    global _warming  # noqa: PLW0603 - the one warm-up of the process
    _warming = asyncio.create_task(_warm())


async def stop() -> None:
    """End the warm-up, and write the searches that were counted."""
    if _warming is not None:
        _warming.cancel()
        await asyncio.wait([_warming])
    await search_log.stop()


async def _warm() -> None:
    try:
        await current()
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        # The first list loads them instead, and tells whoever asks for it what is wrong.
        log.warning("facets.not_warmed", error=type(error).__name__)
