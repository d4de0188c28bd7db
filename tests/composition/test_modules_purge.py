"""`feria modules purge`: after it, the database is as if the module had never been there."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from gifts import MIGRATION, Shop

from feria_core._internal.migrations import connect
from feria_core.testing.databases import dumped_schema

ON, OFF = "[modules.gifts]\n", "[modules.gifts]\nenabled = false\n"


@pytest.fixture
def shop(tmp_path: Path, own_database_url: str) -> Shop:
    made = Shop(tmp_path, {"DATABASE_URL": own_database_url, "REDIS_URL": "redis://unused"})
    made.install_gifts()
    made.plugins.write_text(ON)
    return made


async def rows(url: str, statement: str, *arguments: Any) -> list[Any]:
    connection = await connect(url)
    found = await connection.fetch(statement, *arguments)
    await connection.close()
    return [tuple(row) for row in found]


async def use(url: str) -> None:
    """Leave the rows that a shop with the module on leaves in core's tables, beside those of others."""
    event, heard = uuid4(), uuid4()
    await rows(url, "INSERT INTO gifts_gift (id, kind) VALUES ($1, 'card')", uuid4())
    await rows(
        url,
        "INSERT INTO core_outbox (id, name, version, payload, dispatched_at)"
        " VALUES ($1, 'gifts.given', 1, '{}', now()), ($2, 'orders.placed', 1, '{}', now())",
        event, heard,
    )  # fmt: skip
    await rows(
        url,
        "INSERT INTO core_job (id, name, queue, arguments, event_id, max_attempts) VALUES"
        " (gen_random_uuid(), 'gifts.forget', 'default', '{}', NULL, 8),"
        " (gen_random_uuid(), 'gifts.order_placed', 'default', '{}', $1, 8),"
        " (gen_random_uuid(), 'giftshop.forget', 'default', '{}', NULL, 8)",
        heard,
    )
    await rows(url, "INSERT INTO core_schedule (name, last_run) VALUES ('gifts.forget', now()), ('core.sweep', now())")


async def test_a_purged_module_leaves_the_schema_as_if_it_had_never_been(shop: Shop, own_database_url: str) -> None:
    before = dumped_schema(own_database_url)
    history = await rows(own_database_url, "SELECT app, version FROM aerich ORDER BY id")
    assert shop.feria("migrate", "up").returncode == 0
    assert dumped_schema(own_database_url) != before
    await use(own_database_url)
    shop.plugins.write_text(OFF)
    done = shop.feria("modules", "purge", "gifts", "--yes")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:2] == ["undone gifts: 1_number.py", "undone gifts: 0_init.py"]
    assert dumped_schema(own_database_url) == before
    assert await rows(own_database_url, "SELECT app, version FROM aerich ORDER BY id") == history
    assert await rows(own_database_url, "SELECT name FROM core_job") == [("giftshop.forget",)]
    assert await rows(own_database_url, "SELECT name FROM core_schedule") == [("core.sweep",)]
    assert await rows(own_database_url, "SELECT name FROM core_outbox") == [("orders.placed",)]
    again = shop.feria("modules", "purge", "gifts", "--yes")
    assert (again.returncode, again.stdout) == (0, "nothing to purge: 'gifts' left nothing in the database\n")


async def test_a_purged_module_can_be_enabled_again(shop: Shop, own_database_url: str) -> None:
    assert shop.feria("migrate", "up").returncode == 0
    first = dumped_schema(own_database_url)
    shop.plugins.write_text(OFF)
    assert shop.feria("modules", "purge", "gifts", "--yes").returncode == 0
    shop.plugins.write_text(ON)
    assert shop.feria("migrate", "up").returncode == 0
    assert dumped_schema(own_database_url) == first


async def test_an_enabled_module_is_not_purged(shop: Shop, own_database_url: str) -> None:
    assert shop.feria("migrate", "up").returncode == 0
    refused = shop.feria("modules", "purge", "gifts", "--yes")
    assert refused.returncode == 2
    assert "'gifts' is enabled: `feria modules disable gifts`" in refused.stderr
    assert await rows(own_database_url, "SELECT count(*) FROM gifts_gift") == [(0,)]


