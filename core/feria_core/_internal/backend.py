"""Tortoise's asyncpg backend on the pool of this application.

Tortoise loads it through the `engine` of the connection, its own way to exchange a backend.
"""

from __future__ import annotations

from typing import Any, cast

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import TransactionContextPooled
from tortoise.connection import get_connections
from tortoise.exceptions import TransactionManagementError

from feria_core._internal.pool import BoundedPool, Connection, bare, take_back


class SafeTransaction(TransactionContextPooled):
    """A transaction on a connection that goes back to the pool whatever happens, BEGIN's own failure included."""

    async def __aenter__(self) -> Any:
        client = cast("Any", self.client)
        self._holder = await client._parent.lend()  # noqa: SLF001
        client._connection = self._holder._con  # noqa: SLF001
        self.token = get_connections().set(self.connection_name, client)
        try:
            await client.begin()
        except BaseException:
            await self._end()
            raise
        return client

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        client = cast("Any", self.client)
        try:
            if client._finalized:  # noqa: SLF001
                return
            if kind is None:
                await client.commit()
            elif kind is not TransactionManagementError:  # one that failed already cannot be rolled back
                await client.rollback()
        finally:
            await self._end()

    async def _end(self) -> None:
        get_connections().reset(self.token)
        await take_back(self._holder)


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
            "max_inactive_connection_lifetime": 0.0,
            "record_class": asyncpg.Record,
            "loop": None,
            "connect": None,
            "reset": None,
        }
        pool = BoundedPool(None, **{**defaults, **kwargs})
        pool.wait_s = wait_s
        await pool
        pool.close_unused()
        return pool

    async def lend(self) -> Any:
        """Return the holder of a connection, which is at its `_con`; give it to `take_back`.

        Raises TimeoutError where none is free in time, OSError where there is no server.
        """
        if self._pool is None:
            async with self._pool_init_lock:
                if self._pool is None:
                    await self.create_connection(with_db=True)
        return await cast("BoundedPool", self._pool).lend()

    def _in_transaction(self) -> TransactionContextPooled:
        return SafeTransaction(TransactionWrapper(self), self._pool_init_lock)


client_class = Client
