"""`feria modules` and `feria modules show`: what is installed, what runs, and why not."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import click

from feria_core.commands.deployment import Deployment, deployment_options
from feria_core.commands.modules import facts
from feria_core.config import Config
from feria_core.errors import StartRefused
from feria_core.plugins import Installed, discover, select

MANY = ("routes", "jobs", "schedules", "hears", "permissions", "tables")
WIDTH = 160


def list_modules(deployment: Deployment, *, as_json: bool) -> None:
    """Print every installed module. Raises StartRefused, after the list, where the enabled set would not start."""
    rows, refusal = _rows(deployment)
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    else:
        _print(rows)
    if refusal:
        raise StartRefused(refusal)


@click.command()
@click.argument("name")
@click.option("--json", "as_json", is_flag=True, help="Print JSON for scripts.")
@deployment_options
def show(deployment: Deployment, name: str, *, as_json: bool) -> None:
    """Show all that is known of the module NAME: ranges, routes, jobs, schedules, tables, permissions, migrations."""
    facts.known(name, discover())
    row = next(row for row in _rows(deployment)[0] if row["name"] == name)
    if as_json:
        click.echo(json.dumps(row, indent=2))
        return
    ranges = [f"{r['distribution']}{r['range']} ({r['installed'] or 'not installed'})" for r in row["ranges"]]
    shown = {key: value for key, value in row.items() if value}
    lines = {**shown, "ranges": ranges, "migrations": _migrations(row["migrations"])}
    for key, value in lines.items():
        values = value if isinstance(value, list) else [value]
        for number, each in enumerate(values):
            click.echo(f"{key if number == 0 else '':<12} {each}")


def _rows(deployment: Deployment) -> tuple[list[dict[str, Any]], str]:
    """Return a row for each module and the sentence with which the enabled set is refused, "" for none."""
    config = deployment.config()
    refusal = ""
    try:
        select(config)
    except StartRefused as error:
        refusal = str(error)
    applied = _applied(deployment, config)
    modules = sorted(discover().values(), key=lambda module: module.name)
    return [_row(module, config, refusal, applied) for module in modules], refusal


def _row(module: Installed, config: Config, refusal: str, applied: Mapping[str, set[str]] | None) -> dict[str, Any]:
    entry = config.modules.get(module.name)
    enabled = entry is not None and entry.enabled
    brought = facts.brings(module)
    why = "" if enabled else ("not named in plugins.toml" if entry is None else "enabled = false")
    if enabled and f"'{module.name}'" in refusal:
        why = refusal
    return {
        "name": module.name,
        "version": module.version,
        "state": "enabled" if enabled else "disabled",
        "wanted": entry.version if entry else None,
        "needs": list(module.hard_needs),
        "uses": list(module.soft_needs),
        "ranges": [asdict(each) for each in facts.ranges(module)],
        **{key: list(getattr(brought, key)) for key in MANY},
        "migrations": _standing(module, brought, applied),
        "why": why or brought.problem,
    }


def _standing(module: Installed, brought: facts.Brings, applied: Mapping[str, set[str]] | None) -> dict[str, Any]:
    if applied is None:
        return {"state": "unknown", "files": list(brought.migrations)}
    found = facts.standing(brought, applied.get(module.name, set()))
    return {"state": found.state, "files": list(brought.migrations), "behind": list(found.behind),
            "ahead": list(found.ahead)}  # fmt: skip


def _applied(deployment: Deployment, config: Config) -> Mapping[str, set[str]] | None:
    """Return the applied migrations by app, None where no database can be asked."""
    try:
        url = facts.database_url(deployment, config)
        return asyncio.run(facts.applied_migrations(url)) if url else None
    except StartRefused as refused:
        click.echo(f"feria: nothing is said of migrations: {refused}", err=True)
        return None


def _migrations(found: Mapping[str, Any]) -> str:
    if not found["files"] and found["state"] != "ahead":
        return "none" if found["state"] == "at head" else found["state"]
    names = found.get("ahead") or found.get("behind")
    return f"{found['state']}: {', '.join(names)}" if names else str(found["state"])


def _print(rows: list[dict[str, Any]]) -> None:
    from rich.console import Console
    from rich.table import Table

    numbers = ("routes", "jobs", "schedules", "tables")
    table = Table("module", "version", "state", "needs", "uses", *numbers, "migrations", "why not")
    for row in rows:
        misfits = [f"{r['distribution']}{r['range']}, is {r['installed']}" for r in row["ranges"] if not r["fits"]]
        table.add_row(
            row["name"], row["version"], row["state"], ", ".join(row["needs"]), ", ".join(row["uses"]),
            *(str(len(row[key])) for key in numbers),
            _migrations(row["migrations"]), row["why"] or "; ".join(misfits),
        )  # fmt: skip
    console = Console()
    # In a pipe rich assumes 80 columns, in which names would be cut.
    console.width = console.width if console.is_terminal else WIDTH
    console.print(table)
