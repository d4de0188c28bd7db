"""`feria modules enable` and `disable`: edit plugins.toml, and say what follows."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence

import click

from feria_core._internal import migrations
from feria_core.commands.deployment import Deployment, deployment_options
from feria_core.commands.modules import facts, plugins_file
from feria_core.config import Config
from feria_core.errors import StartRefused
from feria_core.plugins import Installed, discover

SHOWN = 6
dry_run_option = click.option("--dry-run", is_flag=True, help="Say what would follow; plugins.toml stays as it is.")


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@dry_run_option
@deployment_options
def enable(deployment: Deployment, names: tuple[str, ...], *, dry_run: bool) -> None:
    """Enable the modules NAME... in plugins.toml; comments and order stay.

    Says which routes, jobs and permissions come and which migrations are to run. A set that would not start (a need
    that is off, a version or a setting that does not fit) is refused with exit code 2, and nothing is written.
    """
    config, installed = deployment.config(), discover()
    new = [name for name in names if not _is_on(config, name)]
    for name in names:
        facts.known(name, installed)
        if name not in new:
            click.echo(f"'{name}' is enabled already")
    if new:
        after = _switch(deployment, new, on=True, dry_run=dry_run)
        _say_enabled(deployment, after, [installed[name] for name in new], installed)


@click.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@dry_run_option
@deployment_options
def disable(deployment: Deployment, names: tuple[str, ...], *, dry_run: bool) -> None:
    """Disable the modules NAME... in plugins.toml; comments, order and settings stay, and so does the data.

    Says which routes go and which jobs stop. Refused with exit code 2, and nothing written, where an enabled module
    needs one of them: name that one too.
    """
    config, installed = deployment.config(), discover()
    old = [name for name in names if _is_on(config, name)]
    for name in names:
        if name not in old:
            if name not in config.modules:  # one that is uninstalled already can still be switched off
                facts.known(name, installed)
            click.echo(f"'{name}' is disabled already")
    if old:
        _refuse_dependants(config, old, installed)
        after = _switch(deployment, old, on=False, dry_run=dry_run)
        _say_disabled(deployment, after, [installed[name] for name in old if name in installed], installed)


def dependants(config: Config, names: Iterable[str], installed: Mapping[str, Installed]) -> list[str]:
    """Return the enabled modules that need one of `names`, directly or through others, without these."""
    gone, found = set(names), set[str]()
    while True:
        more = {
            module.name
            for module in installed.values()
            if _is_on(config, module.name) and module.name not in gone and gone & set(module.hard_needs)
        }
        if not more:
            return sorted(found)
        found |= more
        gone |= more


def _switch(deployment: Deployment, names: Sequence[str], *, on: bool, dry_run: bool) -> Config:
    """Write the switched file, unless the set would not start; return its configuration."""
    from feria_core.app import create_app

    before = deployment.plugins.read_bytes().decode()
    text = plugins_file.switched(before, names, on=on)
    after = plugins_file.config_of(text, deployment.plugins)
    create_app(after)  # the whole start but for the database: ranges, needs, settings, ports, access of routes
    if not dry_run:
        try:
            plugins_file.write(deployment.plugins, text)
        except OSError as error:
            raise StartRefused(f"{deployment.plugins} cannot be written: {error.strerror}") from error
    would = "would be " if dry_run else ""
    click.echo(f"{', '.join(names)} {would}{'enabled' if on else 'disabled'} in {deployment.plugins}")
    return after


def _refuse_dependants(config: Config, names: Sequence[str], installed: Mapping[str, Installed]) -> None:
    needing = dependants(config, names, installed)
    if needing:
        every = " ".join([*names, *needing])
        raise StartRefused(
            f"'{', '.join(names)}' cannot be disabled: {', '.join(needing)} would refuse to start without it; "
            f"disable all of them: `feria modules disable {every}`"
        )


def _say_enabled(
    deployment: Deployment, after: Config, modules: Sequence[Installed], installed: Mapping[str, Installed]
) -> None:
    for module in modules:
        brought = facts.brings(module)
        _say("routes come", brought.routes)
        _say("jobs come", brought.jobs)
        _say("runs by itself", brought.schedules)
        _say("permissions come, for the roles of staff", brought.permissions)
        _say("is used by", _users(after, module.name, installed))
        _say("would use, if it were enabled", [name for name in module.soft_needs if not _is_on(after, name)])
    waiting = _waiting(deployment, after, modules)
    _say("migrations to run", waiting)
    first = "run `feria migrate up`, then " if waiting else ""
    click.echo(f"next: {first}restart web and worker processes")


def _say_disabled(
    deployment: Deployment, after: Config, modules: Sequence[Installed], installed: Mapping[str, Installed]
) -> None:
    for module in modules:
        brought = facts.brings(module)
        _say("routes go (404 module_disabled)", brought.routes)
        _say("jobs are no longer done", brought.jobs)
        _say("events are no longer heard", brought.hears)
        _say("go on without it", _users(after, module.name, installed))
        _say("tables stay with their rows", brought.tables)
        queued = _queued(deployment, after, module)
        if queued:
            click.echo(f"  {queued} jobs wait: they are kept until it is enabled again, or purged")
    click.echo("next: restart web and worker processes")
    names = [module.name for module in modules if facts.brings(module).tables]
    if names:
        click.echo(f"to remove the data as well: {', '.join(f'`feria modules purge {name}`' for name in names)}")


def _users(config: Config, name: str, installed: Mapping[str, Installed]) -> list[str]:
    """Return the enabled modules that use `name` where it runs."""
    return sorted(m.name for m in installed.values() if name in m.soft_needs and _is_on(config, m.name))


def _waiting(deployment: Deployment, config: Config, modules: Sequence[Installed]) -> list[str]:
    """Return the migrations that the database lacks; all of these modules' where no database can be asked."""
    url = facts.database_url(deployment, config)
    applied = asyncio.run(facts.applied_migrations(url)) if url else {}
    return [
        f"{module.name}: {name}"
        for module in modules
        for name in facts.standing(facts.brings(module), set(applied.get(module.name, ()))).behind
    ]


def _queued(deployment: Deployment, config: Config, module: Installed) -> int:
    url = facts.database_url(deployment, config)
    return asyncio.run(_count_queued(url, module.name)) if url else 0


async def _count_queued(url: str, name: str) -> int:
    connection = await migrations.connect(url)
    try:
        if await connection.fetchval("SELECT to_regclass('core_job')") is None:
            return 0
        statement = "SELECT count(*) FROM core_job WHERE state = 'queued' AND starts_with(name, $1)"
        return int(await connection.fetchval(statement, f"{name}."))
    finally:
        await connection.close()


def _say(what: str, things: Sequence[str]) -> None:
    if things:
        more = f" and {len(things) - SHOWN} more" if len(things) > SHOWN else ""
        click.echo(f"  {what}: {', '.join(things[:SHOWN])}{more}")


def _is_on(config: Config, name: str) -> bool:
    entry = config.modules.get(name)
    return entry is not None and entry.enabled
