"""`feria worker`: the worker processes of a deployment."""

from __future__ import annotations

import sys

import click

from feria_core.commands.deployment import Deployment, deployment_options
from feria_core.commands.serve import check, child_environment, supervised

QUEUES = "default,mail,github,training"


@click.command()
@click.option(
    "--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="How many worker processes."
)
@click.option("--queues", default=QUEUES, show_default=True, help="Whose jobs to do; keep training off a mail machine.")
@deployment_options
def worker(deployment: Deployment, processes: int, queues: str) -> int:
    """Do the jobs: mail, imports, refreshes, schedules; until SIGTERM, then end what is running.

    A worker that dies is replaced, and what it was doing is done again by another after some ten seconds.
    """
    with deployment.servers() as config:
        environment = child_environment(deployment, config)
        refused = check(environment)
        if refused:
            return refused
        command = [sys.executable, "-m", "feria_workers", str(deployment.plugins), queues]
        return supervised(command, environment, copies=processes)
