"""Transactions: joined, bounded, with what follows a commit."""

from __future__ import annotations

import asyncio
from importlib import import_module
from pathlib import Path

import asyncpg
import pytest

from feria_core import db
from feria_core._internal import pool as pooled
from feria_core._internal.database import _sources_unread, pool, pool_use


async def test_a_joined_transaction_rolls_back_as_a_whole(database: None) -> None:
    async def inner() -> None:
        async with db.transaction():
            await db.execute("INSERT INTO core_schedule VALUES ('inner', now())")

    with pytest.raises(ZeroDivisionError):
        async with db.transaction():
            await inner()
            _ = 1 / 0
    assert await db.fetch_value("SELECT count(*) FROM core_schedule") == 0


async def test_a_savepoint_undoes_its_block_alone(database: None) -> None:
    async with db.transaction():
        await db.execute("INSERT INTO core_schedule VALUES ('kept', now())")
        with pytest.raises(Exception, match="duplicate key"):
            async with db.savepoint():
                await db.execute("INSERT INTO core_schedule VALUES ('kept', now())")
        await db.execute("INSERT INTO core_schedule VALUES ('after', now())")
    assert await db.fetch_value("SELECT count(*) FROM core_schedule") == 2


async def test_callbacks_follow_a_commit_and_never_a_rollback(database: None) -> None:
    called = []

    async def callback() -> None:
        called.append(db.current_transaction())

    async with db.transaction():
        db.after_commit(callback)
        assert called == []
    assert called == [None]
    with pytest.raises(ZeroDivisionError):
        async with db.transaction():
            db.after_commit(callback)
            _ = 1 / 0
    assert len(called) == 1


async def test_a_task_started_inside_does_not_share_the_transaction(database: None) -> None:
    async def elsewhere() -> int:
        assert db.current_transaction() is None
        async with db.transaction():
            return int(await db.fetch_value("SELECT count(*) FROM core_schedule"))

    async with db.transaction():
        await db.execute("INSERT INTO core_schedule VALUES ('mine', now())")
        assert await asyncio.create_task(elsewhere()) == 0


async def test_more_askers_than_connections_all_get_an_answer(database: None) -> None:
    async def ask(number: int) -> int:
        async with db.transaction():
            return int(await db.fetch_value("SELECT $1::int", number))

    assert await asyncio.gather(*(ask(n) for n in range(100))) == list(range(100))


async def test_execute_counts_rows(database: None) -> None:
    assert await db.execute("INSERT INTO core_schedule SELECT 'n' || n, now() FROM generate_series(1, 3) n") == 3
    assert await db.execute("UPDATE core_schedule SET last_run = now() WHERE name = 'n1'") == 1
    assert await db.execute("DELETE FROM core_schedule") == 3


async def test_a_statement_whose_columns_a_migration_has_changed_is_prepared_anew(database: None) -> None:
    everything = "SELECT * FROM core_schedule"
    await db.execute("INSERT INTO core_schedule VALUES ('one', now())")
    assert len(await db.fetch_one(everything) or {}) == 2
    async with db.transaction():  # on the same connection: its statement is out of date then
        assert len(await db.fetch_one(everything) or {}) == 2
        await db.execute("ALTER TABLE core_schedule ADD COLUMN added int")
    try:
        assert [dict(row)["added"] for row in await db.fetch_all(everything)] == [None]
        assert await db.execute("UPDATE core_schedule SET added = $1", 5) == 1
        assert await db.fetch_value("SELECT added FROM core_schedule") == 5
    finally:
        await db.execute("ALTER TABLE core_schedule DROP COLUMN added")


