"""Imports that are killed, resumed, repeated and rehearsed."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from feria_catalog.domain import ProductInput, VariantInput
from feria_catalog.importing.errors import ImportRunning
from feria_catalog.importing.run import Tally, fingerprint, import_file, resume_file
from feria_catalog.writing import upsert_products
from feria_core import db
from feria_core.money import Money
from feria_core.testing.client import ApiClient
from feria_core.testing.deployment import write_plugins
from feria_core.testing.work import run_jobs


class Silent:
    def batch_done(self, tally: Tally, problems: Any) -> None:
        del tally, problems


def table(folder: Path, count: int, *extra: str) -> Path:
    path = folder / "products.csv"
    rows = [f"Mug {n},Maker {n % 7},M-{n},1.{n % 100:02},{n % 90},Kitchen > Mugs,{n % 5}" for n in range(count)]
    path.write_text("\n".join(["name,brand,sku,price,stock,category,attr.size", *rows, *extra, ""]))
    return path


async def resume(path: Path, *, again: bool = False) -> Tally:
    known = fingerprint(path, None)
    return await resume_file(path, mapping=None, batch_size=10, report=Silent(), known_by=known, again=again)


async def test_the_same_file_again_says_that_it_is_done(database: None, tmp_path: Path) -> None:
    path = table(tmp_path, 25)
    assert (await resume(path)).counts.created == 25
    second = await resume(path)
    assert second.done_before is not None
    assert (second.counts.created, second.rows) == (25, 25)
    assert (await resume(path, again=True)).counts.unchanged == 25
    path.write_text(path.read_text() + "Jug,,JUG,9,1,,\n")
    assert (await resume(path)).counts.created == 1


async def test_of_two_processes_on_one_file_one_steps_back(database: None, tmp_path: Path) -> None:
    path = table(tmp_path, 60)
    outcomes = await asyncio.gather(*(resume(path) for _ in range(3)), return_exceptions=True)
    stopped = [outcome for outcome in outcomes if isinstance(outcome, ImportRunning)]
    assert len(stopped) + sum(isinstance(outcome, Tally) for outcome in outcomes) == 3
    row = await db.fetch_one("SELECT position, created, errors FROM catalog_import WHERE state = 'done'")
    assert row is not None
    assert tuple(row.values()) == (60, 60, 0)


def feria(environment: dict[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "feria_core.cli", *arguments]
    return subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def exported(environment: dict[str, str], path: Path) -> list[bytes]:
    assert feria(environment, "catalog", "export", str(path)).wait(120) == 0
    return sorted(path.read_bytes().splitlines())


def test_an_import_killed_ten_times_ends_like_one_that_was_not(
    own_database_url: str, server_urls: tuple[str, str], tmp_path: Path
) -> None:
    plugins = write_plugins(tmp_path / "plugins.toml")
    environment = {
        **os.environ, "DATABASE_URL": own_database_url, "REDIS_URL": server_urls[1], "FERIA_PLUGINS": str(plugins),
        "FERIA_DATA": str(tmp_path / "data"),
    }  # fmt: skip
    path = table(tmp_path, 2400, "Bad,,B,-1,,,", "Mug 7 again,,M-7,2.50,3,,")
    command = ("catalog", "import", str(path), "--batch", "20")
    dice, kills = random.Random(), 0
    while kills < 10:
        process = feria(environment, *command)
        rows = _position(own_database_url)
        deadline = time.monotonic() + 60
        # Not before it works on the file: the kill shall meet a transaction, not the start of Python.
        while _position(own_database_url) == rows and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(dice.uniform(0, 0.15))
        process.kill()
        assert process.wait(30) == -signal.SIGKILL
        kills += 1
    assert 0 < _position(own_database_url) < 2402
    assert feria(environment, *command).wait(200) == 0
    killed = exported(environment, tmp_path / "killed.jsonl")
    assert _counts(own_database_url) == (2402, 2400, 1, 0, 1)

    asyncio.run(_emptied(own_database_url))
    assert feria(environment, *command[:3]).wait(200) == 0
    assert exported(environment, tmp_path / "whole.jsonl") == killed
    assert len(killed) == 2400


def _position(url: str) -> int:
    found = asyncio.run(_value(url, "SELECT coalesce(max(position), 0) FROM catalog_import"))
    return int(found)


def _counts(url: str) -> tuple[int, ...]:
    columns = "ARRAY[position, created, updated, unchanged, errors]"
    return tuple(asyncio.run(_value(url, f"SELECT {columns} FROM catalog_import WHERE state = 'done'")))


async def _value(url: str, sql: str) -> Any:
    import asyncpg

    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def _emptied(url: str) -> None:
    await _value(
        url, "TRUNCATE catalog_import, catalog_product, catalog_brand, catalog_category, catalog_attribute CASCADE"
    )


async def test_a_dry_run_tells_each_change_and_leaves_no_trace(database: None, tmp_path: Path) -> None:
    await resume(table(tmp_path, 3))
    before = await _everything()
    path = tmp_path / "new.csv"
    path.write_text(
        "name,brand,sku,price,stock,category,attr.size,barcode\n"
        "Mug 0,Other,M-0,2.00,0,Kitchen > Mugs,XL,\n"
        "Mug 1,Maker 1,M-1,1.01,1,Kitchen > Mugs,1,\n"
        "Bowl,,BOWL,3,4,Kitchen > Bowls,,X 1\n"
        "Twin,,TWIN,3,4,,,x1\n"
    )
    heard: list[Any] = []

    class Report:
        def batch_done(self, tally: Tally, problems: Any) -> None:
            heard.extend(problems)

    tally = await import_file(path, mapping=None, batch_size=500, is_dry_run=True, report=Report())
    assert (tally.counts.created, tally.counts.updated, tally.counts.unchanged) == (1, 1, 1)
    assert [(problem.line, problem.code) for problem in heard] == [(5, "barcode_taken")]
    changed, created = tally.changes
    assert (changed.kind, changed.line, changed.sku) == ("changed", 2, "M-0")
    assert {f["field"]: (f["before"], f["after"]) for f in changed.fields} == {
        "brand": ("Maker 0", "Other"), "attr.size": (0, "XL"), "variants.M-0.price_amount": (100, 200),
    }  # fmt: skip
    assert (created.kind, created.sku) == ("created", "BOWL")
    assert {"field": "variants.BOWL.stock", "before": None, "after": 4} in created.fields
    assert await _everything() == before


async def _everything() -> Any:
    tables = ("product", "variant", "stock", "brand", "category", "attribute", "import", "slug_history")
    rows = [[dict(r) for r in await db.fetch_all(f"SELECT * FROM catalog_{table} ORDER BY 1")] for table in tables]
    sequences = await db.fetch_all(
        "SELECT sequencename, last_value FROM pg_sequences WHERE sequencename LIKE 'catalog_%' ORDER BY 1"
    )
    return rows, [dict(row) for row in sequences]


async def test_staff_sees_the_diff_of_a_dry_run(staff: ApiClient) -> None:
    async with db.transaction():
        await upsert_products([ProductInput("=Mug", (VariantInput("M", Money(100, "USD")),))], reason="test")
    data = b"name,sku,price\n'=Mug,M,2.50\nJug,J,1\nBad,B,x\n"
    answer = await staff.call(
        "POST", "/api/admin/products/import?dry_run=true", data=data, headers={"Content-Type": "text/csv"}
    )
    assert answer.status == 202
    await run_jobs()
    state = (await staff.get(f"/api/admin/imports/{answer.json['job_id']}")).json
    assert (state["state"], state["dry_run"]) == ("done", True)
    assert state["counts"] == {"rows": 3, "created": 1, "updated": 1, "unchanged": 0, "errors": 1}
    assert state["changes"][0]["fields"] == [{"field": "variants.M.price_amount", "before": 100, "after": 250}]
    assert await db.fetch_value("SELECT count(*) FROM catalog_product") == 1
    table = (await staff.get(state["diff"])).body.decode().splitlines()
    assert table[:2] == ["line,kind,sku,name,field,before,after", "2,changed,M,'=Mug,variants.M.price_amount,100,250"]
    lines = (await staff.get(f"{state['diff']}?format=jsonl")).body.splitlines()
    assert [json.loads(line)["kind"] for line in lines] == ["changed", "created"]
    errors = (await staff.get(f"/api/admin/imports/{answer.json['job_id']}/errors")).body.decode().splitlines()
    assert errors[1].startswith("4,invalid_price,")
    assert errors[1].endswith(',price,"Bad,B,x"')
