"""Roles: made, changed and removed by staff, within what they hold themselves."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from feria_core import audit, clock, db
from feria_core.errors import NotFound
from feria_core.ids import new_id
from feria_users.errors import OwnerRole, RoleExists, RoleInUse
from feria_users.repository import roles
from feria_users.service.ranks import check_known, demand_all
from feria_users.service.staff import OWNER


async def listed() -> Sequence[db.Row]:
    """Return every role with how many hold it, by name."""
    return await roles.listed()


async def find(role_id: UUID | None) -> db.Row:
    """Return one role. Raises NotFound."""
    return _known(await roles.one(role_id) if role_id else None)


async def create(name: str, permissions: Sequence[str], *, requires_otp: bool) -> db.Row:
    """Make a role and return it. Raises Invalid for an unknown permission, PermissionNotHeld, RoleExists."""
    check_known(permissions)
    demand_all(permissions)
    role_id, wanted = new_id(), sorted(set(permissions))
    async with db.transaction():
        if not await roles.add(role_id, name, wanted, requires_otp=requires_otp, now=clock.now()):
            raise RoleExists(name)
        await audit.record("role.created", "users.role", role_id, after=_audited(name, wanted, requires_otp))
        return _known(await roles.one(role_id))


async def change(role_id: UUID | None, *, permissions: Sequence[str] | None, requires_otp: bool | None) -> db.Row:
    """Change what is not None; counts for its holders from the next request on.

    Only who holds all that the role holds, before and after, changes it: else he could raise himself by a role of
    his own, or lower others. Raises NotFound, OwnerRole, Invalid, PermissionNotHeld.
    """
    async with db.transaction():
        before = _known(await roles.lock(role_id) if role_id else None)
        if before["name"] == OWNER and permissions is not None:
            raise OwnerRole
        demand_all(before["permissions"])
        wanted = before["permissions"] if permissions is None else sorted(set(permissions))
        if permissions is not None:
            check_known(permissions, kept=before["permissions"])
            demand_all(wanted)
        demanded = before["requires_otp"] if requires_otp is None else requires_otp
        await roles.change(before["id"], permissions=wanted, requires_otp=demanded)
        await audit.record_change(
            "role.changed", "users.role", before["id"],
            before=_audited(before["name"], before["permissions"], before["requires_otp"]),
            after=_audited(before["name"], wanted, demanded),
        )  # fmt: skip
        return _known(await roles.one(before["id"]))


async def remove(role_id: UUID | None) -> None:
    """Delete a role that nobody holds. Raises NotFound, OwnerRole, PermissionNotHeld, RoleInUse."""
    async with db.transaction():
        before = _known(await roles.lock(role_id) if role_id else None)
        if before["name"] == OWNER:
            raise OwnerRole
        demand_all(before["permissions"])
        if not await roles.delete(before["id"]):
            raise RoleInUse(before["name"], before["members"])
        await audit.record(
            "role.removed", "users.role", before["id"],
            before=_audited(before["name"], before["permissions"], before["requires_otp"]),
        )  # fmt: skip


def _audited(role: str, permissions: Sequence[str], requires_otp: bool) -> dict[str, object]:
    # Not named after the factor: what is called `otp` is masked in the audit log, and so is a `name` under users.
    return {"role": role, "permissions": list(permissions), "needs_second_factor": requires_otp}


def _known(row: db.Row | None) -> db.Row:
    if row is None:
        raise NotFound("There is no such role: GET /api/admin/roles lists them.")
    return row
