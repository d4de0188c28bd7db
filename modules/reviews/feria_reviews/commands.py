"""`feria reviews`: reviews from elsewhere, and sums counted anew."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feria_core.commands.deployment import FAILED, Deployment, deployment_options, run_with_runtime

if TYPE_CHECKING:
    from feria_reviews.importing.run import Tally


@click.group()
def reviews() -> None:
    """Reviews of customers."""


@reviews.command("import")
@deployment_options
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Tell what would come of the rows, store nothing.")
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write refused rows to this CSV file: row, reason; else to FILE.errors.csv.",
)
def import_(deployment: Deployment, file: Path, errors: Path | None, *, dry_run: bool) -> int:
    """Import the reviews of FILE: CSV with external_id, product (slug or id) and rating.

    It may have title, text, author, created_at, locale, status and reply too. A review whose external_id is known
    stays as it is, so an import can be repeated. None is shown as a verified purchase. Refused rows are left out and
    reported; exit code 1 where there are any.
    """
    from feria_reviews.importing.rows import BadFile
    from feria_reviews.importing.run import ErrorReport, import_reviews

    report = ErrorReport(errors or file.with_name(f"{file.name}.errors.csv"))
    try:
        with _progress(file) as on_batch:
            done = run_with_runtime(
                deployment, lambda: import_reviews(file, report=report, on_batch=on_batch, is_dry_run=dry_run)
            )
    except BadFile as reason:
        raise click.ClickException(f"{file}: {reason}") from reason
    finally:
        report.close()
    begin = "would be: " if dry_run else ""
    click.echo(f"{begin}{done.rows:,} rows: {done.created:,} created, {done.known:,} known, {done.refused:,} refused")
    if done.refused:
        click.echo(f"the refused ones stand in {report.path}")
    return FAILED if done.refused else 0


@reviews.command("recount")
@deployment_options
def recount(deployment: Deployment) -> int:
    """Count anew the sums of products that differ from their reviews; `feria doctor` tells whether there are any."""
    from feria_reviews.service.summaries import recount as count_anew

    click.echo(f"{run_with_runtime(deployment, count_anew):,} products were counted anew")
    return 0


@contextmanager
def _progress(file: Path) -> Iterator[Callable[[Tally], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[counts]}"), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=file.stat().st_size, counts="")
        yield lambda tally: progress.update(
            task, completed=tally.bytes_done, counts=f"{tally.rows:,} rows, {tally.refused:,} refused"
        )
