"""What is exported and imported again changes nothing, whatever the texts are."""

from __future__ import annotations

import csv
import io
import json
import random
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from feria_catalog.domain import MediaInput, ProductInput, VariantInput
from feria_catalog.exporting import service
from feria_catalog.importing.cells import neutral, plain
from feria_catalog.importing.errors import RowProblem
from feria_catalog.importing.run import Tally, import_file
from feria_catalog.writing import upsert_products
from feria_core import clock, db
from feria_core.money import Money
from feria_core.testing.client import ApiClient

pytestmark = pytest.mark.usefixtures("database")

BIG_LIST = Path(__file__).parents[4] / "shared" / "data" / "naughty" / "blns.json"
FIRST, SECOND = "0a1b2c3d.webp", "ffffffff.webp"
TABLES = (
    "catalog_product", "catalog_variant", "catalog_stock", "catalog_media", "catalog_category", "catalog_brand",
    "catalog_attribute", "catalog_stock_movement",
)  # fmt: skip
HOSTILE = (
    "=1+1", "+1", "-1", "@SUM(A1)", "'=1", "''=1", "'quoted'", "\t=x", "\r=x", " blank ", "\u3000wide\u3000", "json:{}",
    "json:", "a|b", "a | b", "|", "true", "FALSE", "007", "1.50", "-5", "1e5", "12", "a > b", ">", "> x", "a;b,c\td",
    'say "hi"', "line\nbreak", "line\r\nbreak", "lone\rreturn", "\x1f\x7f", "Ω≈ç√∫", "田中さん", "مرحبا", "👩‍👩‍👧",
    "\ufeffbom",
    "\u202eoverride", "<script>alert(1)</script>", "%00", "null", "None", "{{7*7}}", "../../etc/passwd", "\x85next",
)  # fmt: skip


class Heard:
    def __init__(self) -> None:
        self.problems: list[RowProblem] = []

    def batch_done(self, tally: Tally, problems: Sequence[RowProblem]) -> None:
        del tally
        self.problems += problems


def texts() -> list[str]:
    known = json.loads(BIG_LIST.read_text(encoding="utf-8")) if BIG_LIST.exists() else []
    return [*HOSTILE, *(text for text in known if text and "\x00" not in text)]


def catalog(seed: int, count: int) -> list[ProductInput]:
    dice = random.Random(seed)
    words = texts()

    def text(most: int) -> str:
        return dice.choice(words)[:most]

    def value() -> Any:
        return dice.choice([
            text(500), dice.random() < 0.5, dice.randrange(-(2**53), 2**53), Decimal(repr(dice.uniform(-9, 9))),
            Decimal("0.0000001"), [text(90) for _ in range(dice.randrange(4))], "", 0, Decimal("-1.5"),
        ])  # fmt: skip

    def variant(number: str, nth: int) -> VariantInput:
        return VariantInput(
            sku=f"{number}-{nth} {text(60)}", price=Money(dice.randrange(10**6), "USD"),
            compare_at_price=dice.choice([None, Money(dice.randrange(10**6), "USD")]), stock=dice.randrange(50),
            options={f"{text(40)}{i}": f"{text(60)}{nth}" for i in range(dice.randrange(1, 4))},
            weight_g=dice.choice([None, 0, 1200]), barcode=dice.choice([None, f"{number}{nth}{text(20)}"]),
            attributes=dice.choice([None, {f"own {text(30)}": value()}]),
            tax_class=dice.choice([None, "reduced"]), is_active=dice.choice([None, True, False]),
        )  # fmt: skip

    return [
        ProductInput(
            name=text(180) + dice.choice(["", " ", str(n)]), description=dice.choice(["", f"{text(900)}\n\n"]),
            brand=dice.choice([None, text(90)]), product_type=dice.choice([None, text(90)]),
            category_path=tuple(text(90) for _ in range(dice.randrange(4))),
            attributes={f"{text(60)} {i}": value() for i in range(dice.randrange(5))},
            status=dice.choice(["published", "draft", "archived"]),
            media=dice.choice([(), (MediaInput(FIRST, text(90), 10, 20), MediaInput(SECOND, "", 1, 1))]),
            publish_at=dice.choice([None, clock.now()]), seo_title=dice.choice([None, text(150)]),
            seo_description=dice.choice([None, text(400)]),
            variants=tuple(variant(f"S{seed}-{n}", nth) for nth in range(dice.randrange(1, 4))),
        )
        for n in range(count)
    ]  # fmt: skip


async def exported(file_format: service.Format) -> bytes:
    return b"".join([piece async for piece in service.pieces(file_format)])


async def imported(folder: Path, content: bytes) -> tuple[Tally, list[RowProblem]]:
    path = folder / "products"
    path.write_bytes(content)
    heard = Heard()
    return await import_file(path, mapping=None, batch_size=7, is_dry_run=False, report=heard), heard.problems


