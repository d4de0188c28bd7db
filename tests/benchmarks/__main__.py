"""`make bench`: everything in one run, as a table and as bench-results.json."""

from __future__ import annotations

import argparse
import json
import os
import platform
import tempfile
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.benchmarks.blog import read_posts
from tests.benchmarks.buying import buy_all
from tests.benchmarks.carts import use_carts
from tests.benchmarks.environment import PRODUCTS, bench
from tests.benchmarks.load import Measured
from tests.benchmarks.reading import CONNECTIONS, ratios, read_all
from tests.benchmarks.reports import a_million_orders, measure_reports, show
from tests.benchmarks.signing_in import sign_in_all
from tests.benchmarks.site import measure_site
from tests.benchmarks.starting import start_and_weigh


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each figure is measured")
    parser.add_argument("--output", type=Path, default=Path("bench-results.json"))
    options = parser.parse_args()
    console = Console()
    with bench(Path(tempfile.mkdtemp(prefix="feria-bench-"))) as shop:
        console.print(
            f"{PRODUCTS} products, {CONNECTIONS} connections, {os.cpu_count()} cores, load and servers on the same"
        )
        read = read_all(shop, options.seconds)
        bought = buy_all(shop, options.seconds * 2)
        carts, cart_ratios = use_carts(shop, options.seconds * 2)
        signed_in = sign_in_all(shop, options.seconds * 12)
        posts = read_posts(shop, options.seconds)
    with a_million_orders(Path(tempfile.mkdtemp(prefix="feria-bench-"))) as shop:
        reported = measure_reports(shop)
    show(console, reported)
    promised = [*ratios(read), *cart_ratios, *(ratio for found in signed_in for ratio in found.ratios())]
    promised += [(f"PostgreSQL's share, {name}", share, "no target") for name, share in bought.database_share.items()]
    read |= posts
    for found in signed_in:
        read |= found.figures()
    site, site_ratios, site_started = measure_site(options.seconds)
    read, promised = {**read, **site}, [*promised, *site_ratios]
    started = {**start_and_weigh(), **site_started}
    used = {**bought.measured, **carts}
    _print(console, {**read, **used}, promised, started)
    options.output.write_text(
        json.dumps({**_document(read, used, promised, started), "reports": reported}, indent=2) + "\n", encoding="utf-8"
    )
    console.print(f"written to {options.output}")


def _print(
    console: Console, measured: dict[str, Measured], promised: list[tuple[str, float, str]], started: dict[str, float]
) -> None:
    table = Table("", "per second", "p50 ms", "p95 ms", "errors")
    for name, figure in measured.items():
        table.add_row(
            name, f"{figure.per_second:,.0f}", f"{figure.p50_ms:.2f}", f"{figure.p95_ms:.2f}", str(figure.errors)
        )
    console.print(table)
    table = Table("ratio", "measured", "target")
    for name, value, target in promised:
        table.add_row(name, f"{value:.2f}", target)
    console.print(table)
    table = Table("start and memory", "measured")
    for name, value in started.items():
        table.add_row(name, f"{value:.1f}")
    console.print(table)


def _document(
    read: dict[str, Measured],
    bought: dict[str, Measured],
    promised: list[tuple[str, float, str]],
    started: dict[str, float],
) -> dict[str, Any]:
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "products": PRODUCTS,
        "measured": {name: asdict(figure) for name, figure in {**read, **bought}.items()},
        "ratios": {name: {"measured": value, "target": target} for name, value, target in promised},
        "start and memory": started,
    }


if __name__ == "__main__":
    main()
