"""Migrations: each module its own history, one process at a time, all or nothing, and equal to the models."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from tortoise import Tortoise

from feria_core import db
from feria_core._internal.migrations import connect
from feria_core.testing.databases import TEMPLATE

HISTORIES = Path(__file__).parents[2] / "migrations"


def feria(*arguments: str, database_url: str, plugins: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "REDIS_URL": "redis://unused",
        "FERIA_PLUGINS": str(plugins),
    }
    return subprocess.run(
        [sys.executable, "-m", "feria_core.cli", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


async def tables(url: str) -> set[str]:
    connection = await connect(url)
    rows = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    await connection.close()
    return {row["tablename"] for row in rows}


def applied_files() -> set[tuple[str, str]]:
    return {
        (folder.name, file.name)
        for folder in HISTORIES.iterdir()
        if folder.is_dir()
        for file in folder.glob("[0-9]*.py")
    }


async def test_every_history_is_linked_into_its_package_and_applied(database: None) -> None:
    rows = await db.fetch_all("SELECT app, version FROM aerich")
    assert {(row["app"], row["version"]) for row in rows} == applied_files()


async def test_a_database_at_head_has_nothing_to_do(own_database_url: str, plugins_file: Path) -> None:
    planned = feria("migrate", "plan", database_url=own_database_url, plugins=plugins_file)
    assert (planned.returncode, planned.stdout) == (0, "nothing to do: the database is at head\n")


async def test_down_then_up_of_each_module_ends_where_it_began(own_database_url: str, plugins_file: Path) -> None:
    before = left = await tables(own_database_url)
    for app in sorted({app for app, _ in applied_files()} - {"core"}):
        undone = feria("migrate", "down", app, "--yes", database_url=own_database_url, plugins=plugins_file)
        assert undone.returncode == 0, undone.stderr
        known, left = left, await tables(own_database_url)
        assert {name for name in known - left if not name.startswith(f"{app}_")} == set()
    again = feria("migrate", "up", database_url=own_database_url, plugins=plugins_file)
    assert again.returncode == 0, again.stderr
    assert await tables(own_database_url) == before


async def test_processes_that_start_at_once_migrate_once(server_urls: tuple[str, str], plugins_file: Path) -> None:
    url = server_urls[0].replace(TEMPLATE, f"feria_twins_{os.getpid()}")
    admin = await connect(server_urls[0].replace(TEMPLATE, "postgres"))
    name = f"feria_twins_{os.getpid()}"
    await admin.execute(f'CREATE DATABASE "{name}"')
    try:
        environment = {
            **os.environ,
            "DATABASE_URL": url,
            "REDIS_URL": "redis://unused",
            "FERIA_PLUGINS": str(plugins_file),
        }
        command = [sys.executable, "-m", "feria_core.cli", "migrate", "up"]
        twins = [subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) for _ in range(3)]
        outputs = [twin.communicate()[0] for twin in twins]
        assert [twin.returncode for twin in twins] == [0, 0, 0]
        assert sum(output.count("applied core: 0_init.py") for output in outputs) == 1
        assert sum(output == "nothing to do: the database is at head\n" for output in outputs) == 2
    finally:
        await admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)')
        await admin.close()


async def test_a_database_ahead_of_the_code_refuses_the_start(own_database_url: str, plugins_file: Path) -> None:
    connection = await connect(own_database_url)
    await connection.execute("INSERT INTO aerich (version, app, content) VALUES ('99_future.py', 'catalog', '{}')")
    await connection.close()
    refused = feria("serve", "--port", "58713", database_url=own_database_url, plugins=plugins_file)
    assert refused.returncode == 2
    assert "migration '99_future.py' of 'catalog', which this version of the code does not" in refused.stderr
    assert "install the newer feria-catalog" in refused.stderr


async def test_a_database_behind_the_code_refuses_the_start(own_database_url: str, plugins_file: Path) -> None:
    feria("migrate", "down", "orders", "--yes", database_url=own_database_url, plugins=plugins_file)
    refused = feria("worker", database_url=own_database_url, plugins=plugins_file)
    assert refused.returncode == 2
    assert "the database is behind the code: orders" in refused.stderr
    assert "run `feria migrate up` first" in refused.stderr


async def test_an_unreachable_database_refuses_the_start(plugins_file: Path) -> None:
    refused = feria("serve", database_url="postgresql://nobody@127.0.0.1:1/none", plugins=plugins_file)
    assert refused.returncode == 2
    assert "PostgreSQL does not answer at 127.0.0.1, database 'none'" in refused.stderr
    assert "correct DATABASE_URL" in refused.stderr


async def test_the_models_name_real_columns_and_miss_none(database: None) -> None:
    """The migrations are written by hand, so the ORM's picture of them is compared with the database's."""
    found: dict[str, set[str]] = {}
    for row in await db.fetch_all(
        "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
    ):
        found.setdefault(row["table_name"], set()).add(row["column_name"])
    for app, models in Tortoise.apps.items():  # type: ignore[union-attr]
        for model in models.values():
            described: Any = model._meta
            columns = set(described.fields_db_projection.values())
            assert columns == found.get(described.db_table, set()), f"{app}: {described.db_table}"


@pytest.mark.parametrize("app", sorted(folder.name for folder in HISTORIES.iterdir() if folder.is_dir()))
def test_tables_carry_their_apps_name(app: str) -> None:
    import re

    for file in (HISTORIES / app).glob("[0-9]*.py"):
        for table in re.findall(
            r"CREATE (?:UNLOGGED )?TABLE (?:IF NOT EXISTS )?(\w+)", file.read_text(encoding="utf-8")
        ):
            assert table.startswith(f"{app}_") or table == "aerich"
