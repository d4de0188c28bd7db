"""`feria migrate`: bring the database to the code's version, look before, or go one step back."""

from __future__ import annotations

import asyncio

import click

from feria_core._internal import migrations
from feria_core.commands.deployment import Deployment, deployment_options
from feria_core.plugins import select


@click.group()
def migrate() -> None:
    """Change the database's tables to what the enabled modules need."""


@migrate.command()
@deployment_options
def up(deployment: Deployment) -> None:
    """Apply what is pending. Safe to run from several machines at once: one does it, the others wait."""
    with deployment.servers() as config:
        done = asyncio.run(migrations.up(config, migrations.apps(select(config))))
    for line in done:
        click.echo(f"applied {line}")
    click.echo(f"{len(done)} applied; the database is at head" if done else "nothing to do: the database is at head")


@migrate.command()
@deployment_options
def plan(deployment: Deployment) -> None:
    """List what `up` would apply, in order; nothing is changed."""
    with deployment.servers() as config:
        pending = asyncio.run(migrations.plan(config.database_url, migrations.apps(select(config))))
    for step in pending:
        for name in step.files:
            click.echo(f"{step.app.name}: {name}")
    if not pending:
        click.echo("nothing to do: the database is at head")


@migrate.command()
@click.argument("app")
@click.option("--yes", is_flag=True, help="Do not ask: the tables of the step are dropped with their rows.")
@deployment_options
def down(deployment: Deployment, app: str, *, yes: bool) -> None:
    """Undo the newest migration of APP ("core" or a module's name)."""
    if not yes:
        click.confirm(f"Undo the newest migration of '{app}'? Rows in what it made are lost.", abort=True)
    with deployment.servers() as config:
        undone = asyncio.run(migrations.down(config, migrations.apps(select(config)), app))
    for line in undone:
        click.echo(f"undone {line}")
    if not undone:
        click.echo(f"nothing to undo: no migration of '{app}' is applied")
