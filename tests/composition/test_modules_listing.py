"""`feria modules`: what is installed, what it brings, and how its migrations stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from gifts import Shop

from feria_core.plugins import discover


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    made = Shop(tmp_path)
    made.install_gifts()
    made.plugins.write_text("[modules.gifts]\n[modules.catalog]\nenabled = false\n")
    return made


def listed(shop: Shop) -> dict[str, dict[str, Any]]:
    return {row["name"]: row for row in json.loads(shop.feria("modules", "--json").stdout)}


def test_every_installed_module_is_listed_with_what_it_brings(shop: Shop) -> None:
    rows = listed(shop)
    assert set(rows) == {*discover(), "gifts"}
    gifts = rows["gifts"]
    assert (gifts["version"], gifts["state"], gifts["why"]) == ("1.2", "enabled", "")
    assert gifts["routes"] == ["GET /api/gifts"]
    assert (gifts["jobs"], gifts["schedules"], gifts["hears"]) == (
        ["gifts.forget"],
        ["gifts.forget"],
        ["orders.placed"],
    )
    assert (gifts["permissions"], gifts["tables"]) == (["gifts.write"], ["gifts_gift"])
    assert gifts["migrations"] == {"state": "unknown", "files": ["0_init.py", "1_number.py"]}
    [core] = gifts["ranges"]
    assert (core["distribution"], core["range"], core["fits"]) == ("feria-core", ">=0.1", True)
    assert (rows["catalog"]["state"], rows["catalog"]["why"]) == ("disabled", "enabled = false")
    assert "catalog_product" in rows["catalog"]["tables"]
    assert (rows["orders"]["needs"], rows["orders"]["uses"]) == (["catalog"], ["users"])


def test_the_migrations_are_behind_then_at_head_then_ahead(shop: Shop, own_database_url: str) -> None:
    shop.environment = {"DATABASE_URL": own_database_url, "REDIS_URL": "redis://unused"}
    assert listed(shop)["gifts"]["migrations"]["behind"] == ["0_init.py", "1_number.py"]
    assert listed(shop)["catalog"]["migrations"]["state"] == "at head"  # migrated once, and off since
    assert shop.feria("migrate", "up").returncode == 0
    assert listed(shop)["gifts"]["migrations"]["state"] == "at head"
    (shop.site / "feria_gifts" / "migrations" / "1_number.py").unlink()
    assert listed(shop)["gifts"]["migrations"]["ahead"] == ["1_number.py"]


def test_a_range_that_does_not_fit_is_shown_and_refused(shop: Shop) -> None:
    shop.install_gifts(requires=("feria-core>=9",))
    done = shop.feria("modules")
    assert done.returncode == 2
    assert "feria-core>=9" in done.stderr
    assert listed(shop)["gifts"]["ranges"][0]["fits"] is False


def test_a_module_whose_code_is_broken_is_one_line_of_the_list(shop: Shop) -> None:
    (shop.site / "feria_gifts" / "api.py").write_text("import nothing_of_that_name\n")
    shop.plugins.write_text("[modules.catalog]\n")
    done = shop.feria("modules", "--json")
    assert done.returncode == 0
    [gifts] = [row for row in json.loads(done.stdout) if row["name"] == "gifts"]
    assert gifts["why"] == "not named in plugins.toml"
    assert gifts["routes"] == []


def test_a_database_that_does_not_answer_leaves_the_rest_of_the_list(shop: Shop) -> None:
    shop.environment = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"}
    done = shop.feria("modules", "--json")
    assert done.returncode == 0
    assert "PostgreSQL does not answer" in done.stderr
    assert json.loads(done.stdout)[0]["migrations"]["state"] == "unknown"


def test_the_table_names_every_module_whole(shop: Shop) -> None:
    table = shop.feria("modules").stdout
    assert all(name in table for name in discover())


def test_one_module_is_shown_with_every_name(shop: Shop) -> None:
    shown = shop.feria("modules", "show", "gifts").stdout
    assert "routes       GET /api/gifts" in shown
    assert "tables       gifts_gift" in shown
    unknown = shop.feria("modules", "show", "gift")
    assert unknown.returncode == 2
    assert "the module 'gift' is not installed" in unknown.stderr
