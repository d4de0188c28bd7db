"""`make bench`: everything in one run, or some parts of it, as a table and as bench-results.json."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sysconfig
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from tests.benchmarks.blog import read_posts
from tests.benchmarks.buying import buy_all
from tests.benchmarks.carts import use_carts
from tests.benchmarks.environment import PRODUCTS, Bench, bench
from tests.benchmarks.load import Measured
from tests.benchmarks.reading import CONNECTIONS, ratios, read_all
from tests.benchmarks.reports import a_million_orders, measure_reports, show
from tests.benchmarks.signing_in import sign_in_all
from tests.benchmarks.site import measure_site
from tests.benchmarks.starting import start_and_weigh

CONSOLE = Console()


@dataclass
class Figures:
    """What a run found, as it goes."""

    measured: dict[str, Measured] = field(default_factory=dict)
    promised: list[tuple[str, float, str]] = field(default_factory=list)
    started: dict[str, float] = field(default_factory=dict)
    reports: dict[str, float] = field(default_factory=dict)


def _reading(shop: Bench, seconds: float, found: Figures) -> None:
    read = read_all(shop, seconds)
    found.measured |= read
    found.promised += ratios(read)


def _buying(shop: Bench, seconds: float, found: Figures) -> None:
    bought = buy_all(shop, seconds * 2)
    found.measured |= bought.measured
    found.promised += [
        (f"PostgreSQL's share, {name}", share, "no target") for name, share in bought.database_share.items()
    ]


def _carts(shop: Bench, seconds: float, found: Figures) -> None:
    measured, promised = use_carts(shop, seconds * 2)
    found.measured |= measured
    found.promised += promised


def _signing_in(shop: Bench, seconds: float, found: Figures) -> None:
    for signed_in in sign_in_all(shop, seconds * 12):
        found.measured |= signed_in.figures()
        found.promised += signed_in.ratios()


def _blog(shop: Bench, seconds: float, found: Figures) -> None:
    found.measured |= read_posts(shop, seconds)


def _reports(found: Figures) -> None:
    with a_million_orders(Path(tempfile.mkdtemp(prefix="feria-bench-"))) as shop:
        found.reports |= measure_reports(shop)
    show(CONSOLE, found.reports)


def _site(seconds: float, found: Figures) -> None:
    measured, promised, started = measure_site(seconds)
    found.measured |= measured
    found.promised += promised
    found.started |= started


# Of one shop, in this order; then those that make their own.
IN_THE_SHOP: dict[str, Callable[[Bench, float, Figures], None]] = {
    "reading": _reading, "buying": _buying, "carts": _carts, "signing-in": _signing_in, "blog": _blog,
}  # fmt: skip
ON_THEIR_OWN: dict[str, Callable[[float, Figures], None]] = {
    "reports": lambda _, found: _reports(found),
    "site": _site,
    "starting": lambda _, found: found.started.update(start_and_weigh()),
}
PARTS = (*IN_THE_SHOP, *ON_THEIR_OWN)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--seconds", type=float, default=5.0, help="how long each figure is measured")
    parser.add_argument("--only", choices=PARTS, action="append", help="this part, or these; without it all of them")
    parser.add_argument("--output", type=Path, default=Path("bench-results.json"))
    options = parser.parse_args()
    chosen, found = options.only or PARTS, Figures()
    shop_parts = [part for name, part in IN_THE_SHOP.items() if name in chosen]
    if shop_parts:
        with bench(Path(tempfile.mkdtemp(prefix="feria-bench-"))) as shop:
            CONSOLE.print(
                f"{PRODUCTS} products, {CONNECTIONS} connections, {os.cpu_count()} cores for load and servers, "
                f"{_python()}"
            )
            for part in shop_parts:
                part(shop, options.seconds, found)
    for name, alone in ON_THEIR_OWN.items():
        if name in chosen:
            alone(options.seconds, found)
    _print(found)
    options.output.write_text(json.dumps(_document(found), indent=2) + "\n", encoding="utf-8")
    CONSOLE.print(f"written to {options.output}")


def _python() -> str:
    """Return which Python it is; one built without optimisation, as pyenv does unless told, is a sixth slower."""
    is_optimised = "--enable-optimizations" in (sysconfig.get_config_var("CONFIG_ARGS") or "")
    return f"Python {platform.python_version()}{'' if is_optimised else ', built without optimisation'}"


def _print(found: Figures) -> None:
    table = Table("", "per second", "p50 ms", "p95 ms", "errors")
    for name, figure in found.measured.items():
        table.add_row(
            name, f"{figure.per_second:,.0f}", f"{figure.p50_ms:.2f}", f"{figure.p95_ms:.2f}", str(figure.errors)
        )
    ratio_table = Table("ratio", "measured", "target")
    for what, value, target in found.promised:
        ratio_table.add_row(what, f"{value:.2f}", target)
    start_table = Table("start and memory", "measured")
    for name, seconds in found.started.items():
        start_table.add_row(name, f"{seconds:.1f}")
    for each in (table, ratio_table, start_table):
        if each.row_count:
            CONSOLE.print(each)


def _document(found: Figures) -> dict[str, Any]:
    return {
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "products": PRODUCTS,
        "measured": {name: asdict(figure) for name, figure in found.measured.items()},
        "ratios": {name: {"measured": value, "target": target} for name, value, target in found.promised},
        "start and memory": found.started,
        "reports": found.reports,
    }


if __name__ == "__main__":
    main()
