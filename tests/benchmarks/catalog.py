"""Lists, details and searches with facets over a large catalog: `make bench-catalog`, and `make bench-growth`.

`--grow 10000,100000,1000000` measures the same at several sizes, one after the other in one shop, and says how many
times longer the median of each takes than at the first. The products are those of `catalog_generator`, beyond 100,000
copies of these by `catalog_copies`; the searches are the rated queries of ../shared/data, where these are there:
nearly half of them have a typo.

Words stay in a process once they were searched for: searches are measured after each was asked for often, and apart
from that while the words are met first. "Cold" is a server without a response cache: every request goes all the way.
"Mixed" is the server as it comes, with 20,000 requests drawn so that few are frequent and most are rare: of searches
half carry a filter, of lists all have one of six orders and most one or two filters, so that the greater part of what
is asked for was not asked before.
Web processes, PostgreSQL and the load share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import functools
import json
import random
import tempfile
import urllib.parse
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table
from tests.benchmarks.catalog_copies import multiply
from tests.benchmarks.catalog_generator import fill
from tests.benchmarks.environment import Bench, bench, serving, web
from tests.benchmarks.load import Measured, measure

from feria_core.testing.ports import free_port

CONNECTIONS = 16
# Different paths of each kind, so that a cold answer is one that was not given a moment ago.
PATHS = 400
DRAWN = 20_000
# So long at a time searches are asked for until each process has met all their words: until each was asked for so
# often that hardly any can have missed one of the processes.
FIRST_S = 8.0
OFTEN = 3
# From so many products on others are made by copying.
MADE = 100_000
QUERIES = Path(__file__).parents[3] / "shared" / "data" / "product_search"
TARGETS = {
    "list cold": 15.0, "filtered list cold": 15.0, "search with facets cold": 50.0,
    "lists mixed": 15.0, "searches with facets mixed": 50.0,
}  # fmt: skip


def main() -> None:
    """Fill a shop, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.catalog", description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--grow", type=_sizes, default=None, help="sizes, ascending, separated by commas")
    parser.add_argument("--processes", type=int, default=2, help="web processes, as of feria serve --processes")
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each figure is measured")
    options = parser.parse_args()
    console = Console()
    found: dict[int, dict[str, Measured]] = {}
    with bench(Path(tempfile.mkdtemp(prefix="feria-bench-")), products=0) as shop:
        there = 0
        for size in options.grow or [options.products]:
            shop.run(functools.partial(_grow, there, size))
            there = size
            found[size] = measure_all(shop, options.seconds, processes=options.processes)
            _print(console, size, found[size])
    if len(found) > 1:
        _print_growth(console, found)


