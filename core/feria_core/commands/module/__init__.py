"""`feria module`: making a module of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from feria_core.commands.module.scaffold import NAME, Scaffold, render
from feria_core.commands.module.workspace import find_workspace, join
from feria_core.errors import StartRefused


@click.group()
def module() -> None:
    """Make a module of your own."""


@module.command()
@click.argument("name")
@click.option(
    "--outside",
    type=click.Path(path_type=Path, file_okay=False),
    help="Make it in DIR/NAME, a distribution apart from Feria's repository.",
)
def new(name: str, *, outside: Path | None) -> None:
    """Make the module NAME: routes, a table, a migration, a job, an event, settings, a section for staff, and tests.

    What is written works as it is, its tests, types and lint pass: change it piece by piece. Without --outside it
    becomes a member of the workspace around the current folder: modules/NAME, its link in migrations/, and its place
    in the lists of the root pyproject.toml. NAME is one of lower-case letters, digits and underscores.
    """
    if not NAME.fullmatch(name):
        raise StartRefused(f"'{name}' is no module name: begin with a letter, then letters, digits, single underscores")
    root = None if outside else find_workspace(Path.cwd())
    folder = outside.absolute() / name if outside else (root or Path.cwd()) / "modules" / name
    if root is None and outside is None:
        raise StartRefused("there is no Feria workspace around this folder: name a folder with --outside DIR")
    if folder.exists() and any(folder.iterdir()):
        raise StartRefused(f"{folder} is there already: choose another name, or remove it")
    made = render(Scaffold(name, outside=root is None), folder)
    click.echo(f"{len(made)} files written to {folder}")
    if root is not None:
        join(root, name)
        click.echo("next: `make env`, then `feria modules enable " + name + "` and `feria run`")
        return
    click.echo(f"next: `pip install -e {folder}`, then `feria modules enable {name}` and `feria run`")