def pieces_of(content: bytes, file_format: service.Format) -> list[Any]:
    """Return what is in the file in an order of its own: ids of one millisecond have none."""
    if file_format == "jsonl":
        return sorted(content.splitlines())
    return sorted(csv.reader(io.StringIO(content.decode(), newline="")))


async def stored() -> list[Any]:
    return [[dict(row) for row in await db.fetch_all(f"SELECT * FROM {table} ORDER BY 1")] for table in TABLES]


@pytest.mark.parametrize("file_format", ["csv", "jsonl"])
@pytest.mark.parametrize("seed", range(6))
async def test_export_then_import_changes_nothing(tmp_path: Path, seed: int, file_format: service.Format) -> None:
    async with db.transaction():
        await upsert_products(catalog(seed, 40), reason="test")
    before, content = await stored(), await exported(file_format)
    tally, problems = await imported(tmp_path, content)
    assert problems == []
    assert (tally.counts.created, tally.counts.updated, tally.counts.unchanged) == (0, 0, 40)
    assert await stored() == before


@pytest.mark.parametrize("file_format", ["csv", "jsonl"])
async def test_an_export_makes_the_same_catalog_in_an_empty_shop(tmp_path: Path, file_format: service.Format) -> None:
    async with db.transaction():
        await upsert_products(catalog(99, 60), reason="test")
    content = await exported(file_format)
    async with db.transaction():
        await db.execute("TRUNCATE catalog_product, catalog_brand, catalog_category, catalog_attribute CASCADE")
        await db.execute(
            "INSERT INTO catalog_media_file (key, width, height) VALUES ($1, 10, 20), ($2, 1, 1)"
            " ON CONFLICT DO NOTHING",
            FIRST,
            SECOND,
        )
    tally, problems = await imported(tmp_path, content)
    assert problems == []
    assert tally.counts.created == 60
    assert pieces_of(await exported(file_format), file_format) == pieces_of(content, file_format)


async def test_what_was_renamed_by_staff_is_found_again(tmp_path: Path) -> None:
    await imported(tmp_path, b"name,brand,category,sku,price\nTable,Acme,Rooms > Kitchen,T,1\n")
    await db.execute("UPDATE catalog_brand SET name = 'Acme Tools'")
    await db.execute("UPDATE catalog_category SET name = 'Cooking' WHERE name = 'Kitchen'")
    for file_format in ("csv", "jsonl"):
        tally, _ = await imported(tmp_path, await exported(file_format))
        assert tally.counts.unchanged == 1
    assert await db.fetch_value("SELECT count(*) FROM catalog_brand") == 1


@pytest.mark.parametrize("text", [*HOSTILE, "", "x", "'", "''"])
def test_a_neutralised_cell_is_no_formula_and_reads_as_what_it_was(text: str) -> None:
    assert plain(neutral(text)) == text
    assert not neutral(text).startswith(("=", "+", "-", "@", "\t", "\r", "\x00"))


async def test_no_cell_of_an_export_begins_a_formula(tmp_path: Path) -> None:
    async with db.transaction():
        await upsert_products(catalog(3, 40), reason="test")
    rows = list(csv.reader(io.StringIO((await exported("csv")).decode(), newline="")))
    cells = {cell for row in rows for cell in row if cell.startswith(("=", "+", "-", "@", "\t", "\r"))}
    assert all(float(cell) < 0 for cell in cells)


async def test_attributes_beyond_the_columns_of_their_own_come_along(tmp_path: Path) -> None:
    many = {f"a{n}": n for n in range(450)}
    async with db.transaction():
        product = ProductInput("Table", (VariantInput("T", Money(1, "USD")),), attributes=many)
        await upsert_products([product], reason="test")
    content = await exported("csv")
    assert len(content.decode().splitlines()[0].split(",")) < 1000
    tally, problems = await imported(tmp_path, content)
    assert (tally.counts.unchanged, problems) == (1, [])


async def test_staff_gets_a_file_in_the_format_asked_for(staff: ApiClient, customer: ApiClient) -> None:
    async with db.transaction():
        await upsert_products([ProductInput("Table", (VariantInput("T", Money(1999, "USD"), stock=3),))], reason="test")
    answer = await staff.get("/api/admin/products/export")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert answer.headers["content-disposition"].startswith('attachment; filename="products-')
    row = next(csv.DictReader(io.StringIO(answer.body.decode())))
    assert (row["sku"], row["price"], row["stock"], row["is_active"]) == ("T", "19.99", "3", "true")
    lines = await staff.get("/api/admin/products/export?format=jsonl")
    assert json.loads(lines.body)["variants"][0]["price"] == {"amount": 1999, "currency": "USD"}
    assert (await staff.get("/api/admin/products/export?format=xml")).status == 422
    assert (await customer.get("/api/admin/products/export")).status == 403
