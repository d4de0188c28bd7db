"""`feria audit verify`: is the audit log still what was written?"""

from __future__ import annotations

import re

import click

from feria_core.commands.deployment import FAILED, Deployment, deployment_options, run_with_runtime


@click.group()
def audit() -> None:
    """Look after the audit log."""


@audit.command()
@click.option(
    "--anchor", metavar="SEQ:HASH", help="The end that an earlier run has printed: it must still be in the chain."
)  # fmt: skip
@deployment_options
def verify(deployment: Deployment, anchor: str | None) -> int:
    """Follow the chain of hashes. Exit code 0: every row is as it was written, 1: it says where the chain breaks."""
    noted = _parsed(anchor) if anchor else None

    async def run() -> int:
        from feria_core import audit_log

        verdict = await audit_log.verify(anchor=noted)
        for place in verdict.breaks:
            click.echo(f"BROKEN  {place}")
        if verdict.breaks:
            return FAILED
        click.echo(f"{verdict.rows} rows are as they were written")
        click.echo(f"anchor  {verdict.seq}:{verdict.head}")
        return 0

    return run_with_runtime(deployment, run)


def _parsed(text: str) -> tuple[int, str]:
    if not re.fullmatch(r"\d{1,18}:[0-9a-f]{64}", text):
        raise click.BadParameter("an anchor is a number, a colon and 64 hexadecimal digits", param_hint="--anchor")
    number, _, digest = text.partition(":")
    return int(number), digest
