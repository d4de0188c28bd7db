"""Hearing from PostgreSQL which answers a commit made stale, in whatever process it happened."""

from __future__ import annotations

import asyncio
from typing import Any

import orjson
import structlog

from feria_core._internal.database import CHANNEL
from feria_core._internal.migrations import connect
from feria_core.http.response_cache import ResponseCache

# A beat over the same connection proves that everything announced before it has arrived: with both below,
# nothing older than BEAT_S + PATIENCE_S is ever served from memory.
BEAT_S = 1.0
PATIENCE_S = 2.0

log = structlog.get_logger("feria.cache")


class CacheBus:
    """Keeps one connection listening; while it is lost, the cache is not trusted."""

    def __init__(self, url: str, cache: ResponseCache) -> None:
        self._url = url
        self._cache = cache
        self._task: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    async def start(self) -> None:
        """Begin to listen, and wait (at most five seconds) until it works, so that a first request is kept."""
        self._task = asyncio.create_task(self._run(), name="cache-bus")
        try:
            async with asyncio.timeout(5):
                await self._listening.wait()
        except TimeoutError:
            log.warning("cache.not_listening")

    async def stop(self) -> None:
        """Stop listening; nothing is served from memory afterwards."""
        self._cache.is_trusted = False
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self) -> None:
        while True:
            try:
                await self._listen()
            except Exception as error:  # noqa: BLE001 - whatever broke the channel, memory may be stale from here
                log.warning("cache.channel_lost", error=type(error).__name__)
            await asyncio.sleep(BEAT_S)

    async def _listen(self) -> None:
        connection = await connect(self._url)
        try:
            await connection.add_listener(CHANNEL, self._heard)
            self._cache.clear()
            self._cache.is_trusted = True
            self._listening.set()
            while True:
                await asyncio.sleep(BEAT_S)
                async with asyncio.timeout(PATIENCE_S):
                    await connection.fetchval("SELECT 1")
        finally:
            self._cache.is_trusted = False
            self._cache.clear()
            connection.terminate()

    def _heard(self, _connection: Any, _pid: int, _channel: str, payload: str) -> None:
        self._cache.drop(orjson.loads(payload))
