"""Reviews from a file: rows that hold are stored once, the others are named."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from feria_core import db
from feria_reviews import checks
from feria_reviews.importing.rows import BadFile
from feria_reviews.importing.run import ErrorReport, Tally, import_reviews

HEADING = "external_id,product,rating,title,text,author,created_at,locale,status,reply"


async def run(folder: Path, *lines: str, heading: str = HEADING, is_dry_run: bool = False) -> tuple[Tally, list[str]]:
    """Import the lines; return what came of them, and the refusals."""
    file, report = folder / "reviews.csv", ErrorReport(folder / "errors.csv")
    file.write_bytes("\n".join([heading, *lines]).encode("utf-8", "surrogateescape"))
    tally = await import_reviews(file, report=report, on_batch=lambda _: None, is_dry_run=is_dry_run)
    report.close()
    reasons = []
    if report.path.exists():
        with report.path.open(encoding="utf-8", newline="") as refused:
            reasons = [f"{row['row']}: {row['reason']}" for row in csv.DictReader(refused)]
        report.path.unlink()
    assert tally.bytes_done == file.stat().st_size
    return tally, reasons


async def test_rows_become_reviews_with_their_sums(shop: Any, tmp_path: Path) -> None:
    product = await shop.product("Oak table")
    tally, reasons = await run(
        tmp_path,
        'old-1,oak-table,5,Sturdy,"Two\nlines",Ana B.,2024-05-01T10:00:00Z,en,,Thank you',
        f"old-2,{product},2,,,,2024-05-02,es,approved,",
        "old-3,oak-table,1,,,,,,rejected,",
    )
    assert (tally.rows, tally.created, tally.known, tally.refused, reasons) == (3, 3, 0, 0, [])
    page = await shop.seen(product, "?sort=oldest")
    assert [(item["rating"], item["author_name"], item["locale"]) for item in page["items"]] == [
        (5, "Ana B.", "en"), (2, "", "es"),
    ]  # fmt: skip
    first = page["items"][0]
    assert (first["text"], first["created_at"], first["verified_purchase"]) == (
        "Two\nlines", "2024-05-01T10:00:00Z", False,
    )  # fmt: skip
    assert first["reply"]["text"] == "Thank you"
    assert await shop.card(product) == (3.5, 2)
    assert await checks.review_summaries() == []


async def test_an_import_is_repeated_without_effect(shop: Any, tmp_path: Path) -> None:
    product = await shop.product("Oak table")
    lines = [f"old-{number},oak-table,{number % 5 + 1},,,,,,," for number in range(1200)]
    assert (await run(tmp_path, *lines, lines[0]))[0].created == 1200
    tally, _ = await run(tmp_path, *lines, "new-1,oak-table,5,,,,,,,")
    assert (tally.created, tally.known) == (1, 1200)
    assert (await shop.seen(product))["summary"]["count"] == 1201


async def test_a_dry_run_stores_nothing(shop: Any, tmp_path: Path) -> None:
    await shop.product("Oak table")
    await run(tmp_path, "old-1,oak-table,5,,,,,,,")
    tally, _ = await run(tmp_path, "old-1,oak-table,5,,,,,,,", "old-2,oak-table,5,,,,,,,", is_dry_run=True)
    assert (tally.created, tally.known) == (1, 1)
    assert await db.fetch_value("SELECT count(*) FROM reviews_review") == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",oak-table,5,,,,,,,", "external_id and product must not be empty"),
        ("a,,5,,,,,,,", "external_id and product must not be empty"),
        ("a,nothing,5,,,,,,,", "there is no product 'nothing'"),
        (f"a,{UUID(int=5)},5,,,,,,,", "there is no product"),
        ("a,oak-table,6,,,,,,,", "rating is '6'"),
        ("a,oak-table,4.5,,,,,,,", "rating is '4.5'"),
        (f"a,oak-table,5,{'x' * 201},,,,,,", "title has 201 characters"),
        (f"a,oak-table,5,,{'x' * 5001},,,,,", "text has 5001 characters"),
        ("a,oak-table,5,,,,yesterday,,,", "created_at is 'yesterday'"),
        ("a,oak-table,5,,,,2999-01-01,,,", "must lie between 1990 and now"),
        ("a,oak-table,5,,,,0001-01-01T00:00:00+14:00,,,", "created_at is"),
        ("a,oak-table,5,,,,,,published,", "status is 'published'"),
        ("a,oak-table,5", "the row has 3 cells, the heading 10"),
        ("a,oak-table,5,,a\x00b,,,,,", "text is not text in UTF-8"),
        ("a,oak-table,5,,\udcff,,,,,", "text is not text in UTF-8"),
    ],
)
async def test_a_row_that_is_none_is_named_and_left_out(shop: Any, tmp_path: Path, line: str, reason: str) -> None:
    await shop.product("Oak table")
    tally, reasons = await run(tmp_path, line, "good,oak-table,5,,,,,,,")
    assert (tally.created, tally.refused) == (1, 1)
    assert reasons[0].startswith("1: ")
    assert reason in reasons[0]


@pytest.mark.parametrize("heading", ["", "rating", "external_id,product,rating,verified", '"'])
async def test_a_file_without_the_columns_is_refused(shop: Any, tmp_path: Path, heading: str) -> None:
    with pytest.raises(BadFile):
        await run(tmp_path, "a,b,5", heading=heading)


async def test_an_export_read_again_changes_nothing_and_fills_another_shop(shop: Any, tmp_path: Path) -> None:
    product = await shop.product("Oak table")
    await shop.published(product, text="=1+1, she said\n'yes'", title="'=cmd", rating=4)
    await run(tmp_path, "old-1,oak-table,5,,,,,,,")
    exported = (await shop.staff.get("/api/admin/reviews/export")).body
    before = (await shop.seen(product, "?sort=rating"))["items"]
    (tmp_path / "again.csv").write_bytes(exported)
    report = ErrorReport(tmp_path / "errors.csv")
    tally = await import_reviews(tmp_path / "again.csv", report=report, on_batch=lambda _: None)
    assert (tally.created, tally.known, tally.refused) == (0, 2, 0)
    await db.execute("DELETE FROM reviews_review")
    await db.execute("DELETE FROM reviews_summary")
    tally = await import_reviews(tmp_path / "again.csv", report=report, on_batch=lambda _: None)
    assert tally.created == 2
    again = (await shop.seen(product, "?sort=rating"))["items"]
    kept = ("rating", "title", "text", "author_name", "created_at", "locale")
    assert [[item[name] for name in kept] for item in again] == [[item[name] for name in kept] for item in before]


async def test_the_demo_products_are_reviewed_once(shop: Any) -> None:
    from feria_catalog import demo as products
    from feria_reviews import demo

    assert await demo.load() == []  # nothing to review
    await products.load()
    assert await demo.load() == ["45 reviews"]
    assert await demo.load() == []
    rows = await db.fetch_all("SELECT locale, count(*) AS n FROM reviews_review GROUP BY 1 ORDER BY 1")
    assert {row["locale"] for row in rows} == {"en", "es"}
    assert await checks.review_summaries() + await checks.review_votes() + await checks.review_badges() == []
    pan = await shop.seen("forge-frying-pan", "?sort=helpful")
    assert [item["rating"] for item in pan["items"]] == [5, 4, 1]
    assert (await shop.staff.get("/api/admin/reviews?status=pending")).json["items"][0]["rating"] == 1
