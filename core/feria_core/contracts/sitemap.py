"""Pages of the site that search engines shall know: what modules contribute to /sitemap.xml."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from feria_core.ports import Port

# Of the protocol at sitemaps.org; a file of so many addresses of this length stays below its 50 MB too.
MAX_URLS = 50_000
MAX_PATH = 600


@dataclass(frozen=True)
class SitemapPage:
    """A file of the index, `/sitemaps/<kind>-<number>.xml`: its number, and when anything in it has changed last."""

    number: int
    changed_at: datetime | None = None


@dataclass(frozen=True)
class SitemapUrl:
    """A page of the site: its path from `/` on, not escaped, of at most MAX_PATH characters."""

    path: str
    changed_at: datetime | None = None


class SitemapSource(Protocol):
    """The pages of one kind that anybody may see now; contributed by `kind`, words of a-z with hyphens between.

    `tags` are those that its writes touch in the response cache.
    """

    @property
    def kind(self) -> str: ...

    @property
    def tags(self) -> tuple[str, ...]: ...

    async def pages(self) -> Sequence[SitemapPage]:
        """Return the files that are not empty."""
        ...

    async def urls(self, number: int) -> Sequence[SitemapUrl]:
        """Return at most MAX_URLS pages of the file; none for a number that is not there."""
        ...


SITEMAP_SOURCES: Port[SitemapSource] = Port("sitemap_sources", version="1.0")
