"""Who asks: the principal of a request, and what a route demands of it."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from feria_core.errors import ActingStaff, Forbidden, Unauthenticated
from feria_core.ports import Port
from feria_core.runtime import registry


@dataclass(frozen=True)
class Principal:
    """A person or a key whose credential was verified for this request.

    `permissions` are those held now, read from the database for this request, so that a withdrawn one is
    gone from the next request on. An empty set permits nothing.
    """

    kind: str  # "customer", "staff" or "api_key"
    id: UUID
    permissions: frozenset[str] = frozenset()
    session_id: UUID | None = None
    email: str | None = None
    locale: str | None = None
    # Staff who act for this customer: what is done is theirs, and what only the person may do is refused.
    acting_staff: UUID | None = None


class Authenticator(Protocol):
    """Turns a bearer credential into a principal; contributed by the modules that issue such credentials."""

    def accepts(self, credential: str) -> bool:
        """Return True where `credential` has the form that this authenticator issues."""
        ...

    async def authenticate(self, credential: str) -> Principal | None:
        """Return whose credential it is, or None where it is forged, expired or withdrawn."""
        ...


AUTHENTICATORS: Port[Authenticator] = Port("authenticators", version="1.0")


class Rights(Protocol):
    """Says what those of a kind ("staff", "api_key") may do now, where they do not ask in person: in their jobs."""

    kind: str

    async def permissions(self, person: UUID) -> frozenset[str]:
        """Return the permissions held now; none for who is disabled, unknown, or of another kind."""
        ...


RIGHTS: Port[Rights] = Port("rights", version="1.0")


@dataclass(frozen=True)
class Access:
    """What a route demands: nothing, a signed-in customer, or staff with a permission or one of its `alternatives`.

    With `in_person` staff who act for the customer are refused.
    """

    kind: str
    permission: str | None = None
    in_person: bool = False
    alternatives: tuple[str, ...] = ()

    @property
    def permissions(self) -> tuple[str, ...]:
        """Return the permissions of which one is enough; none where none is demanded."""
        return () if self.permission is None else (self.permission, *self.alternatives)


PUBLIC = Access("public")
CUSTOMER = Access("customer")
IN_PERSON = Access("customer", in_person=True)


def staff(permission: str, *alternatives: str) -> Access:
    """Return the demand for a principal that holds `permission`, e.g. "catalog.write", or one of the `alternatives`."""
    return Access("staff", permission, alternatives=alternatives)


_principal: ContextVar[Principal | None] = ContextVar("feria_principal", default=None)


def set_principal(principal: Principal | None) -> None:
    """Make `principal` the one who asks, for the rest of this request."""
    _principal.set(principal)


def maybe_principal() -> Principal | None:
    """Return who asks, or None for a guest."""
    return _principal.get()


def current_principal() -> Principal:
    """Return who asks. Raises Unauthenticated for a guest."""
    principal = _principal.get()
    if principal is None:
        raise Unauthenticated
    return principal


async def identify(authorization: str | None) -> Principal | None:
    """Return the principal of an Authorization header; None without one.

    Raises Unauthenticated for a credential that does not hold, on public routes too: an expired token must be
    refreshed, not silently become a guest's cart.
    """
    if not authorization:
        return None
    scheme, _, credential = authorization.partition(" ")
    credential = credential.strip()
    if scheme.lower() != "bearer" or not credential:
        raise Unauthenticated("The Authorization header must be `Bearer <access token>`.")
    for authenticator in registry().all(AUTHENTICATORS):
        if authenticator.accepts(credential):
            principal = await authenticator.authenticate(credential)
            if principal is not None:
                return principal
    raise Unauthenticated("The access token is not valid or no longer valid: refresh it or sign in again.")


def demand(access: Access, principal: Principal | None) -> None:
    """Raise Unauthenticated or Forbidden unless `principal` may call a route that demands `access`."""
    if access.kind == "public":
        return
    if principal is None:
        raise Unauthenticated
    if access.kind == "customer" and principal.kind == "api_key":
        raise Forbidden("This call is for a signed-in person, not for an API key.")
    if access.in_person and principal.acting_staff is not None:
        raise ActingStaff
    if access.kind == "staff" and principal.permissions.isdisjoint(access.permissions):
        named = " or ".join(f"'{permission}'" for permission in access.permissions)
        raise Forbidden(f"This call needs the permission {named}, which you do not hold.")
