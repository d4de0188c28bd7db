"""What docs/operating.md says of backups: a dump that is restored is the shop as it was."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from feria_core._internal.migrations import connect
from feria_core.embedded.binaries import find_postgres
from feria_core.testing.databases import empty_database


@pytest.fixture
def empty_url(server_urls: tuple[str, str]) -> Iterator[str]:
    """An empty database on the same server, for the restored one."""
    with empty_database(server_urls[0], f"feria_restored_{os.getpid()}") as url:
        yield url


@pytest.fixture
def environment(server_urls: tuple[str, str], plugins_file: Path, tmp_path: Path) -> dict[str, str]:
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("FERIA_")},
        "REDIS_URL": server_urls[1],
        "FERIA_PLUGINS": str(plugins_file),
        "FERIA_DATA": str(tmp_path),
        "FERIA_CORE__LOG_LEVEL": "error",
    }


def feria(environment: dict[str, str], url: str, *arguments: str, stdin: str = "") -> str:
    """Run a command that must succeed; return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", *arguments], env={**environment, "DATABASE_URL": url}, input=stdin,
        capture_output=True, text=True, timeout=240, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def postgres(program: str, *arguments: str) -> None:
    done = subprocess.run([find_postgres(None) / program, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


async def contents(url: str) -> dict[str, str]:
    """Return a hash of the rows of every table."""
    connection = await connect(url)
    try:
        names = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        statement = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {} t"
        return {name["tablename"]: await connection.fetchval(statement.format(name["tablename"])) for name in names}
    finally:
        await connection.close()


@pytest.mark.parametrize("filling", ["an owner", pytest.param("the demo", marks=pytest.mark.soak)])
async def test_a_restored_dump_is_the_shop_as_it_was(
    filling: str, own_database_url: str, empty_url: str, environment: dict[str, str], tmp_path: Path
) -> None:
    cli = "feria_core.cli"
    if filling == "the demo":
        feria(environment, own_database_url, "feria_core.commands.prepare", "demo")
    create = ("staff", "create", "--email", "owner@example.com", "--password-stdin")
    feria(environment, own_database_url, cli, *create, stdin="correct horse staple\n")
    before = await contents(own_database_url)
    file = str(tmp_path / "feria.dump")
    postgres("pg_dump", "--format=custom", f"--file={file}", own_database_url)
    postgres("pg_restore", "--no-owner", "--exit-on-error", f"--dbname={empty_url}", file)
    assert await contents(empty_url) == before
    assert feria(environment, empty_url, cli, "migrate", "plan") == "nothing to do: the database is at head\n"
    assert "nothing found" in feria(environment, empty_url, cli, "doctor")
    anchor = [
        line for line in feria(environment, own_database_url, cli, "audit", "verify").splitlines() if "anchor" in line
    ]
    assert anchor == [
        line for line in feria(environment, empty_url, cli, "audit", "verify").splitlines() if "anchor" in line
    ]
