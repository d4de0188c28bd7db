"""Staff who act for a customer: a short token that carries both, and ends with what allowed it."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from feria_core import audit, clock, db
from feria_core.auth import current_principal
from feria_core.errors import Forbidden, NotFound
from feria_core.ids import new_id
from feria_core.runtime import settings
from feria_users.errors import StaffAccount
from feria_users.repository import accounts, staff
from feria_users.repository import acting as sessions
from feria_users.service.access_tokens import issue_access_token
from feria_users.settings import UsersSettings

ACT_AS = "users.act_as"
# What the customer reads in the list of devices.
DEVICE = "Shop staff"


@dataclass(frozen=True)
class Acting:
    """A token to act for the customer with, for `expires_in` seconds; there is no refresh."""

    access_token: str
    expires_in: int
    customer_id: UUID


async def act_as(customer_id: UUID | None) -> Acting:
    """Open a session of the customer that staff act in; the customer sees it among the devices and can end it.

    It ends with the staff's own session, and as soon as they may act no longer. Raises NotFound for an account that
    is not active, StaffAccount, Forbidden for an API key.
    """
    staff_id, staff_session_id = _in_person()
    lasts_s, now, session_id = settings(UsersSettings).access_token_s, clock.now(), new_id()
    async with db.transaction():
        account = await accounts.lock(customer_id) if customer_id else None
        if customer_id is None or account is None:
            raise NotFound("There is no active customer of that id: GET /api/admin/customers lists them.")
        if await staff.holds_role(customer_id) or not await sessions.start(
            session_id,
            customer_id,
            staff_id=staff_id,
            staff_session_id=staff_session_id,
            secret=secrets.token_bytes(32),
            user_agent=DEVICE,
            now=now,
            expires_at=now + timedelta(seconds=lasts_s),
        ):
            raise StaffAccount("Nobody acts for staff: this account holds a role.")
        await audit.record("customer.acted_as", "users.account", customer_id, after={"session": str(session_id)})
    token = await issue_access_token(customer_id, session_id, actor=staff_id)
    return Acting(token, lasts_s, customer_id)


async def acted_for() -> Sequence[db.Row]:
    """Return customer_id, email, name and expires_at of those whom the caller's session acts for; none for others."""
    who = current_principal()
    if ACT_AS not in who.permissions or who.session_id is None:
        return []
    return await sessions.open_on(who.session_id, now=clock.now())


async def end(customer_id: UUID | None) -> None:
    """Act for the customer no longer; repeats safely. Raises NotFound, Forbidden for an API key."""
    _, staff_session_id = _in_person()
    async with db.transaction():
        if customer_id is None or await accounts.lock_any(customer_id) is None:
            raise NotFound("There is no customer of that id: GET /api/admin/customers lists them.")
        if await sessions.end(customer_id, staff_session_id=staff_session_id, now=clock.now()):
            await audit.record("customer.acting_ended", "users.account", customer_id)


def _in_person() -> tuple[UUID, UUID]:
    """Return the account and the session of the staff who ask. Raises Forbidden."""
    who = current_principal()
    if who.kind != "staff" or who.session_id is None:
        raise Forbidden("Only staff who are signed in act for a customer: an API key does not.")
    return who.id, who.session_id
