"""`feria import` and `feria catalog`: products from a file into the shop and back, in this process."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from feria_catalog.commands_rebuild import catalog
from feria_core.commands.deployment import FAILED, Deployment, deployment_options, run_with_runtime

if TYPE_CHECKING:
    from rich.progress import Progress

    from feria_catalog.importing.changes import Change
    from feria_catalog.importing.diff import DiffFile
    from feria_catalog.importing.error_csv import ErrorFile
    from feria_catalog.importing.errors import RowProblem
    from feria_catalog.importing.run import Tally

EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)
SHOWN_PROBLEMS = 10
SHOWN_CHANGES, SHOWN_FIELDS, SHOWN_VALUE = 20, 4, 40


@click.group(name="import")
def import_() -> None:
    """Bring products in from files."""


@import_.command()
@click.argument("file", type=EXISTING)
@click.option("--map", "map_file", type=EXISTING, help="TOML file that names the columns of a foreign format.")
@click.option("--dry-run", is_flag=True, help="Tell what would change, store nothing.")
@click.option(
    "--diff",
    "diff_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="With --dry-run: write every change to this file, CSV or (.jsonl) JSON Lines.",
)
@click.option("--again", is_flag=True, help="Begin anew, also where the same file was imported or stopped before.")
@click.option(
    "--batch", type=click.IntRange(1, 5000), default=500, show_default=True, help="Products in one transaction."
)
@click.option(
    "--errors",
    "error_file",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write refused rows to this CSV file: line, code, message, column, row.",
)
@deployment_options
def products(
    deployment: Deployment,
    file: Path,
    map_file: Path | None,
    *,
    dry_run: bool,
    diff_file: Path | None,
    again: bool,
    batch: int,
    error_file: Path | None,
) -> int:
    """Import the products of FILE: CSV or JSON Lines, gzipped or not, known by its content.

    \b
    feria import products spring.csv
    feria import products supplier.jsonl.gz --map supplier.toml --errors refused.csv
    feria import products spring.csv --dry-run --diff changes.csv

    A product is found again by its SKUs. An import that was stopped, even killed, goes on where it was when the
    same file is given again; one that is through says so. A row that cannot be used is counted and left out; the
    rest goes on. docs/importing.md explains the columns and the map. `feria catalog import` is the same.

    Exit code: 0 done, 1 nothing was imported or the file is broken, 2 refused by the configuration.
    """  # noqa: D301 - \b keeps click from wrapping the examples
    from feria_catalog.importing.mapping import load_map
    from feria_catalog.importing.run import fingerprint, import_file, resume_file

    if diff_file and not dry_run:
        raise click.UsageError("--diff tells what would change: give --dry-run with it.")
    mapping = load_map(map_file) if map_file else None
    known_by = "" if dry_run else fingerprint(file, map_file)
    with _screen(error_file, diff_file) as screen:
        tally = run_with_runtime(
            deployment,
            lambda: (
                import_file(file, mapping=mapping, batch_size=batch, is_dry_run=True, report=screen)
                if dry_run
                else resume_file(file, mapping=mapping, batch_size=batch, report=screen, known_by=known_by, again=again)
            ),
        )
    if tally.done_before:
        click.echo(f"{file.name} was imported at {tally.done_before:%Y-%m-%d %H:%M} UTC: {_counts(tally)}")
        click.echo("nothing was done now; --again imports it once more")
        return 0
    _summarise(tally, screen, is_dry_run=dry_run, error_file=error_file)
    return FAILED if tally.failure or not tally.imported else 0


catalog.add_command(products, "import")


@catalog.command("export")
@click.argument("file", type=click.Path(dir_okay=False, writable=True, path_type=Path))
@click.option("--format", "file_format", type=click.Choice(["csv", "jsonl"]), help="Else the name's ending decides.")
@deployment_options
def export(deployment: Deployment, file: Path, file_format: Literal["csv", "jsonl"] | None) -> int:
    """Export all products to FILE, as `feria catalog import` reads them; a name in .gz is packed.

    \b
    feria catalog export products.csv
    feria catalog export backup.jsonl.gz

    What is exported and imported again changes nothing. The file stands under its name when it is whole.
    """  # noqa: D301 - \b keeps click from wrapping the examples
    from feria_catalog.exporting import reading
    from feria_catalog.exporting.service import export_file

    if file_format is None:
        file_format = "jsonl" if {".jsonl", ".ndjson"} & set(file.suffixes) else "csv"
    chosen = file_format
    with _bar() as progress:
        task = progress.add_task("", total=None, rows="", counts="")

        async def work() -> int:
            progress.update(task, total=await reading.count())
            return await export_file(
                file, chosen, lambda done: progress.update(task, completed=done, rows=f"{done:,} products")
            )

        done = run_with_runtime(deployment, work)
    click.echo(f"{done:,} products are in {file}")
    return 0


class _Screen:
    """The progress bar, the error file, the diff and the first problems and changes, fed batch by batch."""

    def __init__(self, progress: Progress, errors: ErrorFile | None, changes: DiffFile | None) -> None:
        self.first: list[RowProblem] = []
        self.first_changes: list[Change] = []
        self._changes = changes
        self._progress = progress
        self._errors = errors
        self._task = progress.add_task("", total=None, rows="", counts="")

    def batch_done(self, tally: Tally, problems: Sequence[RowProblem]) -> None:
        """Show the counts, keep the problems."""
        self._progress.update(
            self._task, completed=tally.bytes_done, total=tally.bytes_total, counts=_counts(tally),
            rows=f"{tally.rows:,} rows, {(tally.rows - tally.resumed_at) / max(self.elapsed_s, 0.001):,.0f}/s",
        )  # fmt: skip
        self.first_changes += tally.changes[: SHOWN_CHANGES - len(self.first_changes)]
        if self._changes is not None:
            self._changes.add(tally.changes)
        self.first += problems[: SHOWN_PROBLEMS - len(self.first)]
        if self._errors is not None:
            self._errors.add(problems)

    @property
    def elapsed_s(self) -> float:
        """Seconds since the file was begun."""
        return self._progress.tasks[0].elapsed or 0.0


@contextmanager
def _screen(error_file: Path | None, diff_file: Path | None) -> Iterator[_Screen]:
    from feria_catalog.importing.diff import DiffFile
    from feria_catalog.importing.error_csv import ErrorFile

    with ExitStack() as stack:
        errors = changes = None
        if diff_file is not None:
            changes = DiffFile(stack.enter_context(diff_file.open("wb")), diff_file.suffix)
        if error_file is not None:
            errors = ErrorFile(stack.enter_context(error_file.open("w", encoding="utf-8", newline="")))
        yield _Screen(stack.enter_context(_bar()), errors, changes)


def _bar() -> Progress:
    """Return a progress bar, which is silent where nobody looks."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (
        BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[rows]}"), TextColumn("{task.fields[counts]}"),
        TimeRemainingColumn(),
    )  # fmt: skip
    return Progress(*columns, console=console, disable=not console.is_terminal)


