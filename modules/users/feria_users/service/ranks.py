"""Who may give what: nobody grants a permission, or touches who holds one, that he does not hold himself."""

from __future__ import annotations

from collections.abc import Iterable

from feria_core.auth import current_principal
from feria_core.errors import Invalid
from feria_core.http.request import locale
from feria_core.runtime import current
from feria_users.errors import PermissionNotHeld
from feria_users.service.staff import ALL, expanded


def declared() -> dict[str, tuple[str, str]]:
    """Return what the enabled modules declare: description in the caller's language and module, by permission."""
    return {
        permission.name: (permission.said(locale()), module.name)
        for module in current().modules
        for permission in module.manifest.permissions
    }


def demand_all(permissions: Iterable[str]) -> None:
    """Raise PermissionNotHeld unless who asks holds every one of these, as far as modules declare them."""
    known = declared()
    lacking = {name for name in expanded(permissions) if name in known} - current_principal().permissions
    if lacking:
        raise PermissionNotHeld(lacking)


def check_known(permissions: Iterable[str], *, kept: Iterable[str] = ()) -> None:
    """Raise Invalid for what no enabled module declares; `kept` may stay, its module is switched off."""
    known = declared().keys() | set(kept)
    for at, name in enumerate(permissions):
        if name not in known or name == ALL:
            raise Invalid.field(
                "body", "permissions", at, code="unknown_permission",
                message=f"No enabled module has a permission '{name}': GET /api/admin/permissions lists them.",
            )  # fmt: skip
