"""A hundred thousand rows through `feria import products`: rows a second, and the most memory that it took.

`make bench-import` measures alone; `--profile FILE` writes what cProfile saw.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.benchmarks.environment import WORDS, Bench, bench

ROWS = 100_000
HEADER = ("name", "description", "brand", "category", "sku", "price", "stock", "barcode", "option.size")
ATTRIBUTES = ("colour", "material", "width", "height", "depth", "warranty", "origin", "energy_class")


@dataclass(frozen=True)
class Imported:
    """One run of the command."""

    rows_per_second: float
    seconds: float
    peak_mb: float
    cpu_s: float


def import_all(shop: Bench, folder: Path, *, rows: int = ROWS, profile: Path | None = None) -> dict[str, Imported]:
    """Return the figures of a first import, of other prices, levels and texts for every row, and of the same again."""
    new, changed = folder / "import.csv", folder / "changed.csv"
    write_file(new, rows)
    write_file(changed, rows, seed=8)
    return {
        "new": _measured(shop, new, rows, profile),
        "changed": _measured(shop, changed, rows, None),
        "unchanged": _measured(shop, changed, rows, None, "--again"),
    }


def write_file(path: Path, rows: int, *, seed: int = 7) -> None:
    """Write a CSV of so many products, deterministic from run to run: some 900 bytes, 8 attributes each."""
    dice = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*HEADER, *(f"attr.{code}" for code in ATTRIBUTES)])
        writer.writerows(_row(dice, number) for number in range(rows))


def _row(dice: random.Random, number: int) -> list[object]:
    choice = dice.choice
    return [
        " ".join(dice.sample(WORDS, 5)).capitalize() + f" {number % 977}", " ".join(dice.choices(WORDS, k=90)),
        f"Maker {dice.randrange(800)}", f"Branch {dice.randrange(12)} > Twig {dice.randrange(9)}",
        f"I-{number}", f"{dice.randrange(100, 90_000) / 100:.2f}", dice.randrange(40), f"{4_000_000_000_000 + number}",
        choice(WORDS), choice(WORDS), choice(WORDS), dice.randrange(500), dice.randrange(500),
        dice.randrange(500), choice(["1 year", "2 years", "5 years"]), choice(["ES", "PT", "FR", "IT"]), choice("ABCD"),
    ]  # fmt: skip


def _measured(shop: Bench, file: Path, rows: int, profile: Path | None, *more: str) -> Imported:
    prefix = ["-m", "cProfile", "-o", str(profile)] if profile else []
    command = [sys.executable, *prefix, "-m", "feria_core.cli", "import", "products", str(file), *more]
    # An installed command has its modules compiled already.
    environment = {**os.environ, **shop.environment, "PYTHONDONTWRITEBYTECODE": ""}
    began = time.perf_counter()
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    # wait4 tells the peak memory of this very child, which nothing that samples could miss.
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.perf_counter() - began
    if process.returncode:
        raise RuntimeError(f"the import ended with {process.returncode}")
    return Imported(rows / seconds, seconds, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=ROWS)
    parser.add_argument("--profile", type=Path)
    options = parser.parse_args(arguments)
    folder = Path(tempfile.mkdtemp(prefix="feria-bench-import-"))
    with bench(folder, products=0) as shop:
        for name, figure in import_all(shop, folder, rows=options.rows, profile=options.profile).items():
            print(  # noqa: T201 - a command's output
                f"{name}: {figure.rows_per_second:,.0f} rows/s ({figure.seconds:.1f} s, "
                f"{figure.cpu_s:.1f} s of them CPU of the importing process), {figure.peak_mb:.0f} MB at the most"
            )


if __name__ == "__main__":
    main()
