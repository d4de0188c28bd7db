"""What is made in a thread while the caller waits for PostgreSQL with what was made before."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Iterator
from contextlib import aclosing, asynccontextmanager
from typing import TypeVar

T = TypeVar("T")


@asynccontextmanager
async def ahead(made: Iterator[T]) -> AsyncIterator[AsyncIterator[T]]:
    """Give what `made` gives, one ahead: the first is begun at once, each next one while the caller works on one."""
    upcoming = asyncio.create_task(asyncio.to_thread(next, made, None))

    async def each() -> AsyncGenerator[T, None]:
        nonlocal upcoming
        while (found := await asyncio.shield(upcoming)) is not None:
            upcoming = asyncio.create_task(asyncio.to_thread(next, made, None))
            yield found

    try:
        async with aclosing(each()) as found:
            yield found
    finally:
        # A thread cannot be cancelled: wait for it, so that nobody closes a file under it. What it met is told to
        # nobody who has gone on already.
        await asyncio.wait([upcoming])
        if not upcoming.cancelled():
            upcoming.exception()
