"""What recommendations cost a running shop: finding neighbours, telling activity, lists while a model is trained."""

from __future__ import annotations

import asyncio
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from rich.table import Table as Grid
from tests.benchmarks.environment import Bench, bench, free_port, web
from tests.benchmarks.environment import serving as served
from tests.benchmarks.load import Measured, measure

from feria_core import clock, db
from feria_core.ids import new_id

PRODUCTS, NEIGHBOURS = 100_000, 60
SOLD_LINES, SOLD_PRODUCTS = 300_000, 4_000
CALLS, SECONDS = 300, 10.0
HISTORY = 30

_NAMED = "md5(({})::text)::uuid"
_TABLES = f"""
INSERT INTO personalization_neighbour (version, kind, product_id, neighbours, weights)
SELECT $1, kind, {_NAMED.format("g")},
    ARRAY(SELECT {_NAMED.format(f"(g * 7919::bigint + i * 104729::bigint + kind) % {PRODUCTS}")}
          FROM generate_series(1, {NEIGHBOURS}) i),
    ARRAY(SELECT (1.0 / i)::real FROM generate_series(1, {NEIGHBOURS}) i)
FROM generate_series($2::int, $3::int) g, unnest(ARRAY[1, 3, 4, 5]) kind
"""
_SALES = f"""
INSERT INTO personalization_sale (order_id, product_id, quantity, amount, currency, at)
SELECT {_NAMED.format("'o' || g / 8")}, {_NAMED.format(f"(power(random(), 3) * {SOLD_PRODUCTS})::int")}, 1, 1000, 'USD',
    now() - (1 - g::float / {SOLD_LINES}) * interval '300 days'
FROM generate_series($1::int, $2::int) g ON CONFLICT DO NOTHING
"""


def serving() -> Grid:
    """Return medians and 95th percentiles."""
    grid = Grid("what", "p50 ms", "p95 ms", "")
    with bench(Path(tempfile.mkdtemp(prefix="feria-recommend-"))) as shop:
        for name, milliseconds in shop.run(_inside).items():
            cuts = statistics.quantiles(milliseconds, n=100)
            grid.add_row(name, f"{cuts[49]:.2f}", f"{cuts[94]:.2f}", f"{len(milliseconds)} calls")
        for name, found in _lists(shop).items():
            grid.add_row(name, f"{found.p50_ms:.2f}", f"{found.p95_ms:.2f}", f"{found.per_second:.0f} a second")
    return grid


async def _inside() -> dict[str, list[float]]:
    """Fill the tables, and time the statements behind the routes."""
    from feria_personalization.domain import Table
    from feria_personalization.repository import activity, models, neighbours, people
    from feria_personalization.repository.activity import Event
    from feria_personalization.repository.neighbours import Source
    from feria_personalization.repository.people import Who

    version = await models.add(trained_at=clock.now(), seconds=0.0, report={})
    for start in range(0, PRODUCTS, 5_000):
        await db.execute(_TABLES, version, start, start + 4_999)
    for start in range(0, SOLD_LINES, 20_000):
        await db.execute(_SALES, start, start + 19_999)
    await db.execute("ANALYZE personalization_neighbour")
    known = [
        row["id"] for row in await db.fetch_all(f"SELECT {_NAMED.format('g')} AS id FROM generate_series(0, 5000) g")
    ]
    dice = random.Random(1)

    async def home() -> None:
        history = dice.sample(known, HISTORY)
        sources = [Source(one, Table.NEXT) for one in history[:20]] + [
            Source(one, Table.VIEWED) for one in history[20:]
        ]
        await neighbours.of(version, sources, without=history, limit=300)

    async def page() -> None:
        one: UUID = dice.choice(known)
        tables = (Table.BOUGHT_WITH, Table.VIEWED, Table.SIMILAR)
        await neighbours.of(version, [Source(one, table) for table in tables], without=[one], limit=300)

    agreed, silent = Who(customer_id=new_id()), Who(customer_id=new_id())
    await people.decide(agreed, is_granted=True, now=clock.now())
    events = [Event("view", one) for one in known[:20]]
    return {
        f"neighbours for a history of {HISTORY}": await _timed(home),
        "neighbours for a product's page": await _timed(page),
        "20 views told, with consent": await _timed(lambda: activity.record(agreed, events, clock.now())),
        "20 views told, without consent": await _timed(lambda: activity.record(silent, events, clock.now())),
    }


async def _timed(call: Callable[[], Awaitable[object]]) -> list[float]:
    """Return milliseconds of each of many calls."""
    found = []
    for _ in range(CALLS):
        began = time.perf_counter()
        await call()
        found.append((time.perf_counter() - began) * 1e3)
    return found


def _lists(shop: Bench) -> dict[str, Measured]:
    """Return how fast lists are answered, the cache off, alone and while a model is trained from 300,000 lines."""
    port = free_port()
    environment = {**shop.environment, "FERIA_CORE__CACHE_MAX_BYTES": "0"}
    found: dict[str, Measured] = {}
    paths = [f"/api/products?limit=20&sort={sort}" for sort in ("name", "price", "-price", "-created_at")]
    with served(web(port), environment, port, "/healthz") as (base, _):
        for name, trains in (("GET /api/products", False), ("GET /api/products while training", True)):
            command = [sys.executable, "-m", "feria_core.cli", "recommend", "train"]
            quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            child = subprocess.Popen(command, env={**os.environ, **environment}, **quiet) if trains else None
            if child:
                time.sleep(6)  # until it has read and learns
            found[name] = asyncio.run(measure(base, paths, connections=4, seconds=SECONDS))
            if child:
                child.kill()
                child.wait()
    return found
