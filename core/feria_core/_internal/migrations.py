"""Applying the modules' aerich files, one process at a time, core first, then by hard needs."""

from __future__ import annotations

import importlib.util
import re
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version as version_of
from pathlib import Path
from typing import Any

import asyncpg

from feria_core._internal import oldest
from feria_core._internal.database import credentials, tortoise_config
from feria_core.config import Config
from feria_core.errors import StartRefused
from feria_core.plugins import LoadedModule

# "feria" in ASCII: the advisory lock under which migrations run.
LOCK_KEY = 0x6665726961
MIGRATION_TIMEOUT_MS = 3_600_000
# The name of the connections that migrate.
SESSION = "feria migrate"


# Who holds the lock is the only one that migrates: another session that does has lost its process, and PostgreSQL
# looks at its client only between statements: it would hold its locks for as long as its statement takes.
_END_ORPHANS = """
SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
WHERE datname = current_database() AND application_name = $1 AND usename = current_user AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True)
class App:
    """One history of migrations: core's or a module's."""

    name: str
    folder: Path
    models: str
    version: str

    def files(self) -> tuple[str, ...]:
        """Return the file names of its migrations, oldest first."""
        return _files(self.folder)


@dataclass(frozen=True)
class Pending:
    """What `feria migrate plan` lists: the files of an app that the database has not seen."""

    app: App
    files: tuple[str, ...]


def apps(modules: Sequence[LoadedModule]) -> list[App]:
    """Return core and every module with tables, in the order in which they are migrated."""
    core = _package_folder("feria_core") / "migrations"
    found = [App("core", core, "feria_core._internal.models", version_of("feria-core"))]
    for module in modules:
        package = module.installed.entry_point.value.partition(".")[0]
        folder = _package_folder(package) / "migrations"
        if folder.is_dir() and module.manifest.models:
            found.append(App(module.name, folder, module.manifest.models, module.version))
    return found


async def plan(url: str, found: Sequence[App]) -> list[Pending]:
    """Return what is not applied yet, in order.

    Raises StartRefused where the database holds a migration that this code does not know, unless that migration says
    that this version runs on after it.
    """
    connection = await connect(url)
    try:
        applied = await applied_files(connection)
        said = await oldest.recorded(connection)
    finally:
        await connection.close()
    for app in found:
        oldest.refuse_ahead(app, applied.get(app.name, set()) - set(app.files()), said)
    waiting = [Pending(app, tuple(f for f in app.files() if f not in applied.get(app.name, ()))) for app in found]
    return [pending for pending in waiting if pending.files]


async def up(config: Config, found: Sequence[App]) -> list[str]:
    """Apply what is pending, under the lock; return "app: file" for each. Each file is one transaction."""
    done: list[str] = []
    async with _locked(config.session_url):
        waiting = await plan(config.session_url, found)
        if waiting:
            async with _aerich(config, found) as command_for:
                for pending in waiting:
                    done += [f"{pending.app.name}: {name}" for name in await _apply(command_for, pending, done)]
    return done


async def _apply(command_for: Callable[[App], Any], pending: Pending, done: Sequence[str]) -> list[str]:
    """Apply the files of one app. Raises MigrationFailed: what was applied before stays, and the next run goes on."""
    for name in pending.files:
        oldest.oldest_of(pending.app, name)
    command = command_for(pending.app)
    try:
        names: list[str] = await command.upgrade(run_in_transaction=True)
    except Exception as error:
        names = [f"{pending.app.name}: {name}" for name in pending.files[: pending.files.index(command.at)]]
        raise MigrationFailed(pending.app, command.at, error, [*done, *names]) from error
    return names


class MigrationFailed(StartRefused):
    """A file's statements were refused; the sentence says what stands and what to do."""

    def __init__(self, app: App, name: str, error: Exception, done: Sequence[str]) -> None:
        is_whole = "RUN_IN_TRANSACTION = False" not in (app.folder / name).read_text(encoding="utf-8")
        left = (
            "nothing of it stays"
            if is_whole
            else "it is no transaction, so look what it left: an INVALID index, as after a killed run, is to be dropped"
        )
        super().__init__(
            f"migration '{name}' of '{app.name}' failed: {_first_line(error)}; {left}. "
            f"Applied before it: {', '.join(done) or 'nothing'}. What runs goes on; correct the cause and run "
            "`feria migrate up` again, which goes on with this file"
        )


def _first_line(error: Exception) -> str:
    lines = str(error).strip().splitlines()
    return f"{type(error).__name__}: {lines[0]}" if lines else type(error).__name__


async def down(config: Config, found: Sequence[App], name: str) -> list[str]:
    """Undo the newest applied migration of app `name`; return what was undone."""
    app = next((app for app in found if app.name == name), None)
    if app is None:
        known = ", ".join(app.name for app in found)
        raise StartRefused(f"'{name}' has no migrations here: name one of {known}")
    async with _locked(config.session_url):
        connection = await connect(config.session_url)
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
        await connection.execute(_END_ORPHANS, SESSION)
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
    tortoise = tortoise_config(config.session_url, settings, models, name=SESSION)
    tortoise["apps"]["core"]["models"].append("aerich.models")

    class Steps(Command):
        """Aerich's command, that knows the file `at` which it is, and keeps what that says of older versions."""

        at = ""

        async def _upgrade(self, conn: Any, version_file: str, *args: Any, **options: Any) -> None:
            self.at = version_file
            await super()._upgrade(conn, version_file, *args, **options)
            await oldest.record(conn, next(app for app in found if app.name == self.app), version_file)

    def command_for(app: App) -> Any:
        command = Steps(tortoise_config=tortoise, app=app.name, location=str(app.folder.parent))
        Migrate.app, Migrate.migrate_location = app.name, app.folder
        return command

    async with TortoiseContext(tortoise):
        yield command_for


@cache
def _files(folder: Path) -> tuple[str, ...]:
    """Return what was there when it was first asked: an upgrade in place does not change what this process is."""
    names = [path.name for path in folder.glob("*.py") if re.match(r"\d+_", path.name)]
    return tuple(sorted(names, key=lambda name: int(name.split("_")[0])))


def _package_folder(package: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or not spec.submodule_search_locations:
        raise StartRefused(f"the package {package} is not importable: reinstall it")
    return Path(next(iter(spec.submodule_search_locations)))
