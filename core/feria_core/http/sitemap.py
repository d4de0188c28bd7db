"""What crawlers ask for: robots.txt, and the sitemap that the modules' sources make together."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from urllib.parse import quote
from xml.sax.saxutils import escape

from feria_core.auth import PUBLIC
from feria_core.cache import Cached, tag
from feria_core.contracts.sitemap import MAX_URLS, SITEMAP_SOURCES, SitemapSource
from feria_core.errors import NotFound
from feria_core.http.blueprint import ApiBlueprint
from feria_core.http.responses import Answer
from feria_core.runtime import core_settings, registry

blueprint = ApiBlueprint("sitemap", __name__)

XML = "application/xml; charset=utf-8"
NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
# Writes make the files stale at once; the age bounds only what the clock changes.
CACHED = Cached(max_age_s=60)
_FILE = re.compile(r"([a-z]+(?:-[a-z]+)*)-([0-9]{1,9})\.xml")


@blueprint.endpoint("GET", "/robots.txt", access=PUBLIC, cached=Cached(max_age_s=3600), media_types=("text/plain",))
async def robots() -> Answer:
    """What crawlers may read, and where the sitemap is."""
    text = f"User-agent: *\nDisallow: /api/\nDisallow: /admin/\nAllow: /\n\nSitemap: {_base()}/sitemap.xml\n"
    return Answer(text, content_type="text/plain; charset=utf-8")


@blueprint.endpoint("GET", "/sitemap.xml", access=PUBLIC, cached=CACHED, media_types=("application/xml",))
async def sitemap_index() -> Answer:
    """The index of the sitemap's files."""
    entries = []
    for source in registry().all(SITEMAP_SOURCES):
        tag(*source.tags)
        entries += [
            _entry("sitemap", f"/sitemaps/{source.kind}-{page.number}.xml", page.changed_at)
            for page in await source.pages()
        ]
    return _document("sitemapindex", entries)


@blueprint.endpoint("GET", "/sitemaps/<name>", access=PUBLIC, cached=CACHED, media_types=("application/xml",))
async def sitemap_file(name: str) -> Answer:
    """One file of the sitemap: at most 50,000 addresses."""
    matched = _FILE.fullmatch(name)
    source = _source(matched[1]) if matched else None
    if matched is None or source is None:
        raise NotFound("There is no such sitemap: /sitemap.xml names all.")
    tag(*source.tags)
    urls = await source.urls(int(matched[2]))
    if not urls:
        raise NotFound("There is no such sitemap: /sitemap.xml names all.")
    return _document("urlset", [_entry("url", url.path, url.changed_at) for url in urls[:MAX_URLS]])


def _source(kind: str) -> SitemapSource | None:
    return next((source for source in registry().all(SITEMAP_SOURCES) if source.kind == kind), None)


def _entry(element: str, path: str, changed_at: datetime | None) -> str:
    address = escape(_base() + quote(path, safe="/-._~", errors="replace"))
    changed = f"<lastmod>{changed_at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod>" if changed_at else ""
    return f"<{element}><loc>{address}</loc>{changed}</{element}>\n"


def _document(element: str, entries: Iterable[str]) -> Answer:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n<{element} xmlns="{NAMESPACE}">\n{"".join(entries)}</{element}>\n'
    return Answer(text, content_type=XML)


def _base() -> str:
    return core_settings().public_url.rstrip("/")
