"""`feria modules enable` and `disable`: plugins.toml as a person would edit it, and nothing that would not start."""

from __future__ import annotations

import asyncio
import tomllib
from pathlib import Path
from typing import Any

import pytest
from gifts import Shop

from feria_core._internal.migrations import connect
from feria_core.commands.modules.plugins_file import switched

FILE = """# The shop of the corner.

[core]
shop_name = "Corner"   # as on the sign

# sold since March
[modules.catalog]
enabled = true  # never off
[modules.orders]

[modules.orders.settings]
draft_days = 7 # a week

[modules.reviews]
enabled = false
"""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path)
    made.install_gifts()
    made.plugins.write_text(FILE)
    return made


def on(shop: Shop) -> dict[str, bool]:
    tables = tomllib.loads(shop.plugins.read_text())["modules"]
    return {name: table.get("enabled", True) for name, table in tables.items()}


def test_a_module_is_enabled_where_nobody_has_named_it_before(shop: Shop) -> None:
    done = shop.feria("modules", "enable", "gifts")
    assert done.returncode == 0, done.stderr
    assert shop.plugins.read_text() == FILE + "\n[modules.gifts]\nenabled = true\n"
    assert "routes come: GET /api/gifts" in done.stdout
    assert "migrations to run: gifts: 0_init.py, gifts: 1_number.py" in done.stdout
    assert "next: run `feria migrate up`, then restart" in done.stdout
    assert shop.feria("modules", "enable", "gifts").stdout == "'gifts' is enabled already\n"


def test_a_module_is_disabled_and_enabled_again_without_a_trace(shop: Shop) -> None:
    done = shop.feria("modules", "disable", "catalog", "orders")
    assert done.returncode == 0, done.stderr
    assert on(shop) == {"catalog": False, "orders": False, "reviews": False}
    assert "tables stay with their rows: catalog_" in done.stdout
    assert "`feria modules purge catalog`, `feria modules purge orders`" in done.stdout
    for comment in ("# The shop of the corner.", "# as on the sign", "# never off", "# a week"):
        assert comment in shop.plugins.read_text()
    assert shop.feria("modules", "enable", "catalog", "orders").returncode == 0
    assert shop.plugins.read_text().replace("[modules.orders]\nenabled = true\n", "[modules.orders]\n") == FILE


def test_a_module_that_others_need_stays_and_they_are_named(shop: Shop) -> None:
    done = shop.feria("modules", "disable", "catalog")
    assert done.returncode == 2
    assert "orders would refuse to start without it" in done.stderr
    assert "`feria modules disable catalog orders`" in done.stderr
    assert shop.plugins.read_text() == FILE


def test_a_module_whose_need_is_off_is_not_enabled(shop: Shop) -> None:
    done = shop.feria("modules", "enable", "reviews")
    assert done.returncode == 2
    assert "module 'reviews' needs the module 'users'" in done.stderr
    assert str(shop.plugins) in done.stderr
    assert shop.plugins.read_text() == FILE
    assert shop.feria("modules", "enable", "reviews", "users").returncode == 0


def test_a_module_that_cannot_be_loaded_is_not_enabled(shop: Shop) -> None:
    (shop.site / "feria_gifts" / "api.py").write_text("import nothing_of_that_name\n")
    done = shop.feria("modules", "enable", "gifts")
    assert (done.returncode, shop.plugins.read_text()) == (2, FILE)
    assert "nothing_of_that_name" in done.stderr


def test_an_unknown_module_is_refused_with_a_choice(shop: Shop) -> None:
    done = shop.feria("modules", "enable", "gift")
    assert (done.returncode, shop.plugins.read_text()) == (2, FILE)
    assert "install feria-gift or name one of: " in done.stderr


@pytest.mark.parametrize("arguments", [("enable", "gifts"), ("disable", "orders")])
def test_a_dry_run_says_all_and_writes_nothing(shop: Shop, arguments: tuple[str, ...]) -> None:
    done = shop.feria("modules", *arguments, "--dry-run")
    assert (done.returncode, shop.plugins.read_text()) == (0, FILE)
    assert f"{arguments[1]} would be {arguments[0]}d in {shop.plugins}" in done.stdout
    assert "next: " in done.stdout


def test_the_database_says_what_is_to_migrate_and_what_waits(shop: Shop, own_database_url: str) -> None:
    shop.environment = {"DATABASE_URL": own_database_url, "REDIS_URL": "redis://unused"}
    shop.plugins.write_text(FILE + "[modules.gifts]\n")
    assert shop.feria("migrate", "up").returncode == 0
    asyncio.run(queue_a_gift(own_database_url))
    assert "1 jobs wait" in shop.feria("modules", "disable", "gifts").stdout
    enabled = shop.feria("modules", "enable", "gifts")
    assert "migrations to run" not in enabled.stdout
    assert "next: restart" in enabled.stdout


async def queue_a_gift(url: str) -> None:
    connection: Any = await connect(url)
    await connection.execute(
        "INSERT INTO core_job (id, name, queue, arguments, max_attempts)"
        " VALUES (gen_random_uuid(), 'gifts.forget', 'default', '{}', 1)"
    )
    await connection.close()


@pytest.mark.parametrize(
    "text",
    ["", "[core]", "[modules]\n", "modules = {catalog = {enabled = false}}\n", '[modules."catalog"]\nenabled=false'],
)
def test_whatever_the_file_looks_like_only_the_switch_changes(text: str) -> None:
    before = tomllib.loads(text)
    after = tomllib.loads(switched(text, ["catalog", "cart"], on=True))
    assert after.pop("modules") == {"catalog": {"enabled": True}, "cart": {"enabled": True}}
    before.pop("modules", None)
    assert after == before
