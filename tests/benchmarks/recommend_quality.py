"""`make bench-recommend`: how well purchases are foretold, what learning takes, and what serving takes.

The sales stand beside the repository, in ../shared/data/online_retail, and may not be copied into it. Each task is
answered by `feria recommend replay`, as anybody can run it, and scored by the folder's own evaluate.py.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).parents[2]
DATA = ROOT.parent / "shared" / "data" / "online_retail"
UNTIL = "2011-08-01"
LENGTH = 10
# NDCG@10 of ../shared/data/BASELINES.md: popularity of the last 14 days, item-kNN with TF-IDF, and the best.
BASELINES = {
    "customers": (0.072, 0.129, 0.138), "basket": (0.029, 0.198, 0.235), "seed": (0.085, 0.206, 0.232),
}  # fmt: skip
QUERIES = {
    "customers": "dev_customers_truth.jsonl", "basket": "dev_basket_given.jsonl.gz", "seed": "dev_seed_given.jsonl.gz",
}  # fmt: skip


def main() -> None:
    """Replay, learn, serve, print."""
    parser = argparse.ArgumentParser(prog="make bench-recommend", description=__doc__)
    parser.add_argument("--only", choices=["quality", "training", "growth", "serving", "readers"], help="one table")
    parser.add_argument("--times", type=int, nargs="+", default=[1, 3, 10], help="so many times the sales")
    options = parser.parse_args()
    console = Console(width=140)
    tables: dict[str, Callable[[], Table]] = {
        "quality": quality, "training": _training, "growth": lambda: growth(options.times), "serving": _serving,
        "readers": _readers,
    }  # fmt: skip
    for name, made in tables.items():
        if options.only not in (None, name):
            continue
        if name != "serving" and not DATA.exists():
            console.print(f"{name} skipped: no sales at {DATA}")
        else:
            console.print(made())


def _training() -> Table:
    from tests.benchmarks.recommend_training import training

    return training()


def _serving() -> Table:
    from tests.benchmarks.recommend_serving import serving

    return serving()


def _readers() -> Table:
    from tests.benchmarks.recommend_readers import readers

    return readers()


def quality() -> Table:
    """Return NDCG and hit rate of each task beside the baselines."""
    table = Table("task", "NDCG@10", "popular 14 d", "item-kNN", "best plain", "hit@10", "coverage", "s", "method")
    evaluate = _evaluate()
    sold = evaluate.buyers(UNTIL)
    with tempfile.TemporaryDirectory() as folder:
        for task, queries in QUERIES.items():
            run, began = Path(folder) / f"{task}.jsonl", time.perf_counter()
            told = _replay(task, DATA / queries, run)
            seconds = time.perf_counter() - began
            truth = {row["query_id"]: row["relevant"] for row in evaluate.lines(DATA / f"dev_{task}_truth.jsonl")}
            answers = {row["query_id"]: row["products"] for row in evaluate.lines(run)}
            found = evaluate.evaluate(truth, answers, LENGTH, *sold)
            table.add_row(
                task, f"{found['ndcg@10']:.4f}", *(f"{figure:.3f}" for figure in BASELINES[task]),
                f"{found['hit@10']:.3f}", f"{found['coverage@10']:.2f}", f"{seconds:.0f}", told.rpartition(": ")[2],
            )  # fmt: skip
    return table


def growth(times: list[int]) -> Table:
    """Return what learning all tables takes from more and more sales, each in a process of its own."""
    table = Table("times", "lines", "items", "s", "processor s", "MB", "processor µs a line")
    until = datetime.fromisoformat(UNTIL).replace(tzinfo=UTC).timestamp() / 86_400
    for one in times:
        command = [sys.executable, "-m", "tests.benchmarks.recommend_growth", str(DATA / "sales_train.csv.gz"),
                   str(until), str(one)]  # fmt: skip
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
        taken = json.loads(done.stdout)
        table.add_row(
            str(one), str(taken["lines"]), str(taken["items"]), f"{taken['seconds']:.1f}",
            f"{taken['processor_s']:.1f}", f"{taken['mb']:.0f}", f"{taken['processor_s'] / taken['lines'] * 1e6:.0f}",
        )  # fmt: skip
    return table


def _replay(task: str, queries: Path, run: Path) -> str:
    command = [sys.executable, "-m", "feria_core.cli", "recommend", "replay", "--sales",
               str(DATA / "sales_train.csv.gz"), "--until", UNTIL, "--task", task, "--queries", str(queries),
               "--out", str(run)]  # fmt: skip
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def _evaluate() -> Any:
    spec = importlib.util.spec_from_file_location("evaluate", DATA / "evaluate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    main()
