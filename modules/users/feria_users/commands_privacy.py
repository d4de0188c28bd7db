"""`feria users export` and `erase`: what a person asks for who cannot sign in."""

from __future__ import annotations

from collections.abc import Mapping

import click
import orjson

from feria_core.commands.deployment import Deployment, deployment_options, run_with_runtime
from feria_core.contracts.privacy import Json
from feria_users.commands import users

__all__ = ["users"]


@users.command("export")
@deployment_options
@click.argument("email")
def export(deployment: Deployment, email: str) -> int:
    """Print everything that is stored about the owner of the account EMAIL, as JSON."""
    from feria_users.service import privacy

    async def work() -> Mapping[str, Mapping[str, Json]]:
        return await privacy.export(await privacy.account_of(email))

    found = run_with_runtime(deployment, work)
    click.echo(orjson.dumps(found, default=str, option=orjson.OPT_INDENT_2).decode())
    return 0


@users.command("erase")
@deployment_options
@click.argument("email")
@click.option("--yes", is_flag=True, help="Really: it cannot be undone.")
def erase(deployment: Deployment, email: str, yes: bool) -> int:
    """Erase the owner of the account EMAIL from every module; what invoices need stays."""
    if not yes:
        raise click.UsageError("this cannot be undone: repeat it with --yes")
    run_with_runtime(deployment, lambda: _erase(email))
    click.echo("erased")
    return 0


async def _erase(email: str) -> None:
    from feria_core import audit, db
    from feria_users.service import privacy

    account_id = await privacy.account_of(email)
    async with db.transaction():
        await privacy.erase(account_id)
        await audit.record("account.erased", "users.account", account_id)
