"""`feria staff`, `feria users`, `feria keys`: who may do what, accounts from elsewhere, signing keys."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from feria_core.commands.deployment import FAILED, Deployment, deployment_options, run_with_runtime

if TYPE_CHECKING:
    from feria_users.importing.run import Tally


@click.group()
def staff() -> None:
    """Create and list staff accounts; say what a role demands."""


@staff.command("create")
@deployment_options
@click.option("--email", required=True, help="Address to sign in with.")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
@click.option("--role", default="owner", show_default=True, help="Role to give; `owner` may do everything.")
def create(deployment: Deployment, email: str, password_stdin: bool, role: str) -> int:
    """Create a staff account, or give an existing account a new password and the role."""
    from feria_users.service.staff import create_staff

    del password_stdin  # the only way: a password on the command line is for everybody to see
    password = sys.stdin.readline().rstrip("\r\n")
    made = run_with_runtime(deployment, lambda: create_staff(email=email, password=password, role=role))
    click.echo(f"{made} is staff with the role '{role}': sign in at /api/auth/login")
    return 0


@staff.command("role")
@deployment_options
@click.argument("name")
@click.option("--require-otp/--no-require-otp", required=True, help="Whether its holders need a second factor.")
def role_(deployment: Deployment, name: str, *, require_otp: bool) -> int:
    """Have a role demand a second factor: without one its holders get only what a customer gets."""
    from feria_users.service.staff import demand_otp

    run_with_runtime(deployment, lambda: demand_otp(name, is_demanded=require_otp))
    click.echo(f"the role '{name}' {'needs' if require_otp else 'needs no'} second factor")
    return 0


@staff.command("list")
@deployment_options
def list_(deployment: Deployment) -> int:
    """List everybody who holds a role."""
    from feria_users.service.staff import list_staff

    for row in run_with_runtime(deployment, list_staff):
        click.echo(f"{row['email']}  {', '.join(row['roles'])}  {row['status']}")
    return 0


@click.group()
def users() -> None:
    """Accounts of customers."""


@users.command("import")
@deployment_options
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, writable=True, path_type=Path),
    help="Write refused rows to this CSV file: row, reason; else to FILE.errors.csv.",
)
def import_(deployment: Deployment, file: Path, errors: Path | None) -> int:
    """Import the accounts of FILE: CSV or JSON Lines with email, name, password_hash, verified.

    Hashes of bcrypt and argon2 hold until the next login replaces them. An address that has an account keeps it as
    it is, so an import can be repeated. Refused rows are left out and reported; exit code 1 where there are any.
    """
    from feria_users.importing.rows import BadFile
    from feria_users.importing.run import ErrorReport, import_accounts

    report = ErrorReport(errors or file.with_name(f"{file.name}.errors.csv"))
    try:
        with _progress(file) as on_batch:
            done = run_with_runtime(deployment, lambda: import_accounts(file, report=report, on_batch=on_batch))
    except BadFile as reason:
        raise click.ClickException(f"{file}: {reason}") from reason
    finally:
        report.close()
    click.echo(f"{done.rows:,} rows: {done.created:,} created, {done.known:,} known, {done.refused:,} refused")
    if done.refused:
        click.echo(f"the refused ones stand in {report.path}")
    return FAILED if done.refused else 0


@users.command("reset-otp")
@deployment_options
@click.option("--email", required=True, help="Address of the account.")
def reset_otp(deployment: Deployment, email: str) -> int:
    """Take the second factor off an account whose owner has lost telephone and recovery codes."""
    from feria_users.service.staff import take_off_otp

    click.echo(run_with_runtime(deployment, lambda: take_off_otp(email)))
    return 0


@contextmanager
def _progress(file: Path) -> Iterator[Callable[[Tally], None]]:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

    console = Console(stderr=True)
    columns = (BarColumn(), TaskProgressColumn(), TextColumn("{task.fields[counts]}"), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        task = progress.add_task("", total=file.stat().st_size, counts="")
        yield lambda tally: progress.update(
            task, completed=tally.bytes_done, counts=f"{tally.rows:,} rows, {tally.refused:,} refused"
        )


@click.group()
def keys() -> None:
    """The keys that sign access tokens."""


@keys.command("rotate")
@deployment_options
def rotate(deployment: Deployment) -> int:
    """Sign with a fresh key from now on; tokens of the old one hold until they expire."""
    from feria_users.service.keyring import rotate as use_fresh_key

    click.echo(f"{run_with_runtime(deployment, use_fresh_key)} signs from now on")
    return 0


@keys.command("list")
@deployment_options
def list_keys(deployment: Deployment) -> int:
    """List the keys, the latest first."""
    from feria_users.service.keyring import listed

    for kid, created_at, state in run_with_runtime(deployment, listed):
        click.echo(f"{kid}  {created_at:%Y-%m-%d %H:%M:%S} UTC  {state}")
    return 0
