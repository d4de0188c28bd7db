"""The database: one pool a process, one transaction a use case, hand-written SQL where reads are hot.

Values always travel as `$1`, `$2`, ...; statements are assembled from constants only. The functions here and
Tortoise's models share the transaction that `transaction()` opens.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

import asyncpg
from tortoise.transactions import in_transaction

from feria_core._internal import database
from feria_core._internal.pool import bare, take_back
from feria_core.errors import Unavailable

T = TypeVar("T")
Row = Mapping[str, Any]
AfterCommit = Callable[[], Awaitable[None]]

# What PostgreSQL answers when it chose this transaction as the victim; asking again is right.
RETRYABLE = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError)


class Transaction:
    """An open transaction and what is to happen once it is committed."""

    def __init__(self, client: Any, task: asyncio.Task[Any] | None) -> None:
        self.client = client
        self.connection = bare(client._connection)  # noqa: SLF001 - one task uses it: no lock is needed
        self.task = task
        self.loop = client._connection._loop  # noqa: SLF001 - asking for the running one costs a system call
        self.after_commit: list[AfterCommit] = []
        self.tags: set[str] = set()


# Statements of the running request, for its line in the debug log.
statement_count: ContextVar[list[int] | None] = ContextVar("feria_statements", default=None)
_transaction: ContextVar[Transaction | None] = ContextVar("feria_transaction", default=None)


def current_transaction() -> Transaction | None:
    """Return the transaction of the running task, or None outside of one.

    A task that was started inside another's transaction has none of its own: that one may be over by now.
    """
    opened = _transaction.get()
    if opened is None or opened.task is not asyncio.current_task(opened.loop):
        return None
    return opened


def require_transaction(what: str) -> Transaction:
    """Return the open transaction. Raises RuntimeError: `what` would otherwise outlive a rollback."""
    opened = current_transaction()
    if opened is None:
        raise RuntimeError(f"{what} needs an open transaction: call it inside `async with transaction():`")
    return opened


def transaction() -> AbstractAsyncContextManager[Transaction]:
    """Open a transaction, or join the one that is open in this task.

    Joining means that a service of another module, asked through its port, works inside the caller's
    transaction. Raises Unavailable where no connection is free within the configured time.
    """
    return _Opening()


@asynccontextmanager
async def savepoint() -> AsyncIterator[None]:
    """Open a savepoint inside the transaction: an error in the block undoes the block alone."""
    require_transaction("savepoint()")
    async with in_transaction("default"):
        yield


async def in_new_transaction(work: Callable[[], Awaitable[T]], *, attempts: int = 3) -> T:
    """Return what `work` returns, run in a transaction of its own, again where PostgreSQL broke a deadlock."""
    for attempt in range(1, attempts + 1):
        try:
            async with transaction():
                return await work()
        except RETRYABLE:
            if attempt == attempts:
                raise
            await asyncio.sleep(0.02 * attempt)
    raise AssertionError("unreachable: the loop returns or raises")


def after_commit(callback: AfterCommit) -> None:
    """Await `callback` once the open transaction is committed; never after a rollback."""
    require_transaction("after_commit()").after_commit.append(callback)


async def fetch_all(sql: str, *values: Any) -> Sequence[Row]:
    """Return every row of the statement."""
    rows: Sequence[Row] = await _on_a_connection(lambda connection: connection.fetch(sql, *values))
    return rows


async def fetch_one(sql: str, *values: Any) -> Row | None:
    """Return the first row of the statement, or None."""
    row: Row | None = await _on_a_connection(lambda connection: connection.fetchrow(sql, *values))
    return row


async def fetch_value(sql: str, *values: Any) -> Any:
    """Return the first column of the first row, or None."""
    return await _on_a_connection(lambda connection: connection.fetchval(sql, *values))


async def execute(sql: str, *values: Any) -> int:
    """Run the statement; return how many rows it inserted, changed or deleted."""
    status = str(await _on_a_connection(lambda connection: connection.execute(sql, *values)))
    count = status.rpartition(" ")[2]
    return int(count) if count.isdigit() else 0


async def execute_many(sql: str, rows: Iterable[Sequence[Any]]) -> None:
    """Run the statement once for each row of values, in one round trip."""
    await _on_a_connection(lambda connection: connection.executemany(sql, rows))


async def _on_a_connection(ask: Callable[[Any], Awaitable[T]]) -> T:
    """Return what is asked of the transaction's connection, or of one of the pool that is lent for this alone.

    Every statement passes here: what is done beside it costs as much as asyncpg itself.
    """
    counter = statement_count.get()
    if counter is not None:
        counter[0] += 1
    opened = current_transaction()
    if opened is not None:
        return await ask(opened.connection)
    holder = await _waited_for(database.pool().lend())
    try:
        return await ask(holder._con)  # noqa: SLF001
    finally:
        await take_back(holder)


class _Opening:
    """What `transaction()` gives; a class, since a generator with an exit stack costs more than BEGIN and COMMIT."""

    __slots__ = ("_context", "_opened", "_token")

    async def __aenter__(self) -> Transaction:
        joined, self._context = current_transaction(), None
        if joined is not None:
            return joined
        context = database.pool()._in_transaction()  # noqa: SLF001 - what Tortoise's own does
        self._opened = Transaction(await _waited_for(context.__aenter__()), asyncio.current_task())
        self._context, self._token = context, _transaction.set(self._opened)
        return self._opened

    async def __aexit__(self, *raised: object) -> None:
        if self._context is None:
            return
        opened = self._opened
        try:
            if raised[0] is None:
                await database.announce(opened.client, opened.tags)
        except BaseException:
            raised = sys.exc_info()
            raise
        finally:
            _transaction.reset(self._token)
            await self._context.__aexit__(*raised)
        if raised[0] is None:
            database.apply_locally(opened.tags)
            for callback in opened.after_commit:
                await callback()


async def _waited_for(connected: Awaitable[T]) -> T:
    """Return what is awaited; a pool without a free connection in time, or without a server, is a 503, not a hang."""
    try:
        return await connected
    except OSError as error:  # a TimeoutError is one too
        raise Unavailable(
            "No database connection was to be had in time: try again in a moment.", headers={"Retry-After": "1"}
        ) from error
