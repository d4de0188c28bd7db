"""What shopping channels fetch."""

from __future__ import annotations

from quart import Response

from feria_catalog.feeds import merchant
from feria_core.http import PUBLIC, ApiBlueprint
from feria_core.limits import Limit

blueprint = ApiBlueprint("catalog_feeds", __name__)
# A channel fetches it some times a day; the whole catalog is too much for the response cache and to be asked for often.
FEED_LIMIT = Limit("catalog.feed", 20, 600)


@blueprint.endpoint("GET", "/feeds/products.xml", access=PUBLIC, limit=FEED_LIMIT, media_types=("application/rss+xml",))
async def merchant_feed() -> Response:
    """Everything that is for sale, as RSS 2.0 in the form of Google's Merchant Center."""
    response = Response(
        merchant.feed(),
        content_type="application/rss+xml; charset=utf-8",
        headers={"Cache-Control": "public, max-age=300"},
    )
    response.timeout = None
    return response
