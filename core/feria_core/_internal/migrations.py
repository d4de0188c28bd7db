"""Applying the modules' aerich files, one process at a time, core first, then by hard needs."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg

from feria_core._internal.database import credentials, tortoise_config
from feria_core.config import Config
from feria_core.errors import StartRefused
from feria_core.plugins import LoadedModule

# "feria" in ASCII: the advisory lock under which migrations run.
LOCK_KEY = 0x6665726961
MIGRATION_TIMEOUT_MS = 3_600_000


@dataclass(frozen=True)
class App:
    """One history of migrations: core's or a module's."""

    name: str
    folder: Path
    models: str

    def files(self) -> list[str]:
        """Return the file names of its migrations, oldest first."""
        names = [path.name for path in self.folder.glob("*.py") if re.match(r"\d+_", path.name)]
        return sorted(names, key=lambda name: int(name.split("_")[0]))


@dataclass(frozen=True)
class Pending:
    """What `feria migrate plan` lists: the files of an app that the database has not seen."""

    app: App
    files: tuple[str, ...]


def apps(modules: Sequence[LoadedModule]) -> list[App]:
    """Return core and every module with tables, in the order in which they are migrated."""
    found = [App("core", _package_folder("feria_core") / "migrations", "feria_core._internal.models")]
    for module in modules:
        package = module.installed.entry_point.value.partition(".")[0]
        folder = _package_folder(package) / "migrations"
        if folder.is_dir() and module.manifest.models:
            found.append(App(module.name, folder, module.manifest.models))
    return found


async def plan(url: str, found: Sequence[App]) -> list[Pending]:
    """Return what is not applied yet, in order.

    Raises StartRefused where the database holds a migration that this code does not know.
    """
    connection = await connect(url)
    try:
        applied = await applied_files(connection)
    finally:
        await connection.close()
    for app in found:
        ahead = applied.get(app.name, set()) - set(app.files())
        if ahead:
            raise StartRefused(
                f"the database has migration '{max(ahead)}' of '{app.name}', which this version of the code does not: "
                f"install the newer feria-{app.name}, or undo it there with `feria migrate down {app.name}`"
            )
    waiting = [Pending(app, tuple(f for f in app.files() if f not in applied.get(app.name, ()))) for app in found]
    return [pending for pending in waiting if pending.files]


async def up(config: Config, found: Sequence[App]) -> list[str]:
    """Apply what is pending, under the lock; return "app: file" for each. Each file is one transaction."""
    done: list[str] = []
    async with _locked(config.database_url):
        waiting = await plan(config.database_url, found)
        if waiting:
            async with _aerich(config, found) as command_for:
                for pending in waiting:
                    names = await command_for(pending.app).upgrade(run_in_transaction=True)
                    done += [f"{pending.app.name}: {name}" for name in names]
    return done


async def down(config: Config, found: Sequence[App], name: str) -> list[str]:
    """Undo the newest applied migration of app `name`; return what was undone."""
    app = next((app for app in found if app.name == name), None)
    if app is None:
        known = ", ".join(app.name for app in found)
        raise StartRefused(f"'{name}' has no migrations here: name one of {known}")
    async with _locked(config.database_url):
        connection = await connect(config.database_url)
        try:
            applied = (await applied_files(connection)).get(name, set())
        finally:
            await connection.close()
        if not applied:
            return []
        async with _aerich(config, found) as command_for:
            return [f"{name}: {file}" for file in await command_for(app).downgrade(version=-1, delete=False)]


async def connect(url: str) -> Any:
    """Return a plain connection of our own, outside the pool. Raises StartRefused where nobody answers."""
    parts = credentials(url)
    try:
        # Nothing prepared is kept: PgBouncer in transaction mode gives each statement another connection.
        return await asyncpg.connect(**parts, timeout=10, statement_cache_size=0)
    except (OSError, asyncpg.PostgresError, TimeoutError) as error:
        raise StartRefused(
            f"PostgreSQL does not answer at {parts['host']}, database '{parts['database']}': {error}; "
            "start it or correct DATABASE_URL"
        ) from error


@asynccontextmanager
async def _locked(url: str) -> AsyncIterator[None]:
    """Hold the advisory lock on a connection of its own: it ends with the process, even by kill -9."""
    connection = await connect(url)
    try:
        await connection.execute("SET statement_timeout = 0")
        await connection.execute("SELECT pg_advisory_lock($1)", LOCK_KEY)
        yield
    finally:
        await connection.close()


async def applied_files(connection: Any) -> dict[str, set[str]]:
    """Return the file names that the database has applied, by app."""
    if await connection.fetchval("SELECT to_regclass('aerich')") is None:
        return {}
    applied: dict[str, set[str]] = {}
    for row in await connection.fetch("SELECT app, version FROM aerich"):
        applied.setdefault(row["app"], set()).add(row["version"])
    return applied


@asynccontextmanager
async def _aerich(config: Config, found: Sequence[App]) -> AsyncIterator[Callable[[App], Any]]:
    """Open the ORM for aerich and give what returns its command for one app.

    Aerich keeps the app and its folder on a class, so each command sets both anew.
    """
    from aerich import Command, TortoiseContext
    from aerich.migrate import Migrate

    settings = config.core.model_copy(update={"statement_timeout_ms": MIGRATION_TIMEOUT_MS, "pool_size": 2})
    models = {app.name: app.models for app in found}
    tortoise = tortoise_config(config.database_url, settings, models, name="feria migrate")
    tortoise["apps"]["core"]["models"].append("aerich.models")

    def command_for(app: App) -> Any:
        command = Command(tortoise_config=tortoise, app=app.name, location=str(app.folder.parent))
        Migrate.app, Migrate.migrate_location = app.name, app.folder
        return command

    async with TortoiseContext(tortoise):
        yield command_for


def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise StartRefused(f"the package {package} is not importable: reinstall it")
    return Path(next(iter(spec.submodule_search_locations)))
