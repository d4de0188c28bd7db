"""`feria modules`: what is installed and runs, switching it on and off, and what that does to the database."""

from __future__ import annotations

from pathlib import Path

import click

from feria_core.commands.deployment import Deployment, deployment_options
from feria_core.commands.modules.check import check
from feria_core.commands.modules.graph import graph
from feria_core.commands.modules.listing import list_modules, show
from feria_core.commands.modules.purge import purge
from feria_core.commands.modules.switch import disable, enable


@click.group(invoke_without_command=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts, with every name behind each number.")
@deployment_options
@click.pass_context
def modules(ctx: click.Context, deployment: Deployment, *, as_json: bool) -> None:
    """List the installed modules, or switch one on or off, look at it, or remove what it left.

    Without a command: each module's version, whether it runs here and why not, what it needs, how many routes, jobs
    and tables it brings, and whether its tables are at head. That last is looked up where DATABASE_URL is set or
    `feria run` is running on this data folder. Exit code 2 where the enabled set would not start.
    """
    if ctx.invoked_subcommand is None:
        list_modules(deployment, as_json=as_json)
        return
    # Said before the command or after it, --plugins and --data mean the same.
    here: dict[str, Path] = {"plugins": deployment.plugins, "data": deployment.data}
    ctx.default_map = dict.fromkeys(modules.commands, here)


for _command in (show, enable, disable, purge, graph, check):
    modules.add_command(_command)
