"""Events in the sitemap."""

from __future__ import annotations

from collections.abc import Sequence

from feria_core import cache, clock, db
from feria_core.contracts.sitemap import MAX_URLS, SitemapPage, SitemapUrl
from feria_landing.events.listing import TAG
from feria_landing.events.repository import SHOWN, next_edge

# A page counts as changed when it was published, too.
_URLS = f"""
SELECT e.slug, greatest(e.updated_at, e.publish_at) AS changed_at FROM landing_event e WHERE {SHOWN}
ORDER BY e.id LIMIT {MAX_URLS} OFFSET $2
"""
_PAGES = f"""
SELECT number, max(changed_at) AS changed_at FROM (
    SELECT (row_number() OVER (ORDER BY e.id) - 1) / {MAX_URLS} AS number,
        greatest(e.updated_at, e.publish_at) AS changed_at
    FROM landing_event e WHERE {SHOWN}) AS numbered
GROUP BY number ORDER BY number
"""


class EventSitemap:
    """The pages of the events that are shown now."""

    kind, tags = "events", (TAG,)

    async def pages(self) -> Sequence[SitemapPage]:
        """Return the files that are not empty."""
        cache.until(await next_edge(clock.now()))
        return [SitemapPage(row["number"], row["changed_at"]) for row in await db.fetch_all(_PAGES, clock.now())]

    async def urls(self, number: int) -> Sequence[SitemapUrl]:
        """Return the events of one file."""
        cache.until(await next_edge(clock.now()))
        rows = await db.fetch_all(_URLS, clock.now(), number * MAX_URLS) if number < MAX_URLS else []
        return [SitemapUrl(f"/events/{row['slug']}", row["changed_at"]) for row in rows]
