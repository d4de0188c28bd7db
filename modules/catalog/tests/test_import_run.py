"""Whole files into a real database, in this process, as `feria import products` does it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from feria_catalog.commands import import_
from feria_catalog.importing.errors import RowProblem
from feria_catalog.importing.run import Tally, import_file
from feria_core import db

pytestmark = pytest.mark.usefixtures("database")


class Heard:
    """Remembers every problem and the tally after each batch."""

    def __init__(self) -> None:
        self.problems: list[RowProblem] = []
        self.rows: list[int] = []

    def batch_done(self, tally: Tally, problems: Sequence[RowProblem]) -> None:
        self.problems += problems
        self.rows.append(tally.rows)


async def run(path: Path, *, batch_size: int = 500, is_dry_run: bool = False) -> tuple[Tally, Heard]:
    heard = Heard()
    tally = await import_file(path, mapping=None, batch_size=batch_size, is_dry_run=is_dry_run, report=heard)
    return tally, heard


def table(folder: Path, *rows: str) -> Path:
    path = folder / "products.csv"
    path.write_text("name,sku,price,stock,slug,category\n" + "".join(f"{row}\n" for row in rows))
    return path


def mugs(folder: Path, count: int) -> Path:
    return table(folder, *(f"Mug {n},M-{n},1.{n % 100:02},{n},,Kitchen > Mugs" for n in range(count)))


async def prices() -> dict[str, int]:
    return {r["sku"]: r["price_amount"] for r in await db.fetch_all("SELECT sku, price_amount FROM catalog_variant")}


async def test_a_file_is_imported_and_found_unchanged_the_second_time(tmp_path: Path) -> None:
    path = mugs(tmp_path, 25)
    first, heard = await run(path, batch_size=10)
    assert (first.rows, first.counts.created, first.errors) == (25, 25, 0)
    assert heard.rows == [10, 20, 25]
    assert await prices() == {f"M-{n}": 100 + n for n in range(25)}
    assert await db.fetch_value("SELECT sum(on_hand) FROM catalog_stock") == sum(range(25))
    again, _ = await run(path, batch_size=7)
    assert (again.counts.created, again.counts.updated, again.counts.unchanged) == (0, 0, 25)


async def test_a_dry_run_counts_and_stores_nothing(tmp_path: Path) -> None:
    tally, _ = await run(mugs(tmp_path, 12), batch_size=5, is_dry_run=True)
    assert tally.counts.created == 12
    assert await db.fetch_value("SELECT count(*) FROM catalog_product") == 0
    assert await db.fetch_value("SELECT count(*) FROM catalog_category") == 0


async def test_a_product_that_the_shop_refuses_leaves_its_batch_alone(tmp_path: Path) -> None:
    await run(table(tmp_path, "Jug,JUG,9,1,jug,"))
    rows = [f"Mug {n},M-{n},1,1,," for n in range(30)]
    rows[17] = "Other jug,OTHER,5,1,jug,"
    tally, heard = await run(table(tmp_path, *rows))
    assert (tally.counts.created, tally.errors) == (29, 1)
    assert [(p.line, p.code) for p in heard.problems] == [(19, "slug_taken")]


async def test_the_later_of_two_rows_with_one_sku_is_what_remains(tmp_path: Path) -> None:
    tally, _ = await run(table(tmp_path, "Mug,M,1,1,,", "Bowl,B,1,1,,", "Mug,M,2,1,,"))
    assert (tally.counts.created, tally.counts.updated) == (2, 1)
    assert await prices() == {"M": 200, "B": 100}


async def test_a_file_that_breaks_off_keeps_what_came_before(tmp_path: Path) -> None:
    import gzip

    path = mugs(tmp_path, 5000)
    packed = gzip.compress(path.read_bytes())
    path.write_bytes(packed[: len(packed) // 2])
    tally, _ = await run(path, batch_size=100)
    assert tally.failure is not None
    assert 0 < tally.counts.created < 5000
    assert await db.fetch_value("SELECT count(*) FROM catalog_product") == tally.counts.created


async def test_nothing_is_stored_of_a_batch_whose_process_dies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from feria_catalog.importing import batches

    real, calls = batches.upsert_products, []

    async def dying(*args: object, **kwargs: object) -> object:
        calls.append(1)
        result = await real(*args, **kwargs)  # type: ignore[arg-type]
        if len(calls) == 2:
            raise KeyboardInterrupt
        return result

    monkeypatch.setattr(batches, "upsert_products", dying)
    with pytest.raises(KeyboardInterrupt):
        await run(mugs(tmp_path, 30), batch_size=10)
    assert await db.fetch_value("SELECT count(*) FROM catalog_product") == 10
    monkeypatch.setattr(batches, "upsert_products", real)
    tally, _ = await run(mugs(tmp_path, 30), batch_size=10)
    assert (tally.counts.created, tally.counts.unchanged) == (20, 10)


def test_help_explains_and_shows_an_example() -> None:
    shown = CliRunner().invoke(import_, ["products", "--help"]).output
    assert "feria import products spring.csv" in shown
    assert "Exit code" in shown
