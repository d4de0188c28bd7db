"""What readers feel of a training: p95 of lists of products while it runs, over the p95 without.

Each round measures the list alone, beside the training, and beside nothing but a busy loop of the training's priority,
so that a slow moment of the machine meets all three alike. One training, of the sales of ../shared/data/online_retail,
is held between the rounds and let on alone to its next stage: it reads, learns and writes while lists are asked for.
Lists are asked for by a process of its own, of a shop as it comes and of one without a response cache.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import asyncpg
import psutil
from rich.table import Table as Grid
from tests.benchmarks.environment import Bench, bench, busy_loop, serving, web
from tests.benchmarks.load import Measured, measure_apart, request
from tests.benchmarks.recommend_training import fill

from feria_core.testing.ports import free_port

CONNECTIONS, PROCESSES, SECONDS = 16, 2, 3.0
# Where the training is when rounds begin, and how many of them: it learns nearly all of the time.
STAGES = {"reading": 1, "measuring 1": 3, "measuring 2": 3, "learning": 3, "writing": 1}
CACHES: dict[str, dict[str, str]] = {"as it comes": {}, "no response cache": {"FERIA_CORE__CACHE_MAX_BYTES": "0"}}
AS_TRAINING = "give_way(19); os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))"
Round = tuple[Measured, Measured, Measured]


def readers() -> Grid:
    """Return the ratio of the rounds of each stage and of all, and the milliseconds, each the median of its rounds."""
    with bench(Path(tempfile.mkdtemp(prefix="feria-readers-")), products=0) as shop:
        shop.run(fill)
        return measured(shop)


def measured(shop: Bench) -> Grid:
    """Return the same of a shop that has its sales."""
    grid = Grid("p95 of GET /api/products", "while / without", "busy loop / without", "p95 ms alone, while, busy loop")
    for label, settings in CACHES.items():
        grid.add_section()
        _add(grid, label, asyncio.run(_measured(shop, settings)))
    return grid


def _add(grid: Grid, label: str, found: dict[str, list[Round]]) -> None:
    every = [one for rounds in found.values() for one in rounds]
    for name, rounds in {**found, "all stages, median": every}.items():
        if not rounds:
            continue
        shown = " ".join(f"{median(one[place].p95_ms for one in rounds):.1f}" for place in range(3))
        what = f"{label}: {name} ({len(rounds)} rounds)"
        grid.add_row(what, f"{_rise(rounds, 1):.3f}", f"{_rise(rounds, 2):.3f}", shown)
    rises = sorted(one[1].p95_ms / one[0].p95_ms for one in every)
    grid.add_row("  quartiles", f"{rises[len(rises) // 4]:.3f} to {rises[len(rises) * 3 // 4]:.3f}", "", "")


def _rise(rounds: list[Round], place: int) -> float:
    return median(one[place].p95_ms / one[0].p95_ms for one in rounds)


async def _measured(shop: Bench, settings: dict[str, str]) -> dict[str, list[Round]]:
    port, found = free_port(), dict[str, list[Round]]()
    environment = {**shop.environment, **settings}
    with serving(web(port, processes=PROCESSES), environment, port, "/healthz") as (base, _):
        asked = [request(base, f"/api/products?limit=20&sort={sort}") for sort in ("name", "price", "-created_at")]
        connection = await asyncpg.connect(environment["DATABASE_URL"])
        with _training(await _asked(connection), environment) as process:
            for stage, rounds in STAGES.items():
                await _let_on(process, connection, stage)
                # Writing may be done within the round, which then is none.
                tried = [_round(asked, base, process) for _ in range(rounds) if _is_running(process)]
                found[stage] = [one for one in tried if one is not None]
        await connection.close()
    return found


def _round(asked: list[bytes], base: str, process: psutil.Process) -> Round | None:
    """Measure all three; None where the training has ended meanwhile."""
    alone = _list(asked, base)
    process.resume()
    beside = _list(asked, base)
    if not _is_running(process):
        return None
    process.suspend()
    with busy_loop(AS_TRAINING):
        return alone, beside, _list(asked, base)


def _is_running(process: psutil.Process) -> bool:
    return bool(process.status() != psutil.STATUS_ZOMBIE)


def _list(asked: list[bytes], base: str) -> Measured:
    return measure_apart(asked, base, connections=CONNECTIONS, seconds=SECONDS)


async def _asked(connection: asyncpg.Connection) -> str:
    await connection.execute("DELETE FROM personalization_training")
    return str(
        await connection.fetchval(
            "INSERT INTO personalization_training (id, state, asked_at, updated_at)"
            " VALUES (gen_random_uuid(), 'waiting', now(), now()) RETURNING id"
        )
    )


async def _let_on(process: psutil.Process, connection: asyncpg.Connection, stage: str) -> None:
    """Let the training on, alone, until it has come to the stage; hold it there."""
    process.resume()
    while not str(await connection.fetchval("SELECT stage FROM personalization_training")).startswith(stage):
        if not _is_running(process):
            raise RuntimeError(f"the training has ended before it was {stage}")
        await asyncio.sleep(0.02)
    process.suspend()


@contextlib.contextmanager
def _training(training_id: str, environment: dict[str, str]) -> Iterator[psutil.Process]:
    """Run a training as a worker would, until the block ends."""
    command = [sys.executable, "-m", "feria_personalization.training", training_id]
    child = subprocess.Popen(command, env={**os.environ, **environment}, start_new_session=True)
    try:
        yield psutil.Process(child.pid)
    finally:
        child.kill()
        child.wait()
