"""The index of this process, as of now."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from feria_catalog.facets.index import FacetIndex
from feria_catalog.facets.loading import Loaded, load, refresh
from feria_catalog.pricing import current as prices
from feria_core import cache, clock, runtime


@dataclass
class Copy:
    """The index of one application; looks at the tables are shared by all who asked before they began."""

    loaded: Loaded | None = None
    running: asyncio.Task[FacetIndex] | None = None
    waiting: asyncio.Task[FacetIndex] | None = None

    @property
    def price_until(self) -> datetime | None:
        """Until when the prices that the index knows hold."""
        return self.loaded.price_until if self.loaded is not None else None

    async def current(self) -> FacetIndex:
        """Return the index with everything that was committed before the call.

        It must be used before the next `await`: others bring it up to date in place.
        """
        if self.waiting is None:
            self.waiting = asyncio.create_task(self._next(self.running))
        return await asyncio.shield(self.waiting)

    async def _next(self, before: asyncio.Task[FacetIndex] | None) -> FacetIndex:
        if before is not None:
            await asyncio.wait([before])
        self.running, self.waiting = self.waiting, None
        if self.loaded is not None and await refresh(self.loaded):
            return self.loaded.index
        self.loaded = None
        loaded = await load()
        while not await refresh(loaded):
            loaded = await load()
        self.loaded = loaded
        return loaded.index


_copies: list[tuple[runtime.Runtime, Copy]] = []


async def current() -> FacetIndex:
    """Return this process's index as of now: nothing in it is older than this call. Use it before the next `await`.

    An answer that is being made is kept no longer than until the next product is published or ends, or the next price
    does.
    """
    # A little early, for callers that took the time before they asked for the index.
    asked = clock.now() - timedelta(seconds=1)
    copy = _copy()
    index = await copy.current()
    if copy.price_until is not None and copy.price_until <= clock.now() and await prices.catch_up():
        index = await copy.current()
    cache.until(index.schedule.next_edge(asked))
    cache.until(copy.price_until)
    return index


def _copy() -> Copy:
    """Return the copy of the running application: another one may have another database."""
    application = runtime.current()
    if not _copies or _copies[0][0] is not application:
        _copies[:] = [(application, Copy())]
    return _copies[0][1]
