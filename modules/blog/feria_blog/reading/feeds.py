"""The newest posts with their whole text: RSS 2.0, Atom, JSON Feed 1.1."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID
from xml.sax.saxutils import escape, quoteattr

import orjson

from feria_blog.reading import product_blocks
from feria_blog.reading.cards import COLUMNS, JOINS, NEXT_EDGE, VISIBLE, card
from feria_blog.reading.filters import Filters
from feria_blog.reading.languages import column, wished
from feria_blog.reading.page import the_site
from feria_blog.reading.seo import Site
from feria_blog.settings import BlogSettings
from feria_core import cache, clock, db
from feria_core.runtime import settings

# XML 1.0 has no way to write these.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OF_THIS_SITE = re.compile(r'(<(?:a|img)\b[^>]*?\s(?:href|src)=")(/(?!/)[^"]*)')
NEWS = {"en": "News of {}", "es": "Novedades de {}"}


@dataclass(frozen=True)
class Feed:
    """A feed before it is written: its site, its words, its posts with `html` whose addresses have their host."""

    site: Site
    title: str
    description: str
    language: str
    changed_at: datetime
    posts: Sequence[Mapping[str, Any]]
    query: str = ""

    def own(self, path: str) -> str:
        """Return the feed's own address."""
        return f"{self.site.base}{path}{self.query}"

    def page(self, post: Mapping[str, Any]) -> str:
        """Return the address of a post's page."""
        return f"{self.site.base}{post['url']}"


async def gather(filters: Filters) -> Feed:
    """Return the newest posts that are published now; one statement, and three where they show products."""
    chosen, site = settings(BlogSettings), the_site()
    values: list[Any] = [clock.now(), wished()]
    where = VISIBLE + filters.conditions(values)
    cache.until(await db.fetch_value(f"SELECT {NEXT_EDGE}", clock.now()))
    rows = await db.fetch_all(
        f"SELECT {COLUMNS}, {column('html')} AS html FROM blog_post p {JOINS} WHERE {where}"
        f" ORDER BY p.publish_at DESC, p.id DESC LIMIT {chosen.feed_posts}",
        *values,
    )
    texts: dict[UUID, str] = {row["id"]: row["html"] for row in rows}
    products = await product_blocks.shown(texts)
    posts = [{**card(row), "html": _with_hosts(site, products.fill(row["html"]))} for row in rows]
    pairs = [f"{name}={quote(value)}" for name in ("category", "tag") if (value := getattr(filters, name))]
    return Feed(
        site=site,
        title=chosen.title or f"{site.name} blog",
        description=chosen.description or NEWS.get(wished(), NEWS["en"]).format(site.name),
        language=wished(),
        # Of an empty feed the beginning of time: an answer must not differ from itself a second later.
        changed_at=max((max(post["updated_at"], post["published_at"]) for post in posts), default=_NEVER),
        posts=posts,
        query=f"?{'&'.join(pairs)}" if pairs else "",
    )


_NEVER = datetime(2000, 1, 1, tzinfo=UTC)


def rss(feed: Feed) -> str:
    """Return the feed as RSS 2.0 with the whole text as `content:encoded`."""
    items = "".join(_rss_item(feed, post) for post in feed.posts)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">\n'
        f"<channel>\n<title>{_text(feed.title)}</title>\n<link>{_text(f'{feed.site.base}/blog')}</link>\n"
        f"<description>{_text(feed.description)}</description>\n<language>{_text(feed.language)}</language>\n"
        f"<lastBuildDate>{_mail_time(feed.changed_at)}</lastBuildDate>\n"
        f'<atom:link href={_attribute(feed.own("/blog/rss.xml"))} rel="self" type="application/rss+xml"/>\n'
        f"{items}</channel>\n</rss>\n"
    )


