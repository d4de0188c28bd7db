"""Callers for tests: customers, staff and API keys whose credentials say who they are."""

from __future__ import annotations

from uuid import UUID

from feria_core.auth import AUTHENTICATORS, RIGHTS, Principal
from feria_core.ports import Registry

PREFIX = "test-caller:"


# What each caller held when it asked last: where a job goes on for it, it holds as much.
_held: dict[tuple[str, UUID], frozenset[str]] = {}


class TestRights:
    """Answers for the callers of tests what they may do."""

    __test__ = False

    def __init__(self, kind: str) -> None:
        self.kind = kind

    async def permissions(self, person: UUID) -> frozenset[str]:
        """Return what the caller held when it asked last."""
        return _held.get((self.kind, person), frozenset())


class TestCallers:
    """Takes the credentials that `credential` makes; contributed to the application under test alone."""

    __test__ = False

    def accepts(self, credential: str) -> bool:
        """Return True for what `credential` has made."""
        return credential.startswith(PREFIX)

    async def authenticate(self, credential: str) -> Principal | None:
        """Return whom the credential names."""
        kind, person, permissions = credential.removeprefix(PREFIX).split(":")
        held = frozenset(filter(None, permissions.split(",")))
        _held[kind, UUID(person)] = held
        return Principal(kind, UUID(person), held)


def credential(kind: str, person: UUID, *permissions: str) -> str:
    """Return the bearer credential of a "customer", "staff" or "api_key" with these permissions."""
    return f"{PREFIX}{kind}:{person}:{','.join(permissions)}"


def admit(registry: Registry) -> None:
    """Let the application take these credentials; repeats safely."""
    if not any(isinstance(known, TestCallers) for known in registry.all(AUTHENTICATORS)):
        registry.contribute(AUTHENTICATORS, TestCallers(), module="tests")
        for kind in ("staff", "api_key"):
            registry.contribute(RIGHTS, TestRights(kind), module="tests")
