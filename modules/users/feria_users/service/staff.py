"""Staff: who may do what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from feria_core import audit, clock, db
from feria_core.ids import new_id
from feria_core.runtime import core_settings, current
from feria_users.errors import UnknownRole
from feria_users.repository import accounts, identities, one_time_tokens, second_factor, sessions, staff
from feria_users.service import mails
from feria_users.service.hashing import hash_password
from feria_users.service.password_rules import check_password, checked_email

OWNER = "owner"
ALL = "*"


def expanded(permissions: Iterable[str]) -> frozenset[str]:
    """Return concrete names: `*` is whatever the enabled modules declare now, those added later included."""
    held = frozenset(permissions)
    if ALL not in held:
        return held
    declared = {permission.name for module in current().modules for permission in module.manifest.permissions}
    return (held | declared) - {ALL}


async def create_staff(*, email: str, password: str, role: str = OWNER) -> str:
    """Make the address a staff account with this password and role; return the address as it is stored.

    An account that exists gets the password and the role, and its sessions end: nothing that somebody else set
    up under the address survives, no second factor and no identity either. Raises Invalid, UnknownRole.
    """
    address = checked_email(email)
    check_password(password, email)
    password_hash = await hash_password(password)
    now = clock.now()
    async with db.transaction():
        await staff.ensure_role(OWNER, [ALL], now=now)
        known = await staff.role_names()
        if role not in known:
            raise UnknownRole(role, known)
        account_id = await staff.save_account(
            new_id(),
            email=address.typed,
            normalized=address.normalized,
            name=address.typed.partition("@")[0],
            password_hash=password_hash,
            locale=core_settings().locales[0],
            now=now,
        )
        await sessions.revoke_all(account_id, now=now)
        await one_time_tokens.delete_unused(account_id)
        await second_factor.delete(account_id)
        await identities.delete_all(account_id)
        await staff.appoint(account_id, role, now=now)
        await audit.record("staff.created", "users.account", account_id, after={"role": role})
    return address.typed


async def demand_otp(role: str, *, is_demanded: bool) -> None:
    """Have the role demand a second factor, or no longer; counts from the next request on. Raises UnknownRole."""
    async with db.transaction():
        changed = await staff.demand_otp(role, is_demanded=is_demanded)
        if changed is None:
            raise UnknownRole(role, await staff.role_names())
        # Not named after the factor: what is called `otp` is masked in the audit log.
        await audit.record_change(
            "role.changed", "users.role", changed["id"],
            before={"needs_second_factor": changed["was_demanded"]}, after={"needs_second_factor": is_demanded},
        )  # fmt: skip


async def take_off_otp(email: str) -> str:
    """Take the second factor off the account; return a sentence of what was done. Its owner is told by mail."""
    address = checked_email(email)
    async with db.transaction():
        account = await accounts.by_email(address.normalized)
        locked = await accounts.lock(account["id"]) if account else None
        if locked is None or not await second_factor.delete(locked["id"]):
            return f"{address.typed} has no second factor"
        await mails.send_otp_off(locked["email"], locale=locked["locale"])
        await audit.record("account.second_factor_removed", "users.account", locked["id"])
    return f"{address.typed} signs in with the password alone"


async def list_staff() -> Sequence[db.Row]:
    """Return email, name, status and roles of everybody who holds a role."""
    return await staff.members()
