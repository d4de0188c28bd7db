"""`feria catalog rebuild`: the read model made anew."""

from __future__ import annotations

import click

from feria_core.commands.deployment import Deployment, deployment_options, run_with_runtime


@click.group(name="catalog")
def catalog() -> None:
    """Import and export products, and look after the catalog's read model."""


@catalog.command()
@click.option(
    "--batch", type=click.IntRange(1, 5000), default=200, show_default=True, help="Products in one transaction."
)
@click.option(
    "--after",
    type=click.IntRange(min=0),
    default=0,
    help="Go on after the product of this number: a stopped run tells.",
)
@deployment_options
def rebuild(deployment: Deployment, *, batch: int, after: int) -> int:
    """Write every product's document, facets and words of search anew from the tables.

    The shop may serve meanwhile: each batch is a transaction of its own, and what is right stays as it is. Needed
    after a new version that shows products in another way, or where `feria doctor` finds differences; a run that
    was stopped says how to go on.
    """
    return run_with_runtime(deployment, lambda: _rebuild(batch, after))


async def _rebuild(size: int, after: int) -> int:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    from feria_catalog.documents import rebuilding

    console = Console(stderr=True)
    columns = (TextColumn("products"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    total = await rebuilding.count(after)
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=total)
        try:
            async for found in rebuilding.batches(size, after=after):
                await rebuilding.rebuild(found)
                after = found.last_no
                progress.advance(task, len(found.ids))
        except BaseException:
            click.echo(f"stopped: go on with `feria catalog rebuild --after {after}`", err=True)
            raise
    click.echo(f"{total:,} products are written anew")
    return 0
