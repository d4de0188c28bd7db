"""`feria analytics rebuild`: the kept figures counted again from the modules' rows."""

from __future__ import annotations

import click

from feria_admin.analytics import keeping
from feria_core.commands.deployment import Deployment, deployment_options, run_with_runtime


@click.group(name="analytics")
def analytics() -> None:
    """Look after the figures of the reports."""


@analytics.command()
@click.argument("names", metavar="[SOURCE]...", nargs=-1)
@deployment_options
def rebuild(deployment: Deployment, *, names: tuple[str, ...]) -> int:
    """Count the figures of the sources (of all, where none is named) again; broken off, it goes on next time.

    The shop may run meanwhile: each stretch is replaced at once.
    """
    return run_with_runtime(deployment, lambda: _rebuild(names))


async def _rebuild(names: tuple[str, ...]) -> int:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    known = {source.name: source for source in keeping.sources()}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise click.ClickException(f"nothing counts {', '.join(unknown)}: there are {', '.join(sorted(known))}")
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        for name in names or sorted(known):
            task = progress.add_task(name, total=None)
            async for bite in keeping.rebuilt(known[name]):
                progress.update(task, total=bite.whole.total_seconds(), completed=bite.done.total_seconds())
            progress.update(task, total=1, completed=1)
            click.echo(f"{name}: counted again")
    return 0
