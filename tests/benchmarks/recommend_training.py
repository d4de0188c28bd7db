"""What a whole training takes: `feria recommend train` on the sales of ../shared/data/online_retail, in a database.

The items are products of the shop with the names of the data set, so texts are compared too; every customer has agreed
to be remembered. The time is that of the command, from its start to the model in service; the memory the largest sum of
its processes' resident memory, looked at ten times a second.
"""

from __future__ import annotations

import csv
import gzip
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, UUID, uuid5

import psutil
from rich.table import Table as Grid
from tests.benchmarks.environment import Bench, bench

from feria_core import clock, db

DATA = Path(__file__).parents[3] / "shared" / "data" / "online_retail"
LOOKED_AT_EVERY_S = 0.1
BATCH = 10_000


def training() -> Grid:
    """Return seconds and megabytes of the command."""
    grid = Grid("training", "sales", "products", "people", "s", "largest process, MB", "all its processes, MB")
    with bench(Path(tempfile.mkdtemp(prefix="feria-train-")), products=0) as shop:
        lines, products, people = shop.run(fill)
        seconds, largest, total = train(shop)
        grid.add_row(
            "feria recommend train", str(lines), str(products), str(people), f"{seconds:.1f}", f"{largest:.0f}",
            f"{total:.0f}",
        )  # fmt: skip
    return grid


def train(shop: Bench) -> tuple[float, float, float]:
    """Return the seconds of the command, the megabytes of its largest process, and of all."""
    command = [sys.executable, "-m", "feria_core.cli", "recommend", "train"]
    began = time.perf_counter()
    child = psutil.Popen(command, env={**os.environ, **shop.environment}, stdout=subprocess.DEVNULL)
    largest = total = 0.0
    while child.poll() is None:
        sizes = _sizes(child)
        largest, total = max(largest, *sizes), max(total, sum(sizes))
        time.sleep(LOOKED_AT_EVERY_S)
    if child.returncode:
        raise RuntimeError(f"the training ended with code {child.returncode}")
    return time.perf_counter() - began, largest, total


def _sizes(process: psutil.Process) -> list[float]:
    """Return the resident megabytes of the process and those below it; 0 once it has ended."""
    found = [0.0]
    try:
        everyone = [process, *process.children(recursive=True)]
    except psutil.NoSuchProcess:
        return found
    for one in everyone:
        try:
            found.append(one.memory_info().rss / 1e6)
        except psutil.NoSuchProcess:
            continue
    return found


async def fill() -> tuple[int, int, int]:
    """Write products, people and sales; return how many of each, sales first."""
    products = await _write_products()
    rows = list(_sales())
    people = {row[6] for row in rows if row[6] is not None}
    await db.execute(
        "INSERT INTO personalization_person (id, customer_id, is_granted, decided_at, bucket)"
        " SELECT id, id, true, $2, 5000 FROM unnest($1::uuid[]) AS one (id)",
        list(people), clock.now(),
    )  # fmt: skip
    known = {row["id"] for row in await db.fetch_all("SELECT id FROM catalog_product")}
    lines = [(row[0], products[row[1]], *row[2:]) for row in rows if products.get(row[1]) in known]
    for start in range(0, len(lines), BATCH):
        await db.execute_many(
            "INSERT INTO personalization_sale (order_id, product_id, quantity, amount, currency, at, person_id)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING",
            lines[start : start + BATCH],
        )
    await db.execute("ANALYZE")
    return len(lines), len(known), len(people)


async def _write_products() -> dict[str, UUID]:
    """Write the items through the catalog's own bulk writer; return their ids by code."""
    from feria_catalog.domain import ProductInput, VariantInput
    from feria_catalog.writing import upsert_products
    from feria_core.contracts.money import Money

    with gzip.open(DATA / "items.csv.gz", "rt", encoding="utf-8", newline="") as file:
        items = list(csv.DictReader(file))
    for start in range(0, len(items), 500):
        async with db.transaction():
            await upsert_products(
                [
                    ProductInput(
                        name=item["description"].strip().capitalize() or item["stock_code"], description="", brand=None,
                        category_path=(), attributes={},
                        variants=(VariantInput(item["stock_code"], Money(100, "USD"), stock=10),),
                    )
                    for item in items[start : start + 500]
                ],
                reason="benchmark",
            )  # fmt: skip
    rows = await db.fetch_all("SELECT sku, product_id FROM catalog_variant")
    return {row["sku"]: row["product_id"] for row in rows}


def _sales() -> Iterator[tuple[UUID, str, int, int, str, datetime, UUID | None]]:
    """Give the lines with their days moved to the last months, so that they are what the shop learns from now."""
    with gzip.open(DATA / "sales_train.csv.gz", "rt", encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    moved = clock.now() - datetime.fromisoformat(lines[-1]["time"]).replace(tzinfo=UTC)
    for line in lines:
        at = datetime.fromisoformat(line["time"]).replace(tzinfo=UTC) + moved
        person = uuid5(NAMESPACE_URL, line["customer"]) if line["customer"] else None
        yield uuid5(NAMESPACE_URL, line["invoice"]), line["stock_code"], 1, 100, "USD", at, person
