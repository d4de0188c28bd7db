"""Test databases: one migrated template, cloned; emptying only what a test has filled; what the schema is."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from feria_core import db
from feria_core._internal.migrations import connect
from feria_core.embedded.binaries import find_postgres
from feria_core.testing.deployment import write_plugins

TEMPLATE = "feria_template"

# One round trip: tables that are empty are left alone, which makes this a few milliseconds.
_EMPTY = """
DO $$
DECLARE name text; filled bool; found text[] := '{}';
BEGIN
    FOR name IN SELECT format('%I', tablename) FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'aerich' LOOP
        EXECUTE 'SELECT EXISTS (SELECT FROM ' || name || ')' INTO filled;
        IF filled THEN found := found || name; END IF;
    END LOOP;
    -- The audit log cannot be emptied, not even by its owner: as superuser of a server of their own, tests ask it not
    -- to look. Nothing else is emptied meanwhile, whose triggers have work to do.
    IF 'core_audit' = ANY (found) OR 'core_audit_head' = ANY (found) THEN
        PERFORM set_config('session_replication_role', 'replica', true);
        TRUNCATE core_audit, core_audit_chain, core_audit_head;
        PERFORM set_config('session_replication_role', 'origin', true);
        found := array_remove(array_remove(array_remove(
            found, 'core_audit'), 'core_audit_chain'), 'core_audit_head');
    END IF;
    IF cardinality(found) > 0 THEN
        EXECUTE 'TRUNCATE ' || array_to_string(found, ', ') || ' CASCADE';
    END IF;
END $$
"""


async def empty_tables() -> None:
    """Empty every table that holds rows, and forget every cached answer."""
    async with db.transaction() as opened:
        await db.execute(_EMPTY)
        opened.tags.add("*")


def migrated_template(server_url: str) -> str:
    """Create and migrate the template database with every installed module; return its URL."""
    asyncio.run(_create(server_url, TEMPLATE, None))
    url = _named(server_url, TEMPLATE)
    with tempfile.TemporaryDirectory() as folder:
        plugins = write_plugins(Path(folder) / "plugins.toml")
        environment = {**os.environ, "DATABASE_URL": url, "REDIS_URL": "redis://unused"}
        command = [sys.executable, "-m", "feria_core.cli", "migrate", "up", "--plugins", str(plugins)]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise RuntimeError(f"the template database could not be migrated:\n{done.stdout}{done.stderr}")
    return url


def empty_database(template_url: str, name: str) -> AbstractContextManager[str]:
    """Give the URL of a database without any table on the template's server, dropped afterwards."""
    return _fresh(template_url, name, None)


def cloned_database(template_url: str, name: str) -> AbstractContextManager[str]:
    """Give the URL of a fresh clone of the template, dropped afterwards."""
    return _fresh(template_url, name, TEMPLATE)


@contextmanager
def _fresh(template_url: str, name: str, template: str | None) -> Iterator[str]:
    asyncio.run(_create(template_url, name, template))
    try:
        yield _named(template_url, name)
    finally:
        asyncio.run(_drop(template_url, name))


def dumped_schema(url: str) -> str:
    """Return what pg_dump says of the schema; the random token that guards a restore says nothing."""
    command = [str(find_postgres(None) / "pg_dump"), "--schema-only", url]
    dump = subprocess.run(command, capture_output=True, text=True, check=True, timeout=120).stdout  # noqa: S603
    return "\n".join(line for line in dump.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))


def _named(url: str, database: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=f"/{database}"))


async def _create(url: str, name: str, template: str | None) -> None:
    await _drop(url, name)
    connection = await connect(_named(url, "postgres"))
    try:
        await connection.execute(f'CREATE DATABASE "{name}"' + (f' TEMPLATE "{template}"' if template else ""))
    finally:
        await connection.close()


async def _drop(url: str, name: str) -> None:
    connection = await connect(_named(url, "postgres"))
    try:
        await connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    finally:
        await connection.close()
