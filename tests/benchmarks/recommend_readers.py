"""What readers feel of a training: p95 of lists of products while it runs, over the p95 without.

Each round measures the list alone, beside the training, and beside nothing but a busy loop of the training's priority,
so that a slow moment of the machine meets all three alike. One training, of the sales of ../shared/data/online_retail,
is held between the rounds and let on alone to its next stage: it reads, learns and writes while lists are asked for,
and leaves room for them as it does under a worker. What it got of a core meanwhile is told too.
Lists are asked for by a process of its own, of a shop as it comes and of one without a response cache.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import median
from typing import NamedTuple

import asyncpg
import psutil
from rich.table import Table as Grid
from tests.benchmarks.environment import Bench, bench, busy_loop, serving, web
from tests.benchmarks.load import measure_apart, request
from tests.benchmarks.recommend_training import fill

from feria_core.processes.child import Child, spawn
from feria_core.processes.room import leaving_room
from feria_core.testing.ports import free_port

READERS, PROCESSES, SECONDS = (16, 1), 2, 3.0
# Where the training is when rounds begin, and how many of them: it learns nearly all of the time.
STAGES = {"reading": 1, "measuring 1": 3, "measuring 2": 2, "learning": 3, "writing": 1}
CACHES: dict[str, dict[str, str]] = {"as it comes": {}, "no response cache": {"FERIA_CORE__CACHE_MAX_BYTES": "0"}}
AS_TRAINING = "give_way(19); os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))"


class Round(NamedTuple):
    """p95 of lists alone, beside the training, and beside a busy loop; what processor time the training had."""

    p95_ms: tuple[float, float, float]
    got_s: float

    def rise(self, place: int) -> float:
        """Return how many times longer p95 is than that of the lists alone."""
        return self.p95_ms[place] / self.p95_ms[0]


def readers() -> Grid:
    """Return the ratio of the rounds of each stage and of all, and the milliseconds, each the median of its rounds."""
    with bench(Path(tempfile.mkdtemp(prefix="feria-readers-")), products=0) as shop:
        shop.run(fill)
        return measured(shop)


def measured(shop: Bench) -> Grid:
    """Return the same of a shop that has its sales."""
    grid = Grid(
        "p95 of GET /api/products", "while / without", "busy loop / without", "p95 ms alone, while, busy loop", "got, %"
    )
    for (label, settings), readers in itertools.product(CACHES.items(), READERS):
        grid.add_section()
        _add(grid, f"{label}, {readers} readers", asyncio.run(_measured(shop, settings, readers)))
    return grid


def _add(grid: Grid, label: str, found: dict[str, list[Round]]) -> None:
    every = [one for rounds in found.values() for one in rounds]
    for name, rounds in {**found, "all stages, median": every}.items():
        if not rounds:
            continue
        shown = " ".join(f"{median(one.p95_ms[place] for one in rounds):.1f}" for place in range(3))
        what = f"{label}: {name} ({len(rounds)} rounds)"
        got = sum(one.got_s for one in rounds) / len(rounds) / SECONDS
        grid.add_row(
            what,
            f"{median(one.rise(1) for one in rounds):.3f}",
            f"{median(one.rise(2) for one in rounds):.3f}",
            shown,
            f"{got:.0%}",
        )
    rises = sorted(one.rise(1) for one in every)
    grid.add_row("  quartiles", f"{rises[len(rises) // 4]:.3f} to {rises[len(rises) * 3 // 4]:.3f}", "", "", "")


async def _measured(shop: Bench, settings: dict[str, str], readers: int) -> dict[str, list[Round]]:
    port, found = free_port(), dict[str, list[Round]]()
    environment = {**shop.environment, **settings}
    with serving(web(port, processes=PROCESSES), environment, port, "/healthz") as (base, _):
        asked = [request(base, f"/api/products?limit=20&sort={sort}") for sort in ("name", "price", "-created_at")]

        def listed() -> float:
            return measure_apart(asked, base, connections=readers, seconds=SECONDS).p95_ms

        connection = await asyncpg.connect(environment["DATABASE_URL"])
        with _training(await _asked(connection), environment) as training:
            for stage, rounds in STAGES.items():
                await _let_on(training, connection, stage)
                # Writing may be done within the round, which then is none.
                tried = [await _round(listed, training) for _ in range(rounds) if training.poll() is None]
                found[stage] = [one for one in tried if one is not None]
        await connection.close()
    return found


async def _round(listed: Callable[[], float], training: Child) -> Round | None:
    """Measure all three; None where the training has ended meanwhile."""
    alone = listed()
    had = _processor_s(training)
    training.process.send_signal(signal.SIGCONT)
    async with leaving_room(training):
        beside = await asyncio.to_thread(listed)
    if training.poll() is not None:
        return None
    training.process.send_signal(signal.SIGSTOP)
    got = _processor_s(training) - had
    with busy_loop(AS_TRAINING):
        return Round((alone, beside, listed()), got)


def _processor_s(training: Child) -> float:
    used = psutil.Process(training.pid).cpu_times()
    return float(used.user + used.system)


async def _asked(connection: asyncpg.Connection) -> str:
    await connection.execute("DELETE FROM personalization_training")
    return str(
        await connection.fetchval(
            "INSERT INTO personalization_training (id, state, asked_at, updated_at)"
            " VALUES (gen_random_uuid(), 'waiting', now(), now()) RETURNING id"
        )
    )


async def _let_on(training: Child, connection: asyncpg.Connection, stage: str) -> None:
    """Let the training on, alone, until it has come to the stage; hold it there."""
    training.process.send_signal(signal.SIGCONT)
    while not str(await connection.fetchval("SELECT stage FROM personalization_training")).startswith(stage):
        if training.poll() is not None:
            raise RuntimeError(f"the training has ended before it was {stage}")
        await asyncio.sleep(0.02)
    training.process.send_signal(signal.SIGSTOP)


@contextlib.contextmanager
def _training(training_id: str, environment: dict[str, str]) -> Iterator[Child]:
    """Run a training as a worker would, until the block ends."""
    command = [sys.executable, "-m", "feria_personalization.training", training_id]
    child = spawn(command, name="training", env={**os.environ, **environment}, stop_signal=signal.SIGKILL)
    try:
        yield child
    finally:
        child.kill()
        child.wait()