def _rss_item(feed: Feed, post: Mapping[str, Any]) -> str:
    creator = f"<dc:creator>{_text(post['author']['name'])}</dc:creator>\n" if post["author"] else ""
    names = [post["category"]["name"]] if post["category"] else []
    names += [tag["name"] for tag in post["tags"]]
    categories = "".join(f"<category>{_text(name)}</category>\n" for name in names)
    return (
        f"<item>\n<title>{_text(post['title'])}</title>\n<link>{_text(feed.page(post))}</link>\n"
        f'<guid isPermaLink="false">urn:uuid:{post["id"]}</guid>\n'
        f"<pubDate>{_mail_time(post['published_at'])}</pubDate>\n{creator}{categories}"
        f"<description>{_text(post['excerpt'])}</description>\n"
        f"<content:encoded>{_text(post['html'])}</content:encoded>\n</item>\n"
    )


def atom(feed: Feed) -> str:
    """Return the feed as Atom (RFC 4287)."""
    entries = "".join(_atom_entry(feed, post) for post in feed.posts)
    own = feed.own("/blog/atom.xml")
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<feed xmlns="http://www.w3.org/2005/Atom" xml:lang={_attribute(feed.language)}>\n<id>{_text(own)}</id>\n'
        f"<title>{_text(feed.title)}</title>\n<subtitle>{_text(feed.description)}</subtitle>\n"
        f"<updated>{_time(feed.changed_at)}</updated>\n"
        f'<link rel="self" type="application/atom+xml" href={_attribute(own)}/>\n'
        f'<link rel="alternate" type="text/html" href={_attribute(f"{feed.site.base}/blog")}/>\n{entries}</feed>\n'
    )


def _atom_entry(feed: Feed, post: Mapping[str, Any]) -> str:
    author = post["author"]["name"] if post["author"] else feed.site.name
    names = [post["category"]] if post["category"] else []
    categories = "".join(
        f"<category term={_attribute(each['slug'])} label={_attribute(each['name'])}/>\n"
        for each in [*names, *post["tags"]]
    )
    return (
        f"<entry xml:lang={_attribute(post['locale'])}>\n<id>urn:uuid:{post['id']}</id>\n"
        f"<title>{_text(post['title'])}</title>\n"
        f'<link rel="alternate" type="text/html" href={_attribute(feed.page(post))}/>\n'
        f"<published>{_time(post['published_at'])}</published>\n"
        f"<updated>{_time(max(post['updated_at'], post['published_at']))}</updated>\n"
        f"<author><name>{_text(author)}</name></author>\n{categories}<summary>{_text(post['excerpt'])}</summary>\n"
        f'<content type="html">{_text(post["html"])}</content>\n</entry>\n'
    )


def json_feed(feed: Feed) -> bytes:
    """Return the feed as JSON Feed 1.1."""
    document = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "description": feed.description,
        "language": feed.language,
        "home_page_url": f"{feed.site.base}/blog",
        "feed_url": feed.own("/blog/feed.json"),
        "items": [_json_item(feed, post) for post in feed.posts],
    }
    return orjson.dumps(document, option=orjson.OPT_UTC_Z)


def _json_item(feed: Feed, post: Mapping[str, Any]) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": f"urn:uuid:{post['id']}",
        "url": feed.page(post),
        "title": post["title"],
        "summary": post["excerpt"],
        "content_html": post["html"],
        "language": post["locale"],
        "date_published": post["published_at"],
        "date_modified": max(post["updated_at"], post["published_at"]),
        "tags": [tag["name"] for tag in post["tags"]],
    }
    if post["author"]:
        item["authors"] = [{"name": post["author"]["name"]}]
    if post["cover"]:
        item["image"] = feed.site.absolute(post["cover"]["url"])
    return item


def _with_hosts(site: Site, html: str) -> str:
    return _OF_THIS_SITE.sub(lambda found: f"{found[1]}{escape(site.base)}{found[2]}", html)


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("", value))


def _attribute(value: str) -> str:
    return quoteattr(_NOT_XML.sub("", value))


def _mail_time(moment: datetime) -> str:
    return format_datetime(moment.astimezone(UTC).replace(microsecond=0), usegmt=True)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
