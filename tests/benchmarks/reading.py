"""Lists and details: cold (the cache off) and warm, against the bare statement and an empty route."""

from __future__ import annotations

import asyncio
import json
import sys
import time
import urllib.request
from typing import Any

import asyncpg
from tests.benchmarks.environment import Bench, serving, web
from tests.benchmarks.load import Measured, measure

from feria_core import db
from feria_core.testing.ports import free_port

CONNECTIONS = 16
PAGES = 40


def read_all(bench: Bench, seconds: float) -> dict[str, Any]:
    """Return requests per second of every way to read, and what the targets say."""
    statements = bench.run(_statements)
    found: dict[str, Any] = {
        f"{kind} by bare asyncpg (a)": asyncio.run(_bare(bench, calls, seconds)) for kind, calls in statements.items()
    }
    port = free_port()
    with serving([sys.executable, "-m", "tests.benchmarks.empty", str(port)], {}, port, "/") as (base, _):
        found["empty Quart route (b)"] = asyncio.run(measure(base, ["/"], connections=CONNECTIONS, seconds=seconds))
    for state, size in (("cold", "0"), ("warm", str(16 * 1024 * 1024))):
        port = free_port()
        environment = {**bench.environment, "FERIA_CORE__CACHE_MAX_BYTES": size}
        with serving(web(port), environment, port, "/healthz") as (base, _):
            for kind, paths in _paths(base).items():
                found[f"{kind} {state}"] = asyncio.run(measure(base, paths, connections=CONNECTIONS, seconds=seconds))
    return found


def ratios(found: dict[str, Any]) -> list[tuple[str, float, str]]:
    """Return (what, ratio, target) of each promise."""
    empty = found["empty Quart route (b)"].per_second
    rows = []
    for kind in ("list", "detail"):
        bare = found[f"{kind} by bare asyncpg (a)"].per_second
        possible = 1 / (1 / bare + 1 / empty)
        rows.append(
            (f"{kind} cold / what (a) and (b) allow", found[f"{kind} cold"].per_second / possible, "at least 0.5")
        )
        rows.append((f"{kind} warm / (b)", found[f"{kind} warm"].per_second / empty, "at least 5"))
    return rows


def _paths(base: str) -> dict[str, list[str]]:
    """Return pages of the list, at different offsets, and details of what stands on them."""
    lists, slugs = [], []
    query = "/api/products?limit=20"
    cursor = ""
    for _ in range(PAGES):
        path = query + (f"&cursor={cursor}" if cursor else "")
        with urllib.request.urlopen(base + path) as answer:
            page = json.load(answer)
        lists.append(path)
        slugs += [item["slug"] for item in page["items"][:2]]
        cursor = page["next_cursor"]
    return {"list": lists, "detail": [f"/api/products/{slug}" for slug in slugs]}


async def _statements() -> dict[str, list[tuple[str, tuple[Any, ...]]]]:
    """Return the very statements that the shop runs for these pages, as it calls the database with them."""
    from feria_catalog.listing.filters import Filters
    from feria_catalog.listing.service import page
    from feria_catalog.product_page import find

    calls: dict[str, list[tuple[str, tuple[Any, ...]]]] = {"list": [], "detail": []}
    kind = "list"
    fetch_all, fetch_one = db.fetch_all, db.fetch_one

    async def all_(sql: str, *values: Any) -> Any:
        calls[kind].append((sql, values))
        return await fetch_all(sql, *values)

    async def one(sql: str, *values: Any) -> Any:
        calls[kind].append((sql, values))
        return await fetch_one(sql, *values)

    db.fetch_all, db.fetch_one = all_, one
    try:
        slugs, cursor = [], None
        for _ in range(PAGES):
            document = json.loads(await page(Filters(), q=None, sort=None, limit=20, cursor=cursor))
            slugs += [item["slug"] for item in document["items"][:2]]
            cursor = document["next_cursor"]
        kind = "detail"
        for slug in slugs:
            await find(slug)
    finally:
        db.fetch_all, db.fetch_one = fetch_all, fetch_one
    return calls


async def _bare(bench: Bench, calls: list[tuple[str, tuple[Any, ...]]], seconds: float) -> Measured:
    """Run the statements over as many connections, without pool, framework or encoding."""
    connections = [await asyncpg.connect(bench.environment["DATABASE_URL"]) for _ in range(CONNECTIONS)]
    latencies: list[float] = []

    async def loop(connection: Any, offset: int, until: float) -> None:
        turn = offset
        while time.perf_counter() < until:
            sql, values = calls[turn % len(calls)]
            turn += 1
            began = time.perf_counter()
            await connection.fetch(sql, *values)
            latencies.append(time.perf_counter() - began)

    for length in (seconds / 5, seconds):
        latencies.clear()
        until = time.perf_counter() + length
        await asyncio.gather(
            *(loop(c, number * len(calls) // CONNECTIONS, until) for number, c in enumerate(connections))
        )
    for connection in connections:
        await connection.close()
    ordered = sorted(latencies)
    return Measured(
        len(ordered) / seconds, ordered[len(ordered) // 2] * 1e3, ordered[int(len(ordered) * 0.95)] * 1e3, 0
    )
