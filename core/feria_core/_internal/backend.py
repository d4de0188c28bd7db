"""Tortoise's asyncpg backend with the three things that a busy shop needs of its pool.

Tortoise loads it through the `engine` of the connection, its own way to exchange a backend.
"""

from __future__ import annotations

import time
from typing import Any, cast

import asyncpg
import structlog
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionContextPooled
from tortoise.connection import get_connections

log = structlog.get_logger("feria.database")


class Connection(asyncpg.Connection):  # type: ignore[misc]
    """A pooled connection that is handed back without a round trip.

    asyncpg resets session state (SET, LISTEN, advisory locks) at every release. Nothing in Feria leaves session
    state on a pooled connection (listeners and locks have connections of their own), and a list of products
    would otherwise cost two round trips instead of one.
    """

    slow_ms: float = 500.0

    def get_reset_query(self) -> str:
        return ""

    async def _do_execute(self, query: str, *arguments: Any, **options: Any) -> Any:
        # Timed here and not by a query logger: for those asyncpg makes a record and a callback of every statement.
        began = time.monotonic()
        try:
            return await super()._do_execute(query, *arguments, **options)
        finally:
            elapsed_ms = (time.monotonic() - began) * 1000
            if elapsed_ms >= self.slow_ms:
                _note(query, elapsed_ms)

    @property
    def is_clean(self) -> bool:
        """True where handing the connection back waits for nothing."""
        return not (self.is_closed() or self.is_in_transaction() or self._protocol._is_cancelling())  # noqa: SLF001


class BoundedPool(asyncpg.Pool):  # type: ignore[misc]
    """A pool in which nobody waits for ever, and which takes a free connection and gets it back without a timer."""

    wait_s: float = 10.0

    def acquire(self, *, timeout: float | None = None) -> Any:
        if timeout is None and not self.get_idle_size():
            timeout = self.wait_s
        return super().acquire(timeout=timeout)

    async def release(self, connection: Any, *, timeout: float | None = None) -> None:  # noqa: ASYNC109 - asyncpg's own signature
        lent = connection._con  # noqa: SLF001
        if lent is None or not lent.is_clean:
            await super().release(connection, timeout=timeout)
            return
        # asyncpg shields this with a task, since a reset can be cancelled half-way; here nothing is waited for.
        lent._on_release()  # noqa: SLF001
        await connection._holder.release(None)  # noqa: SLF001


class SafeTransaction(TransactionContextPooled):
    """Give the connection back where BEGIN itself fails; Tortoise would lose it from the pool."""

    async def __aenter__(self) -> Any:
        try:
            return await super().__aenter__()
        except BaseException:
            client = cast("Any", self.client)
            if client._connection is not None:  # noqa: SLF001
                await client._parent._pool.release(client._connection)  # noqa: SLF001
            if hasattr(self, "token"):
                get_connections().reset(self.token)
            raise


class Client(AsyncpgDBClient):
    """The connection of the whole application; `wait_s` and `slow_query_ms` come with its credentials."""

    connection_class = Connection

    async def create_pool(self, **kwargs: Any) -> asyncpg.Pool:
        wait_s, slow_ms = kwargs.pop("wait_s", 10.0), kwargs.pop("slow_query_ms", 500)

        async def watch(connection: Any) -> None:
            bare(connection).slow_ms = slow_ms

        defaults = {
            "init": watch,
            "setup": None,
            "max_queries": 50_000,
            "max_inactive_connection_lifetime": 300.0,
            "record_class": asyncpg.Record,
            "loop": None,
            "connect": None,
            "reset": None,
        }
        pool = BoundedPool(None, **{**defaults, **kwargs})
        pool.wait_s = wait_s
        return await pool

    def _in_transaction(self) -> TransactionContextPooled:
        return SafeTransaction(TransactionWrapper(self), self._pool_init_lock)


def bare(connection: Any) -> Any:
    """Return the connection itself where a pool has lent it in a proxy, whose every call costs a detour."""
    return getattr(connection, "_con", connection)


def _note(query: str, elapsed_ms: float) -> None:
    """Log a slow statement; its values are never logged."""
    log.warning("database.slow_query", ms=round(elapsed_ms), sql=" ".join(query.split())[:500])


client_class = Client
