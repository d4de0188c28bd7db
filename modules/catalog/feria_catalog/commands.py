"""`feria import`: products from a file into the shop, in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feria_core.commands.deployment import FAILED, Deployment, deployment_options, run_with_runtime

if TYPE_CHECKING:
    from rich.progress import Progress

    from feria_catalog.importing.error_csv import ErrorFile
    from feria_catalog.importing.errors import RowProblem
    from feria_catalog.importing.run import Tally

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
SHOWN_PROBLEMS = 10


@click.group(name="import")
def import_() -> None:
    """Bring products in from files."""


@import_.command()
@click.argument("file", type=EXISTING)
@click.option("--map", "map_file", type=EXISTING, help="TOML file that names the columns of a foreign format.")
@click.option("--dry-run", is_flag=True, help="Check and count everything, store nothing.")
@click.option(
    "--batch", type=click.IntRange(1, 5000), default=500, show_default=True, help="Products in one transaction."
)
@click.option(
    "--errors",
    "error_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write refused rows to this CSV file: line, code, message.",
)
@deployment_options
def products(
    deployment: Deployment, file: Path, map_file: Path | None, *, dry_run: bool, batch: int, error_file: Path | None
) -> int:
    """Import the products of FILE: CSV or JSON Lines, gzipped or not, known by its content.

    \b
    feria import products spring.csv
    feria import products supplier.jsonl.gz --map supplier.toml --errors refused.csv

    A product is found again by its SKUs, so an import that was stopped is simply started again: what is
    stored already is found unchanged. A row that cannot be used is counted and left out; the rest goes on.
    docs/importing.md explains the columns and the map.

    Exit code: 0 done, 1 nothing was imported or the file is broken, 2 refused by the configuration.
    """  # noqa: D301 - \b keeps click from wrapping the examples
    from feria_catalog.importing.mapping import load_map
    from feria_catalog.importing.run import import_file

    mapping = load_map(map_file) if map_file else None
    with _screen(error_file) as screen:
        tally = run_with_runtime(
            deployment,
            lambda: import_file(file, mapping=mapping, batch_size=batch, is_dry_run=dry_run, report=screen),
        )
    _summarise(tally, screen, is_dry_run=dry_run, error_file=error_file)
    return FAILED if tally.failure or not tally.imported else 0


class _Screen:
    """The progress bar, the error file and the first problems, fed batch by batch."""

    def __init__(self, progress: Progress, errors: ErrorFile | None) -> None:
        self.first: list[RowProblem] = []
        self._progress = progress
        self._errors = errors
        self._task = progress.add_task("", total=None, rows="", counts="")

    def batch_done(self, tally: Tally, problems: Sequence[RowProblem]) -> None:
        """Show the counts, keep the problems."""
        self._progress.update(
            self._task, completed=tally.bytes_done, total=tally.bytes_total, counts=_counts(tally),
            rows=f"{tally.rows:,} rows, {tally.rows / max(self.elapsed_s, 0.001):,.0f}/s",
        )  # fmt: skip
        self.first += problems[: SHOWN_PROBLEMS - len(self.first)]
        if self._errors is not None:
            self._errors.add(problems)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the file was begun."""
        return self._progress.tasks[0].elapsed or 0.0


@contextmanager
def _screen(error_file: Path | None) -> Iterator[_Screen]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    from feria_catalog.importing.error_csv import ErrorFile

    with ExitStack() as stack:
        errors = None
        if error_file is not None:
            errors = ErrorFile(stack.enter_context(error_file.open("w", encoding="utf-8", newline="")))
        console = Console(stderr=True)
        columns = (
            BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[rows]}"),
            TextColumn("{task.fields[counts]}"), TimeRemainingColumn(),
        )  # fmt: skip
        progress = Progress(*columns, console=console, disable=not console.is_terminal)
        stack.enter_context(progress)
        yield _Screen(progress, errors)


def _counts(tally: Tally) -> str:
    done = tally.counts
    return f"{done.created:,} created, {done.updated:,} updated, {done.unchanged:,} unchanged, {tally.errors:,} errors"


def _summarise(tally: Tally, screen: _Screen, *, is_dry_run: bool, error_file: Path | None) -> None:
    seconds = max(screen.elapsed_s, 0.001)
    begin = "would be: " if is_dry_run else ""
    click.echo(f"{begin}{_counts(tally)} ({tally.rows:,} rows in {seconds:.1f} s, {tally.rows / seconds:,.0f} rows/s)")
    for problem in screen.first:
        click.echo(f"  line {problem.line}: {problem.code}: {problem.message}", err=True)
    if tally.errors > len(screen.first):
        where = f"all are in {error_file}" if error_file else "write all to a file with --errors FILE.csv"
        click.echo(f"  and {tally.errors - len(screen.first):,} more; {where}", err=True)
    if tally.failure:
        click.echo(f"feria: {tally.failure}", err=True)
    elif not tally.imported:
        click.echo("feria: no product of the file could be imported", err=True)
