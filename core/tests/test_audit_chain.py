"""The audit log's chain: made at the commit, broken by nobody unseen."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

import asyncpg
import pytest

from feria_core import audit, audit_log, db
from feria_core._internal import checks

GUIDE = Path(__file__).parents[2] / "docs" / "operating.md"


async def write(*actions: str) -> None:
    async with db.transaction():
        for action in actions:
            await audit.record(action, "thing", "1", after={"size": 1})


async def tampered(sql: str) -> None:
    """Do what only the owner of the database can do: go around the triggers."""
    async with db.transaction():
        await db.execute("SET LOCAL session_replication_role = replica")
        await db.execute(sql)


async def ids() -> list[object]:
    rows = await db.fetch_all("SELECT audit_id FROM core_audit_chain ORDER BY seq")
    return [row["audit_id"] for row in rows]


async def test_rows_of_many_transactions_at_once_make_one_chain(database: None) -> None:
    await asyncio.gather(*(write("thing.made", "thing.changed") for _ in range(15)))
    verdict = await audit_log.verify()
    assert (verdict.rows, verdict.seq, verdict.breaks) == (30, 30, ())


async def test_what_is_rolled_back_is_in_no_chain(database: None) -> None:
    async with db.transaction():
        await audit.record("thing.kept", "thing", "1")
        with pytest.raises(ZeroDivisionError):
            async with db.savepoint():
                await audit.record("thing.undone", "thing", "1")
                raise ZeroDivisionError
    with pytest.raises(ZeroDivisionError):
        async with db.transaction():
            await audit.record("thing.undone", "thing", "1")
            raise ZeroDivisionError
    verdict = await audit_log.verify()
    assert (verdict.rows, verdict.seq, verdict.breaks) == (1, 1, ())


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("UPDATE core_audit SET action = 'thing.other' WHERE id = '{second}'", "entry 2: the row {second}"),
        ("UPDATE core_audit SET after = NULL WHERE id = '{second}'", "entry 2: the row {second}"),
        ("UPDATE core_audit SET at = at + interval '1 us' WHERE id = '{second}'", "entry 2: the row {second}"),
        ("DELETE FROM core_audit WHERE id = '{second}'", "entry 2: the row {second} was deleted"),
        ("DELETE FROM core_audit_chain WHERE seq = 2", "entries 2 to 2 are gone"),
        ("DELETE FROM core_audit_chain WHERE seq = 3", "the end is gone"),
        (
            (
                "INSERT INTO core_audit (id, actor_kind, action, object_type, object_id)"
                " VALUES (gen_random_uuid(), 'system', 'thing.forged', 'thing', '1')"
            ),
            "(thing.forged",
        ),
    ],
)
async def test_a_change_by_sql_is_found_and_placed(database: None, change: str, told: str) -> None:
    for action in ("thing.made", "thing.changed", "thing.sold"):
        await write(action)
    second = (await ids())[1]
    await tampered(change.format(second=second))
    found = (await audit_log.verify()).breaks
    assert told.format(second=second) in found[0]
    assert await checks.audit_chain() == list(found)


def verified(plugins_file: Path, environment: dict[str, str]) -> tuple[int, str]:
    """Return how `feria audit verify` ends and what it says."""
    command = [sys.executable, "-m", "feria_core.cli", "audit", "verify", "--plugins", str(plugins_file)]
    ended = subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=120
    )
    return ended.returncode, ended.stdout


async def test_the_command_fails_and_names_the_row_that_was_edited(
    database: None, plugins_file: Path, database_url: str, server_urls: tuple[str, str]
) -> None:
    environment = {"DATABASE_URL": database_url, "REDIS_URL": server_urls[1]}
    for action in ("thing.made", "thing.changed"):
        await write(action)
    code, told = await asyncio.to_thread(verified, plugins_file, environment)
    assert (code, told.splitlines()[0]) == (0, "2 rows are as they were written")
    second = (await ids())[1]
    await tampered(f"UPDATE core_audit SET after = '{{}}' WHERE id = '{second}'")
    code, told = await asyncio.to_thread(verified, plugins_file, environment)
    assert code == 1
    assert told.startswith(f"BROKEN  entry 2: the row {second} (thing.changed, ")


async def test_a_chain_that_was_written_anew_misses_the_noted_end(database: None) -> None:
    await write("thing.made")
    noted = await audit_log.verify()
    anchor = noted.seq, noted.head
    await write("thing.changed")
    assert (await audit_log.verify(anchor=anchor)).breaks == ()
    await tampered("TRUNCATE core_audit, core_audit_chain, core_audit_head")
    await write("thing.other")
    assert "written anew" in (await audit_log.verify(anchor=anchor)).breaks[0]
    assert (await audit_log.verify()).breaks == ()


@pytest.mark.parametrize("table", ["core_audit", "core_audit_chain", "core_audit_head"])
async def test_nobody_empties_the_log(database: None, table: str) -> None:
    await write("thing.made")
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await db.execute(f"TRUNCATE {table}")
    with pytest.raises(asyncpg.RaiseError, match="append-only"):
        await db.execute(f"DELETE FROM {table}")


async def test_the_documented_role_of_the_application_writes_rows_and_changes_none(database: None) -> None:
    grants = re.search(r"```sql\n(CREATE ROLE feria_app.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    assert grants is not None
    with pytest.raises(ZeroDivisionError):
        async with db.transaction():
            for statement in grants[1].split(";"):
                if statement.strip():
                    await db.execute(statement)
            await db.execute("SET LOCAL ROLE feria_app")
            await audit.record("thing.made", "thing", "1")
            await db.execute("SET CONSTRAINTS ALL IMMEDIATE")
            assert await db.fetch_value("SELECT count(*) FROM core_audit_chain") == 1
            for forbidden in (
                "UPDATE core_audit SET action = 'x'", "DELETE FROM core_audit", "TRUNCATE core_audit",
                "ALTER TABLE core_audit DISABLE TRIGGER ALL", "INSERT INTO core_audit_chain VALUES (9, NULL, NULL)",
                "UPDATE core_audit_head SET seq = 0", "SET LOCAL session_replication_role = replica",
            ):  # fmt: skip
                with pytest.raises(asyncpg.InsufficientPrivilegeError):
                    async with db.savepoint():
                        await db.execute(forbidden)
            assert await db.execute("DELETE FROM core_mail") == 0  # what it works with, it may change
            raise ZeroDivisionError  # the role is of this transaction alone
