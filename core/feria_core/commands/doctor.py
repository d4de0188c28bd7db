"""`feria doctor`: does what is stored fit together?"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import click

from feria_core.commands.deployment import FAILED, Deployment, deployment_options, run_with_runtime

Check = Callable[[], Awaitable[list[str]]]
# Of one statement: looking through years of orders takes longer than any request may.
PATIENCE_MS = 600_000


@click.command()
@deployment_options
def doctor(deployment: Deployment) -> int:
    """Check that stock, orders and jobs fit together. Exit code 0: nothing found, 1: something is wrong.

    Each module brings its own checks; each finding names the row and what is wrong with it.
    """
    findings = run_with_runtime(deployment, _examine, statement_timeout_ms=PATIENCE_MS)
    broken = 0
    for name, found in findings:
        click.echo(f"{'ok     ' if not found else 'BROKEN '} {name}")
        for line in found:
            click.echo(f"        {line}")
        broken += bool(found)
    click.echo("nothing found" if not broken else f"{broken} checks found something")
    return FAILED if broken else 0


async def _examine() -> list[tuple[str, list[str]]]:
    from feria_core._internal import checks
    from feria_core.plugins import resolve
    from feria_core.runtime import current

    named: list[tuple[str, Check]] = [
        ("core.outbox", checks.outbox),
        ("core.jobs_of_nobody", checks.jobs_of_nobody),
        ("core.dead_letters", checks.dead_letters),
        ("core.audit_chain", checks.audit_chain),
    ]
    for module in current().modules:
        named += [(f"{module.name}.{target.rpartition(':')[2]}", resolve(target)) for target in module.manifest.checks]
    return [(name, await check()) for name, check in named]
