"""The pool of PostgreSQL's connections: nobody waits for ever, and a statement costs no detour.

It reaches into asyncpg's own pool, of the version that the lock names; the tests of transactions hold it to that.
"""

from __future__ import annotations

import asyncio
import time
from typing import Any

import asyncpg
import structlog
from asyncpg.exceptions import InvalidCachedStatementError, OutdatedSchemaCacheError
from asyncpg.pool import PoolConnectionProxy

log = structlog.get_logger("feria.database")

# A connection that nobody has used for so long is closed.
UNUSED_S = 300.0


class Connection(asyncpg.Connection):  # type: ignore[misc]
    """A pooled connection that is handed back without a round trip.

    asyncpg resets session state (SET, LISTEN, advisory locks) at every release. Nothing in Feria leaves session
    state on a pooled connection (listeners and locks have connections of their own), and a list of products
    would otherwise cost two round trips instead of one.
    """

    slow_ms: float = 500.0
    free_since: float = 0.0

    def get_reset_query(self) -> str:
        return ""

    async def _execute(
        self,
        query: str,
        args: Any,
        limit: int,
        timeout: float | None,  # noqa: ASYNC109 - asyncpg's own signature
        *,
        return_status: bool = False,
        **how: Any,
    ) -> Any:
        # What is prepared here already is run as asyncpg does it at last, four coroutines on; the rest takes that way.
        is_plain = timeout is None and not self._query_loggers and not any(how.values())
        prepared = self._stmt_cache.get((query, asyncpg.Record, False)) if is_plain else None
        if prepared is not None:
            began = time.monotonic()
            try:
                return await self._protocol.bind_execute(
                    state=prepared, args=args, portal_name="", limit=limit, return_extra=return_status, timeout=None
                )
            except OutdatedSchemaCacheError:
                await self.reload_schema_state()
                raise
            except InvalidCachedStatementError:
                # A migration has changed what the statement gives: nothing has run, and it is to be prepared anew.
                self._drop_global_statement_cache()
                if self._protocol.is_in_transaction():
                    raise
            finally:
                self._time(query, began)
        return await super()._execute(query, args, limit, timeout, return_status=return_status, **how)

    async def _do_execute(self, query: str, *arguments: Any, **options: Any) -> Any:
        # Timed here and not by a query logger: for those asyncpg makes a record and a callback of every statement.
        began = time.monotonic()
        try:
            return await super()._do_execute(query, *arguments, **options)
        finally:
            self._time(query, began)

    def _time(self, query: str, began: float) -> None:
        """Log a statement that took long; its values are never logged."""
        elapsed_ms = (time.monotonic() - began) * 1000
        if elapsed_ms >= self.slow_ms:
            log.warning("database.slow_query", ms=round(elapsed_ms), sql=" ".join(query.split())[:500])

    @property
    def is_clean(self) -> bool:
        """True where handing the connection back waits for nothing."""
        return not (self.is_closed() or self.is_in_transaction() or self._protocol._is_cancelling())  # noqa: SLF001


class BoundedPool(asyncpg.Pool):  # type: ignore[misc]
    """A pool in which nobody waits for ever, and which lends a free connection and takes it back without a detour.

    asyncpg's own way passes five coroutines, two timers and a task for each statement: more work than the statement.
    So a look at all connections, now and then, closes what nobody has used for long, and not a timer for each.
    """

    wait_s: float = 10.0
    _looks: asyncio.TimerHandle | None = None

    def close_unused(self) -> None:
        """Close what has been free for `UNUSED_S`, down to the least size, and look again in a while."""
        self._looks = self._loop.call_later(UNUSED_S / 5, self.close_unused)
        since = time.monotonic() - UNUSED_S
        for holder in self._holders:
            is_free = holder.is_connected() and holder.is_idle()
            if is_free and holder._con.free_since < since and self.get_size() > self.get_min_size():  # noqa: SLF001
                holder.terminate()

    async def close(self) -> None:
        self._end_looks()
        await super().close()

    def terminate(self) -> None:
        self._end_looks()
        super().terminate()

    def _end_looks(self) -> None:
        if self._looks is not None:
            self._looks.cancel()

    def acquire(self, *, timeout: float | None = None) -> Any:
        if timeout is None and not self.get_idle_size():
            timeout = self.wait_s
        return super().acquire(timeout=timeout)

    async def release(self, connection: Any, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncpg's own signature
        if connection._con is None:  # noqa: SLF001
            await super().release(connection, timeout=timeout)
        else:
            await take_back(connection._holder)  # noqa: SLF001

    async def lend(self) -> Any:
        """Return the holder of a connection. Raises TimeoutError where none is free in time."""
        return self._free_one() or (await self.acquire())._holder  # noqa: SLF001

    def _free_one(self) -> Any:
        """Return the holder of a connection that is there and free, or None."""
        if self._closing or self._queue.empty():
            return None
        holder = self._queue.get_nowait()  # those with a connection first
        if not holder.is_connected() or holder._generation != self._generation:  # noqa: SLF001
            self._queue.put_nowait(holder)
            return None
        # By its proxy a connection tells the others that prepared statements have aged.
        holder._proxy = PoolConnectionProxy(holder, holder._con)  # noqa: SLF001
        holder._in_use = self._loop.create_future()  # noqa: SLF001
        return holder


async def take_back(holder: Any) -> None:
    """Make a connection that was lent free for others: as it is where it is clean, else as asyncpg does it."""
    connection = holder._con  # noqa: SLF001
    if connection is None:
        return  # closed meanwhile, and given back with that
    connection._pool_release_ctr += 1  # noqa: SLF001 - what was prepared on it is nobody's now
    is_old = holder._generation != holder._pool._generation  # noqa: SLF001
    if is_old or not connection.is_clean or connection._protocol.queries_count >= holder._max_queries:  # noqa: SLF001
        await asyncio.shield(holder.release(None))  # a reset can be cancelled half-way
        return
    connection.free_since = time.monotonic()
    holder._release()  # noqa: SLF001


def bare(connection: Any) -> Any:
    """Return the connection itself where a pool has lent it in a proxy, whose every call costs a detour."""
    return getattr(connection, "_con", connection)