async def test_an_outdated_statement_inside_a_transaction_fails_it_once(database: None) -> None:
    everything = "SELECT *, 1 AS other FROM core_schedule"
    async with db.transaction():
        await db.fetch_all(everything)
    try:
        with pytest.raises(asyncpg.InvalidCachedStatementError):
            async with db.transaction():
                await db.execute("ALTER TABLE core_schedule ADD COLUMN added int")
                await db.fetch_all(everything)
        async with db.transaction():
            assert await db.fetch_all(everything) == []
    finally:
        await db.execute("ALTER TABLE core_schedule DROP COLUMN IF EXISTS added")


async def test_statements_are_counted_for_the_debug_log(database: None) -> None:
    counter = [0]
    token = db.statement_count.set(counter)
    async with db.transaction():
        await db.fetch_value("SELECT 1")
        await db.execute("DELETE FROM core_schedule")
    db.statement_count.reset(token)
    assert counter == [2]


async def test_statements_and_transactions_that_are_broken_off_give_their_connections_back(database: None) -> None:
    async def sleep_alone() -> None:
        await db.fetch_value("SELECT pg_sleep(30)")

    async def sleep_inside() -> None:
        async with db.transaction():
            await db.execute("INSERT INTO core_schedule VALUES ('broken off', now())")
            await db.fetch_value("SELECT pg_sleep(30)")

    tasks = [asyncio.create_task(work()) for work in (sleep_alone, sleep_inside) for _ in range(3)]
    while pool_use()[0] < len(tasks):
        await asyncio.sleep(0.01)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert all(task.cancelled() for task in tasks)
    assert pool_use()[0] == 0
    many = await asyncio.gather(*(db.fetch_value("SELECT $1::int", number) for number in range(100)))
    assert (many, pool_use()[0]) == (list(range(100)), 0)
    assert await db.fetch_value("SELECT count(*) FROM core_schedule") == 0


async def test_a_connection_that_the_server_has_closed_is_not_lent_again(database: None) -> None:
    await asyncio.gather(*(db.fetch_value("SELECT pg_sleep(0.05)") for _ in range(4)))
    async with db.transaction():
        others = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
        ended = await db.fetch_value(f"{others} AND datname = current_database() AND backend_type = 'client backend'")
    assert ended >= 3
    await asyncio.sleep(0.1)  # until the news has come
    assert await asyncio.gather(*(db.fetch_value("SELECT $1::int", number) for number in range(9))) == list(range(9))


async def test_connections_that_nobody_uses_are_closed(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    connections = await _opened_pool()
    await asyncio.gather(*(db.fetch_value("SELECT pg_sleep(0.05)") for _ in range(4)))
    connections.close_unused()
    assert connections.get_size() >= 4  # they were used just now
    monkeypatch.setattr(pooled, "UNUSED_S", -1.0)
    async with db.transaction():
        connections.close_unused()
        assert connections.get_size() == 1 == connections.get_min_size()
        assert await db.fetch_value("SELECT 1") == 1  # what is in use stays
    connections._end_looks()


async def _opened_pool() -> pooled.BoundedPool:
    await db.fetch_value("SELECT 1")
    return pool()._pool


async def test_a_slow_statement_is_logged_without_its_values(database: None, monkeypatch: pytest.MonkeyPatch) -> None:
    told = []
    monkeypatch.setattr(pooled.log, "warning", lambda event, **members: told.append((event, members["sql"])))
    async with pool().acquire_connection() as connection:
        monkeypatch.setattr(connection._con, "slow_ms", 0.0)
        await connection.fetchval("SELECT  $1::text", "a secret")
    assert told == [("database.slow_query", "SELECT $1::text")]


_COMMENTED = """
from tortoise import fields
from tortoise.models import Model

class Plank(Model):
    #: In millimetres.
    length = fields.IntField(primary_key=True)
"""


def test_models_are_imported_without_parsing_their_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("planks_unread", "planks_read"):
        (tmp_path / f"{name}.py").write_text(_COMMENTED)
    with _sources_unread():
        assert import_module("planks_unread").Plank._meta.fields_map["length"].description is None
    assert import_module("planks_read").Plank._meta.fields_map["length"].description == "In millimetres."
