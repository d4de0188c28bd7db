"""Who may give what: nobody grants a permission that he does not hold himself."""

from __future__ import annotations

from collections.abc import Sequence

from feria_admin.errors import PermissionNotHeld
from feria_core.auth import current_principal
from feria_core.errors import Invalid
from feria_core.runtime import current


def declared() -> frozenset[str]:
    """Return the names of the permissions that the enabled modules declare."""
    return frozenset(right.name for module in current().modules for right in module.manifest.permissions)


def check(permissions: Sequence[str]) -> list[str]:
    """Return the permissions in order, each once. Raises Invalid for an unknown one, PermissionNotHeld."""
    known = declared()
    for at, name in enumerate(permissions):
        if name not in known:
            raise Invalid.field(
                "body", "permissions", at, code="unknown_permission",
                message="No enabled module has a permission of that name: GET /api/admin/permissions lists them",
            )  # fmt: skip
    lacking = set(permissions) - current_principal().permissions
    if lacking:
        raise PermissionNotHeld(lacking)
    return sorted(set(permissions))
