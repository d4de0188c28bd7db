"""`make bench-search`: how well products are found, through the API, next to what plain methods reach.

The rated queries stand beside the repository, in ../shared/data/product_search; its products may not be copied into
it. They are imported into a fresh database, every query is asked over the API, and the folder's own evaluate.py
measures the answers. Where a baseline is given by its mean alone, the interval is that of our mean over queries.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import importlib.util
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import quote

from rich.console import Console
from rich.table import Table
from tests.benchmarks.environment import Bench, bench

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "product_search"
MAP = ROOT / "tests" / "data" / "product_search.toml"
FOLDS, RESAMPLES = 5, 2000
# NDCG@10 of ../shared/data/BASELINES.md: the best figure of a method that PostgreSQL alone can serve.
BASELINES = {"queries": 0.848, "queries with a typo": 0.851, "known item": 0.888, "known item with a typo": 0.870}


@dataclass(frozen=True)
class Set:
    """Queries by id, and what they should find."""

    name: str
    queries: Mapping[str, str]
    judgements: Mapping[str, Mapping[str, int]]


def main() -> None:
    """Import, ask, print."""
    parser = argparse.ArgumentParser(prog="make bench-search", description=__doc__)
    parser.add_argument("--per-query", action="store_true", help="also print one line a query, the worst first")
    options = parser.parse_args()
    console = Console()
    if not DATA.exists():
        console.print(f"skipped: no rated queries at {DATA}")
        return
    evaluate = _evaluate()
    with bench(Path(tempfile.mkdtemp(prefix="feria-search-")), products=0) as shop:
        imported = shop.run(_import)
        console.print(imported)
        asyncio.run(_report(shop, evaluate, console, is_detailed=options.per_query))


async def _report(shop: Bench, evaluate: ModuleType, console: Console, *, is_detailed: bool) -> None:
    from feria_core.app import create_app
    from feria_core.config import load_config
    from feria_core.testing.client import ApiClient

    environment = {**os.environ, **shop.environment, "FERIA_CORE__CACHE_MAX_BYTES": "0"}
    application = create_app(load_config(Path(shop.environment["FERIA_PLUGINS"]), environment=environment))
    table = Table("queries", "NDCG@10", "95 %", "by fifths", "best plain", "judged only", "MRR", "none", "mended", "ms")
    async with application.test_app():
        for one in _sets(evaluate):
            run, corrected, ms = await _ask(ApiClient(application), one.queries)
            means, per = evaluate.evaluate(run, one.judgements, set(one.queries))
            values = [per[query]["ndcg@10"] for query in sorted(per)]
            low, high = interval(values)
            table.add_row(
                one.name, f"{means['ndcg@10']:.3f}", f"{low:.3f} to {high:.3f}", " ".join(folds(values)),
                f"{BASELINES[one.name]:.3f}", f"{means['ndcg_j@10']:.3f}", f"{means['mrr']:.3f}",
                f"{means['none']:.3f}", str(corrected), f"{statistics.median(ms):.1f}",
            )  # fmt: skip
            if is_detailed:
                for query in sorted(per, key=lambda q: per[q]["ndcg@10"]):
                    console.print(f"{per[query]['ndcg@10']:.2f} {one.queries[query]}", highlight=False)
    console.print(table)


async def _ask(client: Any, queries: Mapping[str, str]) -> tuple[dict[str, list[str]], int, list[float]]:
    """Return the SKUs found by query, how many queries were mended, and milliseconds."""
    run, corrected, ms = dict[str, list[str]](), 0, list[float]()
    for query, text in queries.items():
        began = time.perf_counter()
        reply = await client.get(f"/api/products?limit=50&q={quote(text)}")
        ms.append((time.perf_counter() - began) * 1e3)
        if reply.status != 200:
            raise RuntimeError(f"'{text}' was answered {reply.status}: {reply.body[:200]!r}")
        run[query] = [item["sku"] for item in reply.json["items"]]
        corrected += reply.json["corrected_query"] is not None
    return run, corrected, ms


def interval(values: Sequence[float]) -> tuple[float, float]:
    """Return the 95 % interval of the mean, by drawing queries anew; the same at every run."""
    dice = random.Random(1)
    means = sorted(statistics.fmean(dice.choices(values, k=len(values))) for _ in range(RESAMPLES))
    return means[int(RESAMPLES * 0.025)], means[int(RESAMPLES * 0.975)]


def folds(values: Sequence[float]) -> list[str]:
    """Return the means of five random fifths: how much a figure hangs on which queries were asked."""
    shuffled = list(values)
    random.Random(1).shuffle(shuffled)
    return [f"{statistics.fmean(shuffled[k::FOLDS]):.2f}" for k in range(FOLDS)]


def _sets(evaluate: ModuleType) -> list[Set]:
    broad = evaluate.read_judgements(DATA / "dev_judgements.csv")
    known = evaluate.read_judgements(DATA / "dev_known_judgements.csv")
    return [
        Set("queries", _queries("dev_queries.csv"), broad),
        Set("queries with a typo", _queries("dev_queries_typo.csv"), broad),
        Set("known item", _queries("dev_known_queries.csv"), known),
        Set("known item with a typo", _queries("dev_known_queries_typo.csv"), known),
    ]


def _queries(name: str) -> dict[str, str]:
    with (DATA / name).open(newline="", encoding="utf-8") as rows:
        return {row["query_id"]: row["query"] for row in csv.DictReader(rows)}


def _evaluate() -> ModuleType:
    """Return the measures that came with the ratings."""
    spec = importlib.util.spec_from_file_location("evaluate", DATA / "evaluate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["evaluate"] = module
    spec.loader.exec_module(module)
    return module


async def _import() -> str:
    from feria_catalog.importing.mapping import load_map
    from feria_catalog.importing.run import import_file

    class Silent:
        def batch_done(self, tally: object, problems: object) -> None:
            """Nothing is shown."""

    began = time.perf_counter()
    tally = await import_file(
        DATA / "products.jsonl.gz", mapping=load_map(MAP), batch_size=500, is_dry_run=False, report=Silent()
    )
    seconds = time.perf_counter() - began
    return f"{tally.rows:,} products imported in {seconds:.0f} s, {tally.rows / seconds:,.0f} a second"


if __name__ == "__main__":
    main()
