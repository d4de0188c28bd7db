"""What admin refuses, and why."""

from __future__ import annotations

from collections.abc import Iterable

from feria_core.errors import Forbidden, NotFound


class PermissionNotHeld(Forbidden):
    """Somebody would give what he does not hold himself."""

    code, title = "permission_not_held", "You do not hold that permission yourself"

    def __init__(self, lacking: Iterable[str]) -> None:
        names = sorted(lacking)
        super().__init__(
            f"Nobody grants what he does not hold himself: {', '.join(names)}. Leave it away or ask who holds it.",
            members={"permissions": names},
        )


class KeyUnknown(NotFound):
    """There is no such API key, or it was revoked."""

    code = "not_found"

    def __init__(self) -> None:
        super().__init__("There is no such API key: GET /api/admin/api-keys lists those that hold.")
