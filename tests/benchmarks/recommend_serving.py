"""What recommendations cost a request: finding neighbours in tables of 100,000 products, and telling activity."""

from __future__ import annotations

import random
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID

from rich.table import Table as Grid
from tests.benchmarks.environment import bench

from feria_core import clock, db
from feria_core.ids import new_id

PRODUCTS = 100_000
# Kind of table and length of its rows, as a model has them.
LENGTHS = {1: 100, 2: 200, 3: 60, 4: 60, 5: 40, 6: 40}
CALLS = 300
# A person with a long past: as many purchases and as many products looked at as an answer asks with.
BOUGHT, LOOKED_AT, IN_CART = 50, 20, 10

_NAMED = "md5(({})::text)::uuid"
_TABLE = f"""
INSERT INTO personalization_neighbour (version, kind, product_id, neighbours, weights)
SELECT $1, $4::smallint, {_NAMED.format("g")},
    ARRAY(SELECT {_NAMED.format(f"(g * 7919::bigint + i * 104729::bigint + $4) % {PRODUCTS}")}
          FROM generate_series(1, $5::int) i),
    ARRAY(SELECT (1.0 / i)::real FROM generate_series(1, $5) i)
FROM generate_series($2::int, $3::int) g
"""


def serving() -> Grid:
    """Return medians and 95th percentiles."""
    grid = Grid("what", "p50 ms", "p95 ms", "")
    with bench(Path(tempfile.mkdtemp(prefix="feria-recommend-"))) as shop:
        shop.run(fill)
        for name, milliseconds in shop.run(statements).items():
            cuts = statistics.quantiles(milliseconds, n=100)
            grid.add_row(name, f"{cuts[49]:.2f}", f"{cuts[94]:.2f}", f"{len(milliseconds)} calls")
    return grid


async def fill() -> None:
    """Write a model of 100,000 products."""
    from feria_personalization.repository import models

    version = await models.add(trained_at=clock.now(), seconds=0.0, report={})
    for kind, length in LENGTHS.items():
        for start in range(0, PRODUCTS, 5_000):
            await db.execute(_TABLE, version, start, start + 4_999, kind, length)
    await db.execute("VACUUM ANALYZE personalization_neighbour")
    await db.execute(
        "INSERT INTO personalization_popular (kind, product_id, score)"
        " SELECT kind, id, place FROM unnest($1::uuid[]) WITH ORDINALITY AS one (id, place), unnest($2::text[]) kind",
        (await _some_products())[:200], ["popular", "trending"],
    )  # fmt: skip
    await models.serve(version)


async def _some_products() -> list[UUID]:
    numbers = f"generate_series(0, {PRODUCTS - 1}, 7) g"
    return [row["id"] for row in await db.fetch_all(f"SELECT {_NAMED.format('g')} AS id FROM {numbers}")]


async def statements() -> dict[str, list[float]]:
    """Return how long the statements behind the routes take, each many times."""
    from feria_personalization.domain import Act, Table
    from feria_personalization.repository import activity, models, neighbours, people, popular
    from feria_personalization.repository.activity import Event
    from feria_personalization.repository.neighbours import Source
    from feria_personalization.repository.people import Who
    from feria_personalization.service import candidates
    from feria_personalization.service.recommending import CANDIDATES

    known, active = await _some_products(), await models.active()
    assert active is not None
    version = int(active["version"])
    dice = random.Random(1)

    async def ask(sources: list[Source]) -> None:
        await neighbours.of(version, sources, without=[one.product_id for one in sources], limit=CANDIDATES)

    async def for_you() -> None:
        history = dice.sample(known, BOUGHT + LOOKED_AT)
        acts = [Act(one, "sale", dice.uniform(0, 300)) for one in history[:BOUGHT]]
        acts += [Act(one, "view", dice.uniform(0, 30)) for one in history[BOUGHT:]]
        await ask(candidates.for_person(acts))

    async def of(table: Table) -> None:
        await ask([Source(dice.choice(known), table)])

    agreed, silent = Who(customer_id=new_id()), Who(customer_id=new_id())
    await people.decide(agreed, is_granted=True, now=clock.now())
    events = [Event("view", one) for one in known[:20]]
    return {
        f"for you, {BOUGHT} bought and {LOOKED_AT} looked at": await _timed(for_you),
        "a product's page": await _timed(lambda: ask(candidates.for_product(dice.choice(known)))),
        "bought together": await _timed(lambda: of(Table.BOUGHT_WITH)),
        "also viewed": await _timed(lambda: of(Table.VIEWED)),
        "similar": await _timed(lambda: of(Table.SIMILAR)),
        f"for a cart of {IN_CART}": await _timed(lambda: ask(candidates.for_cart(dice.sample(known, IN_CART)))),
        "trending and popular": await _timed(lambda: popular.top(150)),
        "20 views told, with consent": await _timed(lambda: activity.record(agreed, events, clock.now())),
        "20 views told, without consent": await _timed(lambda: activity.record(silent, events, clock.now())),
    }


async def _timed(call: Callable[[], Awaitable[object]]) -> list[float]:
    """Return milliseconds of each of many calls, after some that are not counted."""
    found = []
    for number in range(-CALLS // 5, CALLS):
        began = time.perf_counter()
        await call()
        if number >= 0:
            found.append((time.perf_counter() - began) * 1e3)
    return found
