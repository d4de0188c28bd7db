"""`feria staff`: the first owner, and who else may do what."""

from __future__ import annotations

import sys

import click

from feria_core.commands.deployment import Deployment, deployment_options, run_with_runtime


@click.group()
def staff() -> None:
    """Create and list staff accounts."""


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


@staff.command("list")
@deployment_options
def list_(deployment: Deployment) -> int:
    """List everybody who holds a role."""
    from feria_users.service.staff import list_staff

    for row in run_with_runtime(deployment, list_staff):
        click.echo(f"{row['email']}  {', '.join(row['roles'])}  {row['status']}")
    return 0
