"""Lists, details and searches with facets over a large catalog: `python -m tests.benchmarks.catalog --products 100000`.

`--grow 10000,100000,1000000` measures the same at several sizes, one after the other in one shop, and says how many
times longer the median of each takes than at the first. The products are those of `catalog_generator`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from tests.benchmarks.catalog_generator import fill
from tests.benchmarks.environment import Bench, bench, free_port, serving, web
from tests.benchmarks.load import Measured, measure

CONNECTIONS = 16
# Different paths of each kind, so that a cold answer is one that was not given a moment ago.
PATHS = 400
TARGETS = {"list cold": 15.0, "list warm": 15.0, "filtered list cold": 15.0, "search with facets": 50.0}


def main() -> None:
    """Fill a shop, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.catalog", description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--grow", type=_sizes, default=None, help="sizes, ascending, separated by commas")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each figure is measured")
    options = parser.parse_args()
    console = Console()
    found: dict[int, dict[str, Measured]] = {}
    with bench(Path(tempfile.mkdtemp(prefix="feria-bench-")), products=0) as shop:
        there = 0
        for size in options.grow or [options.products]:
            shop.run(lambda size=size, there=there: fill(size - there, start=there))
            there = size
            found[size] = measure_all(shop, options.seconds)
            _print(console, size, found[size])
    if len(found) > 1:
        _print_growth(console, found)


def measure_all(shop: Bench, seconds: float) -> dict[str, Measured]:
    """Return the figures of a web process without and with the response cache."""
    found: dict[str, Measured] = {}
    for state, size in (("cold", "0"), ("warm", str(64 * 1024 * 1024))):
        port = free_port()
        environment = {**shop.environment, "FERIA_CORE__CACHE_MAX_BYTES": size}
        with serving(web(port), environment, port, "/readyz") as (base, _):
            kinds = paths(base) if state == "cold" else {"list": paths(base)["list"]}
            for kind, wanted in kinds.items():
                name = f"{kind} {state}" if "search" not in kind else kind
                found[name] = asyncio.run(measure(base, wanted, connections=CONNECTIONS, seconds=seconds))
    return found


def paths(base: str) -> dict[str, list[str]]:
    """Return what is asked for: pages, filtered pages, details, and searches for words of real names."""
    dice = random.Random(3)
    with urllib.request.urlopen(f"{base}/api/products?facets=true&limit=1") as answer:
        facets = {facet["code"]: facet for facet in json.load(answer)["facets"]}
    cards, lists, cursor = [], [], ""
    for _ in range(PATHS // 10):
        path = "/api/products?limit=20" + (f"&cursor={cursor}" if cursor else "")
        with urllib.request.urlopen(base + path) as answer:
            page = json.load(answer)
        lists.append(path)
        cards += page["items"]
        cursor = page["next_cursor"]
    filters = [f"{f['parameter']}={urllib.parse.quote(v['value'])}" for f in facets.values() for v in f["values"]]
    sorts = ("price", "-price", "-rating", "-popularity", "-created_at")
    words = [word for card in cards for word in card["name"].split() if len(word) > 2]
    searches = [urllib.parse.quote(" ".join(dice.sample(words, dice.choice((1, 1, 2))))) for _ in range(PATHS)]
    return {
        "list": lists,
        "filtered list": [
            f"/api/products?limit=20&sort={dice.choice(sorts)}&{_some(filters, dice)}" for _ in range(PATHS)
        ],
        "detail": [f"/api/products/{card['slug']}" for card in dice.sample(cards, min(PATHS, len(cards)))],
        "search": [f"/api/products?q={words}" for words in searches],
        "search with facets": [f"/api/products?q={words}&facets=true" for words in searches],
        "filtered list with facets": [f"/api/products?facets=true&{_some(filters, dice)}" for _ in range(PATHS)],
    }


def _some(filters: list[str], dice: random.Random) -> str:
    """Return one or two of the filters, of each parameter at most one."""
    return "&".join({each.partition("=")[0]: each for each in dice.sample(filters, dice.choice((1, 2)))}.values())


def _sizes(text: str) -> list[int]:
    return sorted(int(size) for size in text.split(","))


def _print(console: Console, size: int, found: dict[str, Measured]) -> None:
    table = Table(f"{size:,} products", "per second", "p50 ms", "p95 ms", "target p95", "errors")
    for name, figure in found.items():
        target = f"{TARGETS[name]:.0f}" if name in TARGETS else ""
        row = (f"{figure.per_second:,.0f}", f"{figure.p50_ms:.2f}", f"{figure.p95_ms:.2f}", target, str(figure.errors))
        table.add_row(name, *row)
    console.print(table)


def _print_growth(console: Console, found: dict[int, dict[str, Measured]]) -> None:
    sizes: Sequence[int] = list(found)
    table = Table("p50 ms", *(f"{size:,}" for size in sizes), "times longer")
    for name, first in found[sizes[0]].items():
        medians = [found[size][name].p50_ms for size in sizes]
        table.add_row(name, *(f"{median:.2f}" for median in medians), f"{medians[-1] / first.p50_ms:.2f}")
    console.print(table)


if __name__ == "__main__":
    main()
