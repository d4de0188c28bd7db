"""Migrations that fail or are killed in the middle: what runs goes on, and the next run goes on or says what to do."""

from __future__ import annotations

import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from releases import FIRST, MOOD, Site, migration
from servers import answers, feria, wait_for

from feria_core._internal.migrations import connect
from feria_core.testing.ports import free_port

SLOW = "SELECT pg_sleep(CASE WHEN to_regclass('hurry') IS NULL THEN 600 ELSE 0 END)"
BROKEN = migration("ALTER TABLE wishes_nothing ADD COLUMN size INT", oldest="1.0")


@pytest.fixture
def site(tmp_path: Path, own_database_url: str, server_urls: tuple[str, str]) -> Site:
    """A deployment of wishes 1.0 alone, migrated."""
    made = Site(
        tmp_path / "site",
        {
            "DATABASE_URL": own_database_url,
            "REDIS_URL": server_urls[1],
            "FERIA_PLUGINS": str(tmp_path / "plugins.toml"),
            "FERIA_DATA": str(tmp_path),
        },
    )
    (tmp_path / "plugins.toml").write_text("[modules.wishes]\n")
    made.wishes("1.0")
    assert made.feria("migrate", "up").returncode == 0
    return made


async def applied(url: str) -> list[str]:
    connection = await connect(url)
    rows = await connection.fetch("SELECT version FROM aerich WHERE app = 'wishes' ORDER BY id")
    await connection.close()
    return [row["version"] for row in rows]


async def run(url: str, statement: str) -> Any:
    connection = await connect(url)
    found = await connection.fetchval(statement)
    await connection.close()
    return found


async def until(url: str, statement: str) -> None:
    """Wait until the statement gives true."""
    for _ in range(1200):
        if await run(url, statement):
            return
        await run(url, "SELECT pg_sleep(0.05)")
    raise AssertionError(statement)


async def test_one_that_fails_in_the_middle_leaves_the_old_version_serving_and_bootable(
    site: Site, own_database_url: str, tmp_path: Path
) -> None:
    port, other = free_port(), free_port()
    old = {**site.process_environment}
    with feria("serve", "--port", str(port), environment=old, log=tmp_path / "web.log"):
        wait_for(lambda: answers(f"http://127.0.0.1:{port}/readyz"), within_s=120, what="the old version is ready")
        site.wishes("1.1", {"0_init": FIRST, "1_mood": MOOD, "2_broken": BROKEN, "3_after": BROKEN})
        failed = site.feria("migrate", "up")
        assert failed.returncode == 2
        assert (
            "migration '2_broken.py' of 'wishes' failed: OperationalError: relation \"wishes_nothing\"" in failed.stderr
        )
        assert "Applied before it: wishes: 1_mood.py." in failed.stderr
        assert "run `feria migrate up` again, which goes on with this file" in failed.stderr
        assert await applied(own_database_url) == ["0_init.py", "1_mood.py"]
        assert answers(f"http://127.0.0.1:{port}/readyz")
        assert answers(f"http://127.0.0.1:{port}/api/wishes")
        refused = site.feria("serve", "--port", str(other))
        assert refused.returncode == 2
        assert "the database is behind the code: wishes (2_broken.py, 3_after.py)" in refused.stderr
        site.wishes("1.0")
        with feria("serve", "--port", str(other), environment=old, log=tmp_path / "other.log"):
            wait_for(lambda: answers(f"http://127.0.0.1:{other}/api/wishes"), within_s=120, what="the old one starts")
    site.wishes("1.1", {"0_init": FIRST, "1_mood": MOOD, "2_mended": migration("SELECT 1")})
    assert "applied wishes: 2_mended.py" in site.feria("migrate", "up").stdout


async def test_what_says_nothing_of_older_versions_refuses_them(site: Site, own_database_url: str) -> None:
    site.wishes("1.1", {"0_init": FIRST, "1_other": migration("SELECT 1")})
    assert site.feria("migrate", "up").returncode == 0
    site.wishes("1.0")
    refused = site.feria("migrate", "plan")
    assert refused.returncode == 2
    assert "migration '1_other.py' of 'wishes', which this version of the code does not: install" in refused.stderr


async def test_a_version_older_than_the_oldest_that_runs_on_is_refused(site: Site, own_database_url: str) -> None:
    site.wishes("1.1", {"0_init": FIRST, "1_mood": MOOD.replace('"1.0"', '"1.1"')})
    assert site.feria("migrate", "up").returncode == 0
    site.wishes("1.0")
    refused = site.feria("worker")
    assert refused.returncode == 2
    assert "does not, for 1.1 and newer, and 1.0 is installed: install the newer feria-wishes" in refused.stderr


async def test_an_oldest_that_is_no_version_is_refused_before_anything_is_done(
    site: Site, own_database_url: str
) -> None:
    site.wishes("1.1", {"0_init": FIRST, "1_mood": MOOD.replace('"1.0"', '"soon"')})
    refused = site.feria("migrate", "up")
    assert refused.returncode == 2
    assert "OLDEST = 'soon' in 1_mood.py of 'wishes' is no version" in refused.stderr
    assert await applied(own_database_url) == ["0_init.py"]


async def test_after_kill_9_the_next_start_goes_on(site: Site, own_database_url: str) -> None:
    slow = migration(f"ALTER TABLE wishes_wish ADD COLUMN mood TEXT; {SLOW}", oldest="1.0")
    site.wishes("1.1", {"0_init": FIRST, "1_mood": slow, "2_more": migration("SELECT 1")})
    killed = subprocess.Popen(site.command("migrate", "up"), env=site.process_environment, cwd=site.folder)
    try:
        await until(
            own_database_url,
            "SELECT count(*) = 1 FROM pg_stat_activity WHERE query LIKE '%pg_sleep(CASE%'"
            " AND datname = current_database() AND state = 'active' AND pid <> pg_backend_pid()",
        )
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    assert await applied(own_database_url) == ["0_init.py"]
    await run(own_database_url, "CREATE TABLE hurry ()")
    done = site.feria("migrate", "up")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[:2] == ["applied wishes: 1_mood.py", "applied wishes: 2_more.py"]


async def test_after_kill_9_in_what_is_no_transaction_the_next_start_says_what_to_do(
    site: Site, own_database_url: str
) -> None:
    index = migration("CREATE INDEX CONCURRENTLY wishes_by_text ON wishes_wish (text)", in_transaction=False)
    site.wishes("1.1", {"0_init": FIRST, "1_index": index})
    holding = await connect(own_database_url)
    transaction = holding.transaction()
    await transaction.start()
    await holding.execute("INSERT INTO wishes_wish (id, text) VALUES (gen_random_uuid(), 'x')")
    killed = subprocess.Popen(site.command("migrate", "up"), env=site.process_environment, cwd=site.folder)
    try:
        await until(own_database_url, "SELECT to_regclass('wishes_by_text') IS NOT NULL")
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    told = site.feria("migrate", "up")
    await transaction.rollback()
    await holding.close()
    assert told.returncode == 2
    assert "migration '1_index.py' of 'wishes' failed" in told.stderr
    assert "an INVALID index, as after a killed run, is to be dropped" in told.stderr
    await run(own_database_url, "DROP INDEX wishes_by_text")
    assert "applied wishes: 1_index.py" in site.feria("migrate", "up").stdout
