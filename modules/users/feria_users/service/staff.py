"""Staff: who may do what."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from feria_core import audit, clock, db
from feria_core.ids import new_id
from feria_core.runtime import core_settings, current
from feria_users.errors import UnknownRole
from feria_users.repository import one_time_tokens, sessions, staff
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
    up under the address survives. Raises Invalid, UnknownRole.
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
        await staff.appoint(account_id, role, now=now)
        await audit.record("staff.created", "users.account", account_id, after={"role": role})
    return address.typed


async def list_staff() -> Sequence[db.Row]:
    """Return email, name, status and roles of everybody who holds a role."""
    return await staff.members()
