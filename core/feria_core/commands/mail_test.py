"""`feria mail-test`: does mail leave this deployment?"""

from __future__ import annotations

import click

from feria_core.commands.deployment import Deployment, deployment_options, run_with_runtime


@click.command("mail-test")
@click.argument("address")
@click.option("--locale", default="en", show_default=True)
@deployment_options
def mail_test(deployment: Deployment, address: str, locale: str) -> None:
    """Queue a test mail to ADDRESS; a running worker sends it through the configured SMTP server."""

    async def queue() -> str:
        from feria_core import db, mail

        async with db.transaction():
            return str(await mail.send("core/test", to=address, context={}, locale=locale))

    click.echo(f"queued as {run_with_runtime(deployment, queue)}; `feria doctor` tells if it fails for good")