async def test_without_yes_it_asks_and_nothing_is_lost(shop: Shop, own_database_url: str) -> None:
    assert shop.feria("migrate", "up").returncode == 0
    shop.plugins.write_text(OFF)
    asked = shop.feria("modules", "purge", "gifts")
    assert asked.returncode == 1
    assert "Remove 2 migrations of 'gifts'? Its rows are lost." in asked.stdout
    assert await rows(own_database_url, "SELECT count(*) FROM gifts_gift") == [(0,)]


async def test_what_a_newer_version_made_is_left_to_the_newer_version(shop: Shop, own_database_url: str) -> None:
    assert shop.feria("migrate", "up").returncode == 0
    (shop.site / "feria_gifts" / "migrations" / "1_number.py").unlink()
    shop.plugins.write_text(OFF)
    refused = shop.feria("modules", "purge", "gifts", "--yes")
    assert refused.returncode == 2
    assert "migration '1_number.py' of 'gifts', which 1.2 cannot undo: install the newer feria-gifts" in refused.stderr
    assert await rows(own_database_url, "SELECT count(*) FROM gifts_gift") == [(0,)]


async def test_a_purge_that_fails_in_the_middle_goes_on_when_it_is_asked_again(
    shop: Shop, own_database_url: str
) -> None:
    before = dumped_schema(own_database_url)
    assert shop.feria("migrate", "up").returncode == 0
    shop.plugins.write_text(OFF)
    first = shop.site / "feria_gifts" / "migrations" / "0_init.py"
    whole = first.read_text()
    first.write_text(MIGRATION.format(up="", down="DROP TABLE gifts_nothing;"))
    assert shop.feria("modules", "purge", "gifts", "--yes").returncode != 0
    first.write_text(whole)
    done = shop.feria("modules", "purge", "gifts", "--yes")
    assert done.returncode == 0, done.stderr
    assert dumped_schema(own_database_url) == before


async def test_an_event_that_another_module_is_still_to_hear_stays(shop: Shop, own_database_url: str) -> None:
    """Orders is off and purged; gifts, which is on, has yet to hear of an order."""
    assert shop.feria("migrate", "up").returncode == 0
    await rows(
        own_database_url,
        "INSERT INTO core_outbox (id, name, version, payload) VALUES (gen_random_uuid(), 'orders.placed', 1, '{}'),"
        " (gen_random_uuid(), 'orders.cancelled', 1, '{}')",
    )
    assert shop.feria("modules", "purge", "orders", "--yes").returncode == 0
    assert await rows(own_database_url, "SELECT name FROM core_outbox") == [("orders.placed",)]


async def test_an_event_that_only_a_webhook_waits_for_stays(shop: Shop, own_database_url: str) -> None:
    """Nobody's code hears of gifts; a table says that a job of admin does, and one of gifts itself."""
    assert shop.feria("migrate", "up").returncode == 0
    await rows(
        own_database_url,
        "INSERT INTO core_event_interest (job, prefix, is_whole) VALUES"
        " ('admin.deliver', 'gifts.given', true), ('gifts.echo', 'gifts.', false)",
    )
    await rows(
        own_database_url,
        "INSERT INTO core_outbox (id, name, version, payload, dispatched_at) VALUES"
        " (gen_random_uuid(), 'gifts.given', 1, '{}', NULL), (gen_random_uuid(), 'gifts.given', 1, '{}', now()),"
        " (gen_random_uuid(), 'gifts.wrapped', 1, '{}', NULL)",
    )
    shop.plugins.write_text(OFF)
    assert shop.feria("modules", "purge", "gifts", "--yes").returncode == 0
    left = await rows(own_database_url, "SELECT name, dispatched_at FROM core_outbox")
    assert left == [("gifts.given", None)]
    assert await rows(own_database_url, "SELECT job FROM core_event_interest") == [("admin.deliver",)]
