"""What users offers: who a token speaks for, and who a person is."""

from __future__ import annotations

import re
from uuid import UUID

from feria_core import clock, db
from feria_core.auth import AUTHENTICATORS, RIGHTS, Principal
from feria_core.contracts.admin import ADMIN_SECTIONS
from feria_core.contracts.analytics import ANALYTICS_SOURCES
from feria_core.contracts.privacy import PERSONAL_DATA
from feria_core.contracts.users import ADDRESS_RULES, PEOPLE, Person
from feria_core.ports import Registry
from feria_users.admin_sections import SECTIONS
from feria_users.figures import CUSTOMERS
from feria_users.oidc import providers
from feria_users.personal_data import AccountData
from feria_users.repository import accounts, sessions
from feria_users.service.access_tokens import read_access_token
from feria_users.service.acting import ACT_AS
from feria_users.service.postal_rules import CountryRules
from feria_users.service.staff import expanded

# Longer ones are none of ours; ours have about 450 characters.
_JWT = re.compile(r"[A-Za-z0-9_-]{1,500}\.[A-Za-z0-9_-]{1,2000}\.[A-Za-z0-9_-]{0,500}")


class AccessTokens:
    """The Authenticator of access tokens."""

    def accepts(self, credential: str) -> bool:
        """Return True for what looks like a JWT; API keys (`fk_...`) hold no dots."""
        return _JWT.fullmatch(credential) is not None

    async def authenticate(self, credential: str) -> Principal | None:
        """Return who asks, by one statement that also sees a logout, a disabled account or a lost role at once."""
        claims = await read_access_token(credential)
        if claims is None:
            return None
        row = await sessions.principal(claims.session_id, claims.account_id, now=clock.now())
        if row is None or not await _may_act(row):
            return None
        return Principal(
            kind="staff" if row["is_staff"] else "customer",
            id=claims.account_id,
            permissions=_permissions(row),
            session_id=claims.session_id,
            email=row["email"],
            locale=row["locale"],
            acting_staff=row["acting_staff_id"],
        )


async def _may_act(row: db.Row) -> bool:
    """Return True for a session of the person's own, and for one of staff who may act for customers still.

    Nobody acts for staff: who becomes one meanwhile is left to himself.
    """
    if row["acting_staff_id"] is None:
        return True
    staff = await sessions.principal(row["acting_session_id"], row["acting_staff_id"], now=clock.now())
    return staff is not None and not row["is_staff"] and ACT_AS in _permissions(staff)


def _permissions(row: db.Row) -> frozenset[str]:
    return frozenset() if row["lacks_otp"] else expanded(row["permissions"])


class StaffRights:
    """What staff may do in jobs that they have begun."""

    kind = "staff"

    async def permissions(self, person: UUID) -> frozenset[str]:
        """Return what the account's roles permit now."""
        return expanded(await sessions.permissions_of_staff(person))


class AccountPeople:
    """The People port."""

    async def person(self, user_id: UUID) -> Person | None:
        """Return the person, or None for an unknown or erased account."""
        row = await accounts.by_id(user_id)
        if row is None or row["status"] == "erased":
            return None
        return Person(
            id=row["id"],
            email=row["email"],
            name=row["name"],
            locale=row["locale"],
            is_email_verified=row["email_verified_at"] is not None,
            group=row["customer_group"],
        )


def register(registry: Registry) -> None:
    """Offer the ports of this module. Raises StartRefused where an identity provider lacks its secret."""
    providers.enabled()
    registry.provide(PEOPLE, AccountPeople(), module="users")
    registry.provide(ADDRESS_RULES, CountryRules(), module="users")
    registry.contribute(PERSONAL_DATA, AccountData(), module="users", order=500)
    registry.contribute(AUTHENTICATORS, AccessTokens(), module="users")
    registry.contribute(RIGHTS, StaffRights(), module="users")
    registry.contribute(ANALYTICS_SOURCES, CUSTOMERS, module="users", order=20)
    for section in SECTIONS:
        registry.contribute(ADMIN_SECTIONS, section, module="users")
