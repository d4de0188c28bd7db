"""The index of this process, as of now."""

from __future__ import annotations

from datetime import datetime, timedelta

from feria_catalog import proved
from feria_catalog.facets.index import FacetIndex
from feria_catalog.facets.loading import Loaded, load, refresh
from feria_catalog.pricing import current as prices
from feria_core import cache, clock


class Copy(proved.Copy[FacetIndex]):
    """The index of one application."""

    def __init__(self) -> None:
        super().__init__()
        self.loaded: Loaded | None = None

    @property
    def price_until(self) -> datetime | None:
        """Until when the prices that the index knows hold."""
        return self.loaded.price_until if self.loaded is not None else None

    async def _look(self) -> FacetIndex:
        if self.loaded is not None and await refresh(self.loaded):
            return self.loaded.index
        self.loaded = None
        loaded = await load()
        while not await refresh(loaded):
            loaded = await load()
        self.loaded = loaded
        return loaded.index


_copy = proved.PerApplication(Copy)


async def current() -> FacetIndex:
    """Return this process's index as of now: nothing in it is older than this call. Use it before the next `await`.

    An answer that is being made is kept no longer than until the next product is published or ends, or the next price
    does.
    """
    # A little early, for callers that took the time before they asked for the index.
    asked = clock.now() - timedelta(seconds=1)
    copy = _copy.get()
    index = await copy.current()
    if copy.price_until is not None and copy.price_until <= clock.now() and await prices.catch_up():
        index = await copy.current()
    cache.until(index.schedule.next_edge(asked))
    cache.until(copy.price_until)
    return index
