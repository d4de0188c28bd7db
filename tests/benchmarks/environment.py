"""A shop to measure: own servers, 10,000 products, web processes with and without the response cache."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
import sys
import time
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from feria_core.commands.deployment import Deployment, run_with_runtime
from feria_core.embedded import remove_servers_data, start_servers
from feria_core.processes import spawn

PRODUCTS = 10_000
PLUGINS = Path(__file__).parents[2] / "plugins.toml"
T = TypeVar("T")
# fmt: off
WORDS = (
    "oak", "pine", "steel", "linen", "cotton", "wool", "glass", "clay", "copper", "cork", "table", "chair",
    "lamp", "shelf", "desk", "mug", "plate", "bowl", "kettle", "pan", "blanket", "cushion", "towel", "curtain",
    "rug", "planter", "spade", "hose", "lantern", "notebook", "pen", "ruler", "tray", "basket", "hook",
    "mirror", "frame",
)
# fmt: on


@contextmanager
def busy_loop(giving_way: str) -> Iterator[None]:
    """Keep one core busy with work that gives way as the statement says: "give_way(19)"."""
    program = f"import os\nfrom feria_core.processes import give_way\n{giving_way}\nwhile True: pass"
    loop = subprocess.Popen([sys.executable, "-c", program], start_new_session=True)
    try:
        time.sleep(0.2)  # until it runs
        yield
    finally:
        loop.kill()
        loop.wait()


@dataclass(frozen=True)
class Bench:
    """Where the measured shop is."""

    folder: Path
    environment: dict[str, str]

    def run(self, work: Callable[[], Awaitable[T]]) -> T:
        """Return what `work` returns, run in this process with the modules loaded."""
        before = dict(os.environ)
        os.environ.update(self.environment)
        try:
            return run_with_runtime(Deployment(PLUGINS, self.folder), work)
        finally:
            os.environ.clear()
            os.environ.update(before)


@contextmanager
def bench(folder: Path, *, products: int = PRODUCTS) -> Iterator[Bench]:
    """Start fresh servers, migrate, and fill in the products."""
    servers = start_servers(folder)
    try:
        environment = {
            "DATABASE_URL": servers.urls.database_url,
            "REDIS_URL": servers.urls.redis_url,
            "FERIA_PLUGINS": str(PLUGINS),
            "FERIA_DATA": str(folder),
            "FERIA_CORE__MEDIA_DIR": str(folder / "media"),
            "FERIA_CORE__LOG_LEVEL": "error",
        }
        command = [sys.executable, "-m", "feria_core.cli", "migrate", "up"]
        subprocess.run(command, env={**os.environ, **environment}, check=True, stdout=subprocess.DEVNULL)
        made = Bench(folder, environment)
        made.run(lambda: _fill(products))
        yield made
    finally:
        servers.stop()
        remove_servers_data(folder)


@contextmanager
def serving(command: list[str], environment: dict[str, str], port: int, ready: str) -> Iterator[tuple[str, int]]:
    """Run a server on `port`; give its address and pid once it answers at `ready`."""
    child = spawn(command, name="server", env={**os.environ, **environment})
    base = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + 60
        while not _answers(base + ready):
            if time.monotonic() > deadline or child.poll() is not None:
                raise RuntimeError(f"{command} did not answer at {base}{ready}")
            time.sleep(0.02)
        yield base, child.pid
    finally:
        child.stop(10)


def web(port: int, *, processes: int = 1) -> list[str]:
    """Return the command of the shop's web server."""
    return [sys.executable, "-m", "feria_core.web", "serve", "127.0.0.1", str(port), str(processes)]


def _answers(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:
        return bool(answer.status == 200)
    return False


async def _fill(count: int) -> None:
    """Write the products through the catalog's own bulk writer, deterministic from run to run."""
    from feria_catalog.domain import ProductInput, VariantInput
    from feria_catalog.writing import upsert_products
    from feria_core import db
    from feria_core.contracts.money import Money

    dice = random.Random(1)
    products = [
        ProductInput(
            name=" ".join(dice.sample(WORDS, 3)).capitalize() + f" {number}",
            description=" ".join(dice.choices(WORDS, k=40)),
            brand=f"Brand {dice.randrange(50)}",
            category_path=(f"Branch {dice.randrange(8)}", f"Twig {dice.randrange(10)}"),
            attributes={"colour": dice.choice(["red", "green", "blue"]), "width": dice.randrange(10, 200)},
            variants=(VariantInput(f"B-{number}", Money(dice.randrange(100, 90_000), "USD"), stock=100_000),),
        )
        for number in range(count)
    ]
    for start in range(0, count, 500):
        async with db.transaction():
            await upsert_products(products[start : start + 500], reason="benchmark")
    await db.execute("ANALYZE")
