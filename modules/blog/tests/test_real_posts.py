"""836 posts of two real blogs through the whole way: written, listed, found, fed."""

from __future__ import annotations

import gzip
import sys
from pathlib import Path
from urllib.parse import quote

import feedparser
import orjson
import pytest

from feria_blog import checks
from feria_core.html import clean_html

POSTS = Path(__file__).parents[4] / "shared" / "data" / "blog" / "posts.jsonl.gz"
pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]


@pytest.mark.skipif(not POSTS.is_file(), reason=f"{POSTS} is not there: no real posts are tried")
async def test_real_posts_go_through_and_are_found_by_their_titles(client, staff):
    with gzip.open(POSTS, "rt", encoding="utf-8") as lines:
        posts = [orjson.loads(line) for line in lines]
    slugs = {}
    for post in posts:
        body = {
            "title": post["title"],
            "body": post["markdown"],
            "format": "markdown",
            "publish_at": f"{post['date']}T12:00:00Z",
            "tags": (post["tags"] or post["categories"])[:30],
        }
        reply = await staff.post("/api/admin/blog/posts", body)
        assert reply.status == 201, (post["slug"], reply.body)
        assert clean_html(reply.json["html"]).replace("<div></div>", "") == reply.json["html"].replace(
            "<div></div>", ""
        )
        slugs[reply.json["slug"]] = post["title"]
    assert (await client.get("/api/blog/posts")).json["total"] == len(posts)
    ranks = []
    for slug, title in list(slugs.items())[::4]:
        page = (await client.get(f"/api/blog/posts/{slug}")).json
        assert page["title"] == title
        assert len(page["related"]) == 4
        found = (await client.get(f"/api/blog/posts?limit=10&q={quote(title)}")).json["items"]
        ranks.append(next((rank for rank, item in enumerate(found, 1) if item["title"] == title), 0))
    first, ten = ranks.count(1) / len(ranks), sum(rank > 0 for rank in ranks) / len(ranks)
    sys.stdout.write(f"{len(posts)} posts; of {len(ranks)} titles {first:.3f} found first, {ten:.3f} among ten\n")
    assert first > 0.9
    assert ten > 0.95
    for name in ("rss.xml", "atom.xml"):
        assert feedparser.parse((await client.get(f"/blog/{name}")).body).bozo is False
    assert await checks.post_words() == await checks.post_slugs() == []
