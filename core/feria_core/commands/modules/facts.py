"""What can be said of an installed module, enabled or not, without starting anything."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from feria_core._internal import migrations
from feria_core.commands.deployment import Deployment
from feria_core.config import Config
from feria_core.errors import StartRefused
from feria_core.module import Module
from feria_core.plugins import Installed, LoadedModule, resolve


@dataclass(frozen=True)
class Range:
    """A requirement on another distribution of Feria, and what is installed of it."""

    distribution: str
    range: str
    installed: str | None
    fits: bool


@dataclass(frozen=True)
class Brings:
    """What a module adds to a deployment that enables it."""

    routes: tuple[str, ...] = ()
    jobs: tuple[str, ...] = ()
    schedules: tuple[str, ...] = ()
    hears: tuple[str, ...] = ()
    permissions: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    migrations: tuple[str, ...] = ()
    problem: str = field(default="", compare=False)


@dataclass(frozen=True)
class Standing:
    """A module's migrations against the database: files that wait, and applied ones that this code does not know."""

    behind: tuple[str, ...]
    ahead: tuple[str, ...]

    @property
    def state(self) -> str:
        """Return "at head", "behind", or "ahead" where a newer version of the module has been here."""
        return "ahead" if self.ahead else "behind" if self.behind else "at head"


def ranges(installed: Installed) -> list[Range]:
    """Return what the module asks of core and of other modules, and whether what is installed fits."""
    found = []
    for requirement in installed.requirements:
        if requirement.name.startswith("feria-"):
            have = _version_of(requirement.name)
            fits = have is None or requirement.specifier.contains(have, prereleases=True)
            found.append(Range(requirement.name, str(requirement.specifier), have, fits))
    return found


def brings(installed: Installed) -> Brings:
    """Return what the module would add; `problem` says why nothing is known where its code cannot be loaded."""
    try:
        manifest = installed.entry_point.load()
        return _brings(installed, manifest)
    except Exception as error:  # noqa: BLE001 - a broken module is one line of the list, not the end of it
        return Brings(problem=f"cannot be loaded: {error}; reinstall it or disable it")


def app_of(installed: Installed) -> migrations.App | None:
    """Return the module's history of migrations, whether it is enabled or not; None where it has no tables."""
    manifest = installed.entry_point.load()
    found = migrations.apps([LoadedModule(installed, manifest, manifest.settings.model_construct())])
    return next((app for app in found if app.name == installed.name), None)


def database_url(deployment: Deployment, config: Config) -> str:
    """Return the database that can be asked without starting one: DATABASE_URL's, or that of a running `feria run`."""
    if config.database_url:
        return config.database_url
    from feria_core.embedded import running_servers

    running = running_servers(deployment.data)
    return running.database_url if running else ""


def standing(brought: Brings, applied: set[str]) -> Standing:
    """Return how the module's files compare with the names that the database has applied."""
    behind = tuple(name for name in brought.migrations if name not in applied)
    return Standing(behind, tuple(sorted(applied - set(brought.migrations))))


async def applied_migrations(url: str) -> Mapping[str, set[str]]:
    """Return the applied files by app. Raises StartRefused where PostgreSQL does not answer."""
    connection = await migrations.connect(url)
    try:
        return await migrations.applied_files(connection)
    finally:
        await connection.close()


def _brings(installed: Installed, manifest: Module) -> Brings:
    app = app_of(installed)
    return Brings(
        routes=tuple(_routes(manifest)),
        jobs=tuple(job.name for job in manifest.jobs),
        schedules=tuple(schedule.job for schedule in manifest.schedules),
        hears=tuple(sorted({subscription.event.name for subscription in manifest.subscribes})),
        permissions=tuple(permission.name for permission in manifest.permissions),
        tables=tuple(_tables(manifest)),
        migrations=tuple(app.files()) if app else (),
    )


def _routes(manifest: Module) -> list[str]:
    """Return "METHOD /path" of each route, from a scratch application that never serves."""
    from quart import Quart

    scratch = Quart("scratch", static_folder=None)
    for target in manifest.blueprints:
        scratch.register_blueprint(resolve(target))
    implied = {"HEAD", "OPTIONS"}
    pairs = {(r.rule, method) for r in scratch.url_map.iter_rules() for method in (r.methods or set()) - implied}
    return [f"{method} {rule}" for rule, method in sorted(pairs)]


def _tables(manifest: Module) -> list[str]:
    from tortoise.models import Model

    if not manifest.models:
        return []
    members: list[tuple[str, Any]] = inspect.getmembers(resolve(manifest.models), inspect.isclass)
    found = {kind._meta.db_table for _, kind in members if issubclass(kind, Model)}  # noqa: SLF001 - its public face
    return sorted(name for name in found if name)


def _version_of(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def known(name: str, installed: Mapping[str, Installed]) -> Installed:
    """Return the installed module `name`. Raises StartRefused naming those that are."""
    if name in installed:
        return installed[name]
    choice = ", ".join(sorted(installed)) or "none"
    raise StartRefused(f"the module '{name}' is not installed: install feria-{name} or name one of: {choice}")
