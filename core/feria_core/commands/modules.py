"""`feria modules`: what is installed, what runs, and why not."""

from __future__ import annotations

import click

from feria_core.commands.deployment import Deployment, deployment_options
from feria_core.errors import StartRefused


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
@deployment_options
def modules(deployment: Deployment, *, as_json: bool) -> None:
    """List the installed modules: version, whether each runs here, what it needs, why it does not run."""
    from feria_core.plugins import discover, select

    config = deployment.config()
    refusal = ""
    try:
        select(config)
    except StartRefused as error:
        refusal = str(error)
    rows: list[dict[str, object]] = []
    for module in sorted(discover().values(), key=lambda m: m.name):
        entry = config.modules.get(module.name)
        enabled = entry is not None and entry.enabled
        why = "" if enabled else ("not named in plugins.toml" if entry is None else "enabled = false")
        if enabled and f"'{module.name}'" in refusal:
            why = refusal
        rows.append(
            {
                "name": module.name,
                "version": module.version,
                "state": "enabled" if enabled else "disabled",
                "needs": list(module.hard_needs),
                "uses": list(module.soft_needs),
                "why": why,
            }
        )
    _print(rows, as_json=as_json)
    if refusal:
        raise StartRefused(refusal)


def _print(rows: list[dict[str, object]], *, as_json: bool) -> None:
    if as_json:
        import json

        click.echo(json.dumps(rows, indent=2))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("module", "version", "state", "needs", "uses where present", "why not")
    for row in rows:
        needs, uses = row["needs"], row["uses"]
        table.add_row(
            str(row["name"]), str(row["version"]), str(row["state"]),
            ", ".join(map(str, needs)) if isinstance(needs, list) else "",
            ", ".join(map(str, uses)) if isinstance(uses, list) else "",
            str(row["why"]),
        )  # fmt: skip
    Console().print(table)
