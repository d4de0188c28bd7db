"""What feed readers fetch."""

from __future__ import annotations

from feria_blog.reading import feeds
from feria_blog.reading.cards import TAG
from feria_blog.reading.filters import Filters
from feria_blog.schemas import FeedQuery
from feria_core.cache import Cached
from feria_core.http import PUBLIC, Answer, ApiBlueprint

blueprint = ApiBlueprint("blog_feeds", __name__)

CACHED = Cached(tags=(TAG,), max_age_s=60)


@blueprint.endpoint(
    "GET", "/blog/rss.xml", access=PUBLIC, query=FeedQuery, cached=CACHED, media_types=("application/rss+xml",)
)
async def rss(query: FeedQuery) -> Answer:
    """The newest posts as RSS 2.0."""
    feed = await feeds.gather(Filters(query.category, query.tag))
    return Answer(feeds.rss(feed), content_type="application/rss+xml; charset=utf-8")


@blueprint.endpoint(
    "GET", "/blog/atom.xml", access=PUBLIC, query=FeedQuery, cached=CACHED, media_types=("application/atom+xml",)
)
async def atom(query: FeedQuery) -> Answer:
    """The newest posts as Atom."""
    feed = await feeds.gather(Filters(query.category, query.tag))
    return Answer(feeds.atom(feed), content_type="application/atom+xml; charset=utf-8")


@blueprint.endpoint(
    "GET", "/blog/feed.json", access=PUBLIC, query=FeedQuery, cached=CACHED, media_types=("application/feed+json",)
)
async def json_feed(query: FeedQuery) -> Answer:
    """The newest posts as JSON Feed 1.1."""
    feed = await feeds.gather(Filters(query.category, query.tag))
    return Answer(feeds.json_feed(feed), content_type="application/feed+json")