async def _grow(there: int, size: int) -> None:
    """Make the products, as far as they are many, each by itself; what is beyond these in PostgreSQL."""
    if there < MADE or size % there:
        await fill(size - there, start=there)
    else:
        await multiply(size // there)


def measure_all(shop: Bench, seconds: float, *, processes: int = 2) -> dict[str, Measured]:
    """Return the figures of so many web processes without the response cache, then of a mix with it."""
    found: dict[str, Measured] = {}
    for state, more in (("cold", {"FERIA_CORE__CACHE_MAX_BYTES": "0"}), ("mixed", {})):
        port = free_port()
        environment = {**shop.environment, **more}
        with serving(web(port, processes=processes), environment, port, "/readyz") as (base, _):
            kinds = paths(base)
            # Each process loads its facets at the first list or search; that is not what is measured.
            asyncio.run(measure(base, kinds["list"], connections=CONNECTIONS, seconds=max(seconds, 3.0)))
            # Nor are words that a process meets for the first time: these are told apart. No answer is one to keep
            # for what is measured, since another number of products is asked for.
            few = [f"{path}&limit=19" for path in kinds["search"]]
            found.setdefault("search, words met first", _met(base, few, OFTEN * processes))
            for kind, wanted in (kinds if state == "cold" else mixed(kinds)).items():
                name = f"{kind} {state}"
                found[name] = asyncio.run(measure(base, wanted, connections=CONNECTIONS, seconds=seconds))
    return found


def _met(base: str, searches: list[str], times: int) -> Measured:
    """Ask for each so many times; return the figures of the beginning, when hardly any word was known."""
    first: Measured | None = None
    missing = float(times * len(searches))
    while missing > 0:
        found = asyncio.run(measure(base, searches, connections=CONNECTIONS, seconds=FIRST_S))
        first = first or found
        missing -= found.per_second * FIRST_S
        # The next round begins where this one ended.
        at = int(found.per_second * FIRST_S) % len(searches)
        searches = searches[at:] + searches[:at]
    assert first is not None
    return first


def paths(base: str) -> dict[str, list[str]]:
    """Return what is asked for: pages, filtered pages, details, and searches."""
    dice = random.Random(3)
    cards, lists, cursor = [], [], ""
    for _ in range(PATHS // 10):
        path = "/api/products?limit=20" + (f"&cursor={cursor}" if cursor else "")
        with urllib.request.urlopen(base + path) as answer:
            page = json.load(answer)
        lists.append(path)
        cards += page["items"]
        cursor = page["next_cursor"]
    filters = _filters(base)
    searches = [urllib.parse.quote(query) for query in _queries([card["name"] for card in cards], dice)]
    return {
        "list": lists,
        "filtered list": [_list(filters, dice) for _ in range(PATHS)],
        "detail": [f"/api/products/{card['slug']}" for card in dice.sample(cards, min(PATHS, len(cards)))],
        "search": [f"/api/products?q={words}" for words in searches],
        "search with facets": [f"/api/products?q={words}&facets=true" for words in searches],
        "filtered list with facets": [f"/api/products?facets=true&{_some(filters, dice)}" for _ in range(PATHS)],
    }


def mixed(kinds: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return requests as they come to a shop: few of them often, most of them seldom."""
    dice = random.Random(4)
    filters = [path.rpartition("&")[2] for path in kinds["filtered list"]]

    def drawn(frequent: list[str]) -> list[str]:
        return dice.choices(frequent, [1 / (n + 1) for n in range(len(frequent))], k=DRAWN)

    searches = drawn(dice.sample(kinds["search with facets"], len(kinds["search with facets"])))
    return {
        "lists": [
            _narrowed(path, dice.choice(filters)) if "cursor" not in path and dice.random() < 0.5 else path
            for path in drawn([*kinds["list"], *kinds["filtered list"]])
        ],
        "searches with facets": [
            _narrowed(path, dice.choice(filters)) if dice.random() < 0.5 else path for path in searches
        ],
    }


def _narrowed(path: str, narrowing: str) -> str:
    """Return the path with a filter more; the one that it has of that name stays, since some may stand but once."""
    return path if f"&{narrowing.partition('=')[0]}=" in path else f"{path}&{narrowing}"


def _filters(base: str) -> list[str]:
    with urllib.request.urlopen(f"{base}/api/products?facets=true&limit=1") as answer:
        facets = json.load(answer)["facets"]
    return [f"{f['parameter']}={urllib.parse.quote(v['value'])}" for f in facets for v in f["values"]]


def _list(filters: list[str], dice: random.Random) -> str:
    sort = dice.choice(("price", "-price", "-rating", "-popularity", "-created_at"))
    return f"/api/products?limit=20&sort={sort}&{_some(filters, dice)}"


def _queries(names: Sequence[str], dice: random.Random) -> list[str]:
    """Return the rated queries in a random order; words of names where there are none."""
    found: list[str] = []
    for path in sorted(QUERIES.glob("dev_*queries*.csv")) if QUERIES.exists() else ():
        with path.open(newline="", encoding="utf-8") as rows:
            found += [row["query"] for row in csv.DictReader(rows)]
    if found:
        return dice.sample(found, len(found))
    words = [word for name in names for word in name.split() if len(word) > 2]
    return [" ".join(dice.sample(words, dice.choice((1, 1, 2)))) for _ in range(PATHS)]


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
