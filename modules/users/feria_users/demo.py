"""People for an empty shop: an owner and a customer, for development only."""

from __future__ import annotations

from feria_core import clock
from feria_core.ids import new_id
from feria_users.domain import EmailAddress, parse_email
from feria_users.repository import accounts, staff
from feria_users.service.hashing import hash_password, verify_password
from feria_users.service.staff import create_staff

OWNER_EMAIL, OWNER_PASSWORD = "owner@feria.test", "demo owner of feria"
CUSTOMER_EMAIL, CUSTOMER_PASSWORD = "customer@feria.test", "demo customer of feria"


async def load() -> list[str]:
    """Make both accounts where they are missing; return how to sign in where the password is still the demo's."""
    lines = []
    for label, email, password in (
        ("staff sign-in", OWNER_EMAIL, OWNER_PASSWORD),
        ("customer sign-in", CUSTOMER_EMAIL, CUSTOMER_PASSWORD),
    ):
        account = await accounts.by_email(email)
        if account is None:
            await _create(email, password)
        elif not await verify_password(account["password_hash"], password):
            continue
        lines.append(f"{label}: {email} / {password}")
    return lines


async def _create(email: str, password: str) -> None:
    if email == OWNER_EMAIL:
        await create_staff(email=email, password=password)
        return
    address = parse_email(email)
    assert isinstance(address, EmailAddress)  # noqa: S101 - a constant above
    await staff.save_account(
        new_id(),
        email=address.typed,
        normalized=address.normalized,
        name="Demo Customer",
        password_hash=await hash_password(password),
        locale="en",
        now=clock.now(),
    )
