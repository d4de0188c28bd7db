"""`feria modules check`: a set is tried on a copy of the database, and the database stays as it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from gifts import MIGRATION, Shop

from feria_core._internal.migrations import connect


@pytest.fixture
def shop(tmp_path: Path, own_database_url: str, server_urls: tuple[str, str]) -> Shop:
    made = Shop(tmp_path, {"DATABASE_URL": own_database_url, "REDIS_URL": server_urls[1]})
    made.install_gifts()
    made.plugins.write_text("[modules.gifts]\n")
    return made


async def state(connection: Any) -> tuple[list[Any], list[Any], list[Any]]:
    """Return the applied migrations, the tables, and the copies that are left on the server."""
    return (
        await connection.fetch("SELECT app, version FROM aerich ORDER BY id"),
        await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"),
        await connection.fetch("SELECT datname FROM pg_database WHERE starts_with(datname, 'feria_check_')"),
    )


async def test_a_set_that_works_is_tried_and_nothing_stays(shop: Shop, own_database_url: str) -> None:
    connection = await connect(own_database_url)
    before = await state(connection)
    await connection.close()
    done = shop.feria("modules", "check")
    assert done.returncode == 0, done.stderr
    assert "the database is copied by the server" in done.stdout
    assert "applied gifts: 1_number.py" in done.stdout
    assert "the set works" in done.stdout
    connection = await connect(own_database_url)
    assert await state(connection) == before
    assert before[2] == []
    await connection.close()


async def test_while_somebody_is_connected_the_copy_is_a_dump(shop: Shop, own_database_url: str) -> None:
    connection = await connect(own_database_url)
    before = await state(connection)
    done = shop.feria("modules", "check")
    assert done.returncode == 0, done.stderr
    assert "copied by pg_dump" in done.stdout
    assert await state(connection) == before
    await connection.close()


async def test_a_migration_that_fails_is_told_and_the_copy_dropped(shop: Shop, own_database_url: str) -> None:
    shop.install_gifts(second=MIGRATION.format(up="ALTER TABLE gifts_nothing ADD COLUMN number INT;", down=""))
    done = shop.feria("modules", "check")
    assert done.returncode == 1
    assert "the copy cannot be migrated" in done.stderr
    assert "gifts_nothing" in done.stderr
    connection = await connect(own_database_url)
    assert (await state(connection))[2] == []
    await connection.close()


async def test_a_route_that_fails_is_named(shop: Shop) -> None:
    api = shop.site / "feria_gifts" / "api.py"
    api.write_text(api.read_text().replace("FROM gifts_gift", "FROM gifts_nothing"))
    done = shop.feria("modules", "check")
    assert done.returncode == 1
    assert "these fail on the copy: /api/gifts (500)" in done.stderr
