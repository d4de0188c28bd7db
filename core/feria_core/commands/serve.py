"""`feria serve`: the web processes of a deployment."""

from __future__ import annotations

import os
import subprocess
import sys

import click

from feria_core.commands.deployment import Deployment, deployment_options
from feria_core.config import Config


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on; 0.0.0.0 for all.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535), help="Port to listen on.")
@click.option("--processes", default=1, show_default=True, type=click.IntRange(1, 256), help="How many web processes.")
@deployment_options
def serve(deployment: Deployment, host: str, port: int, processes: int) -> int:
    """Serve the API over DATABASE_URL and REDIS_URL until SIGTERM; requests in flight are answered.

    A web process that dies is replaced. Run any number of these on any number of machines; run `feria worker`
    beside them, and `feria migrate up` before a new version.
    """
    command = [sys.executable, "-m", "feria_core.web", "serve", host, str(port), str(processes)]
    with deployment.servers() as config:
        environment = child_environment(deployment, config)
        if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
            # Nothing is to be stopped afterwards: become the server, so that signals and exit code are its own.
            sys.stdout.flush()
            os.execve(sys.executable, command, environment)  # noqa: S606 - our own command
        return check(environment) or supervised(command, environment)


def child_environment(deployment: Deployment, config: Config) -> dict[str, str]:
    """Return the environment that tells a web or worker process its deployment."""
    return {
        **config.environment,
        "FERIA_PLUGINS": str(deployment.plugins),
        "FERIA_DATA": str(deployment.data),
        "DATABASE_URL": config.database_url,
        "REDIS_URL": config.redis_url,
    }


def check(environment: dict[str, str]) -> int:
    """Return 0, or the exit code of a refused start, whose sentence is on stderr.

    In a process of its own, so that a supervisor stays small.
    """
    return subprocess.run([sys.executable, "-m", "feria_core.web", "check"], env=environment, check=False).returncode


def supervised(command: list[str], environment: dict[str, str], *, copies: int | None = None) -> int:
    """Run `command` (in `copies`) until a signal; one that dies is replaced. Return the exit code."""
    from feria_core.processes import Supervisor

    with Supervisor() as supervisor:
        supervisor.add(command, name=command[2].rpartition(".")[2], env=environment, copies=copies)
        return supervisor.run_until_stopped()
