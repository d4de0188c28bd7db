"""`feria openapi`: the description of the API, for generators of clients."""

from __future__ import annotations

from pathlib import Path

import click

from feria_core.commands.deployment import Deployment, deployment_options


@click.command()
@click.option("--output", type=click.Path(path_type=Path), help="Write to this file instead of the terminal.")
@deployment_options
def openapi(deployment: Deployment, output: Path | None) -> None:
    """Print the OpenAPI 3.1 document of the enabled modules; no server is needed."""
    import orjson

    from feria_core.app import create_app
    from feria_core.http.openapi import document

    described = document(create_app(deployment.config()))
    text = orjson.dumps(described, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_INDENT_2).decode()
    if output is None:
        click.echo(text)
    else:
        output.write_text(text + "\n", encoding="utf-8")
        click.echo(f"{len(described['paths'])} paths written to {output}")
