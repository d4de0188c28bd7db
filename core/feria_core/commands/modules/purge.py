"""`feria modules purge`: what a disabled module left in the database goes, as if it had never been there."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import click

from feria_core._internal import migrations
from feria_core.commands.deployment import Deployment, deployment_options
from feria_core.commands.modules import facts
from feria_core.config import Config
from feria_core.errors import StartRefused
from feria_core.plugins import Installed, discover, select

# Rows of core's tables that speak of a module, by its name with a dot behind; $2 are the events still listened to.
# An event that waits, or that a job of another module is still to read, stays: it goes with the sweep once delivered.
OWN_ROWS = {
    # First: what only this module wanted to hear, nobody waits for any more.
    "core_event_interest": "starts_with(job, $1) AND $2::text[] IS NOT NULL",
    "core_job": "starts_with(name, $1) AND $2::text[] IS NOT NULL",
    "core_schedule": "starts_with(name, $1) AND $2::text[] IS NOT NULL",
    "core_outbox": (
        "starts_with(name, $1)"
        " AND NOT (dispatched_at IS NULL AND (name = ANY ($2) OR EXISTS (SELECT FROM core_event_interest i"
        " WHERE NOT starts_with(i.job, $1)"
        " AND CASE WHEN i.is_whole THEN i.prefix = name ELSE starts_with(name, i.prefix) END)))"
        " AND NOT EXISTS (SELECT FROM core_job j WHERE j.event_id = core_outbox.id AND j.state <> 'done')"
    ),
    "core_mail": "starts_with(template, replace($1, '.', '/')) AND $2::text[] IS NOT NULL",
    "core_rate_limit": "starts_with(key, $1) AND $2::text[] IS NOT NULL",
}


@dataclass(frozen=True)
class Left:
    """What a disabled module left in the database."""

    applied: tuple[str, ...]
    rows: dict[str, int]

    def __bool__(self) -> bool:
        return bool(self.applied or any(self.rows.values()))


@click.command()
@click.argument("name")
@click.option("--yes", is_flag=True, help="Do not ask: the module's tables are dropped with their rows.")
@deployment_options
def purge(deployment: Deployment, name: str, *, yes: bool) -> None:
    """Remove the tables of the disabled module NAME with all their rows, and its rows in core's tables.

    Its migrations are undone from the newest to the first, and its jobs, schedules, delivered events, mails and
    counted limits are deleted, so that the schema is what it was before the module came. The audit log stays, for
    it is append-only; so do pictures in the media folder, and what others keep of the module's ids. The module must
    be off in plugins.toml and still be installed, since it knows how to undo its migrations. Repeats safely: where
    it was interrupted, it goes on.
    """
    config = deployment.config()
    module = _purgeable(config, name)
    with deployment.servers() as opened:
        left = asyncio.run(_look(opened, module))
        if not left:
            click.echo(f"nothing to purge: '{name}' left nothing in the database")
            return
        if not yes:
            click.confirm(f"Remove {_described(left)} of '{name}'? Its rows are lost.", abort=True)
        for line in asyncio.run(_purge(opened, module)):
            click.echo(line)
    click.echo(f"'{name}' is purged: {_described(left)} removed")


def _purgeable(config: Config, name: str) -> Installed:
    module = facts.known(name, discover())
    entry = config.modules.get(name)
    if entry is not None and entry.enabled:
        raise StartRefused(f"'{name}' is enabled: `feria modules disable {name}`, restart, then purge it")
    return module


async def _look(config: Config, module: Installed) -> Left:
    """Return what there is to remove. Raises StartRefused where a newer version of the module has been here."""
    connection = await migrations.connect(config.database_url)
    try:
        applied = (await migrations.applied_files(connection)).get(module.name, set())
        if await connection.fetchval("SELECT to_regclass('core_job')") is None:
            return Left((), {})
        if await migrations.plan(config.database_url, migrations.apps([])):
            raise StartRefused("the tables of core are behind this version: run `feria migrate up` first")
        rows = {
            table: int(
                await connection.fetchval(
                    f"SELECT count(*) FROM {table} WHERE {condition}", *_arguments(config, module)
                )
            )
            for table, condition in OWN_ROWS.items()
        }
    finally:
        await connection.close()
    brought = facts.brings(module)
    if brought.problem:
        raise StartRefused(f"'{module.name}' {brought.problem}")
    ahead = facts.standing(brought, applied).ahead
    if ahead:
        raise StartRefused(
            f"the database has migration '{max(ahead)}' of '{module.name}', which {module.version} cannot undo: "
            f"install the newer feria-{module.name}, then purge it"
        )
    return Left(tuple(sorted(applied)), rows)


async def _purge(config: Config, module: Installed) -> list[str]:
    """Undo every migration, newest first, and delete the rows in core's tables; return what was undone."""
    done: list[str] = []
    app = facts.app_of(module)
    if app is not None:
        core = migrations.apps([])
        while undone := await migrations.down(config, [*core, app], module.name):
            done += [f"undone {line}" for line in undone]
    connection = await migrations.connect(config.database_url)
    try:
        async with connection.transaction():
            for table, condition in OWN_ROWS.items():
                await connection.execute(f"DELETE FROM {table} WHERE {condition}", *_arguments(config, module))
    finally:
        await connection.close()
    return done


def _arguments(config: Config, module: Installed) -> tuple[str, list[str]]:
    return f"{module.name}.", sorted(_heard(config))


def _heard(config: Config) -> Collection[str]:
    return {each.event.name for module in select(config) for each in module.manifest.subscribes}


def _described(left: Left) -> str:
    rows: list[Any] = [f"{count} rows of {table}" for table, count in left.rows.items() if count]
    return ", ".join([*([f"{len(left.applied)} migrations"] if left.applied else []), *rows])
