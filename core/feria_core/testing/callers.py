"""Callers for tests: customers, staff and API keys whose credentials say who they are."""

from __future__ import annotations

from uuid import UUID

from feria_core.auth import AUTHENTICATORS, Principal
from feria_core.ports import Registry

PREFIX = "test-caller:"


class TestCallers:
    """Takes the credentials that `credential` makes; contributed to the application under test alone."""

    __test__ = False

    def accepts(self, credential: str) -> bool:
        """Return True for what `credential` has made."""
        return credential.startswith(PREFIX)

    async def authenticate(self, credential: str) -> Principal | None:
        """Return whom the credential names."""
        kind, person, permissions = credential.removeprefix(PREFIX).split(":")
        return Principal(kind, UUID(person), frozenset(filter(None, permissions.split(","))))


def credential(kind: str, person: UUID, *permissions: str) -> str:
    """Return the bearer credential of a "customer", "staff" or "api_key" with these permissions."""
    return f"{PREFIX}{kind}:{person}:{','.join(permissions)}"


def admit(registry: Registry) -> None:
    """Let the application take these credentials; repeats safely."""
    if not any(isinstance(known, TestCallers) for known in registry.all(AUTHENTICATORS)):
        registry.contribute(AUTHENTICATORS, TestCallers(), module="tests")