def _counts(tally: Tally) -> str:
    done = tally.counts
    return f"{done.created:,} created, {done.updated:,} updated, {done.unchanged:,} unchanged, {tally.errors:,} errors"


def _fields(change: Change) -> str:
    """Return the first fields of a change in one line."""
    told = [f"{field['field']} {_short(field['before'])} -> {_short(field['after'])}" for field in change.fields]
    return "; ".join([*told[:SHOWN_FIELDS], *(["..."] if len(told) > SHOWN_FIELDS else [])])


def _short(value: object) -> str:
    text = "-" if value is None else " ".join(str(value).split())
    return text if len(text) <= SHOWN_VALUE else f"{text[:SHOWN_VALUE]}..."


def _summarise(tally: Tally, screen: _Screen, *, is_dry_run: bool, error_file: Path | None) -> None:
    seconds = max(screen.elapsed_s, 0.001)
    begin = "would be: " if is_dry_run else ""
    if tally.resumed_at:
        click.echo(f"went on behind row {tally.resumed_at:,}, where an earlier run was stopped")
    done = tally.rows - tally.resumed_at
    click.echo(f"{begin}{_counts(tally)} ({done:,} rows in {seconds:.1f} s, {done / seconds:,.0f} rows/s)")
    for change in screen.first_changes:
        click.echo(f"  line {change.line}: {change.kind} {change.sku}: {_fields(change)}")
    for problem in screen.first:
        click.echo(f"  line {problem.line}: {problem.code}: {problem.message}", err=True)
    if tally.errors > len(screen.first):
        where = f"all are in {error_file}" if error_file else "write all to a file with --errors FILE.csv"
        click.echo(f"  and {tally.errors - len(screen.first):,} more; {where}", err=True)
    if tally.failure:
        click.echo(f"feria: {tally.failure}", err=True)
    elif not tally.imported:
        click.echo("feria: no product of the file could be imported", err=True)
