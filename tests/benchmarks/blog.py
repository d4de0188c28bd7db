"""Posts: list, page, search and feed, cold (the cache off) and warm; `python -m tests.benchmarks.blog` alone.

The posts are the real ones of ../shared/data/blog where they are, else made up.
"""

from __future__ import annotations

import asyncio
import gzip
import json
import random
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from tests.benchmarks.environment import WORDS, Bench, bench, serving, web
from tests.benchmarks.load import measure

from feria_core.testing.ports import free_port

REAL = Path(__file__).parents[3] / "shared" / "data" / "blog" / "posts.jsonl.gz"
MADE_UP = 800
CONNECTIONS = 16
PAGES = 20


def read_posts(bench: Bench, seconds: float) -> dict[str, Any]:
    """Return requests per second of every way to read posts."""
    began = time.perf_counter()
    count = bench.run(fill)
    sys.stdout.write(f"{count} posts written in {time.perf_counter() - began:.1f} s\n")
    found: dict[str, Any] = {}
    for state, size in (("cold", "0"), ("warm", str(64 * 1024 * 1024))):
        port = free_port()
        environment = {**bench.environment, "FERIA_CORE__CACHE_MAX_BYTES": size}
        with serving(web(port), environment, port, "/healthz") as (base, _):
            for kind, paths in _paths(base).items():
                figure = asyncio.run(measure(base, paths, connections=CONNECTIONS, seconds=seconds))
                found[f"posts: {kind} {state}"] = figure
    return found


async def fill() -> int:
    """Write the posts as staff would; return how many."""
    from feria_blog.admin_schemas import PostBody
    from feria_blog.staff import posts
    from feria_core import db

    count = 0
    for post in (real() if REAL.is_file() else made_up()):  # fmt: skip
        await posts.create(PostBody.model_validate(post))
        count += 1
    await db.execute("ANALYZE")
    return count


def real() -> list[dict[str, Any]]:
    """Return the real posts as bodies; dates and texts are theirs."""
    with gzip.open(REAL, "rt", encoding="utf-8") as lines:
        read = [json.loads(line) for line in lines]
    return [
        {
            "title": post["title"][:200],
            "body": post["markdown"] or "-",
            "format": "markdown",
            "publish_at": f"{post['date']}T12:00:00Z",
            "tags": [tag[:100] for tag in (post["tags"] or post["categories"] or [])][:30],
        }
        for post in read
    ]


def made_up() -> list[dict[str, Any]]:
    """Return made-up posts, the same from run to run."""
    dice = random.Random(1)
    return [
        {
            "title": " ".join(dice.sample(WORDS, 4)).capitalize(),
            "body": "\n\n".join(" ".join(dice.choices(WORDS, k=60)) for _ in range(12)),
            "format": "markdown",
            "publish_at": f"20{dice.randrange(10, 26)}-0{dice.randrange(1, 10)}-1{dice.randrange(10)}T12:00:00Z",
            "tags": dice.sample(WORDS, 2),
        }
        for _ in range(MADE_UP)
    ]


def _paths(base: str) -> dict[str, list[str]]:
    lists, slugs, cursor = [], [], ""
    for _ in range(PAGES):
        path = f"/api/blog/posts?limit=20{cursor and f'&cursor={cursor}'}"
        with urllib.request.urlopen(base + path) as answer:
            page = json.load(answer)
        lists.append(path)
        slugs += [item["slug"] for item in page["items"][:5]]
        cursor = page["next_cursor"] or ""
    searches = [f"/api/blog/posts?q={'+'.join(slug.split('-')[:3])}" for slug in slugs]
    pages = [f"/api/blog/posts/{slug}" for slug in slugs]
    return {"list": lists, "page": pages, "search": searches, "feed": ["/blog/rss.xml"]}


def main() -> None:
    """Measure posts alone and print."""
    with bench(Path(tempfile.mkdtemp(prefix="feria-bench-")), products=100) as shop:
        for name, figure in read_posts(shop, 5.0).items():
            sys.stdout.write(
                f"{name:24} {figure.per_second:9,.0f}/s  p50 {figure.p50_ms:7.2f} ms  p95 {figure.p95_ms:7.2f} ms"
                f"  {figure.errors} errors\n"
            )


if __name__ == "__main__":
    main()
