"""Staff: invited by mail, given roles, disabled, removed; the shop keeps an owner who can sign in."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from feria_core import audit, clock, db
from feria_core.auth import current_principal
from feria_core.errors import Invalid, NotFound
from feria_core.ids import new_id, new_token, token_hash
from feria_core.runtime import settings
from feria_users.domain import EmailAddress
from feria_users.errors import AccountDisabled, AlreadyStaff, LastOwner, NotInvited
from feria_users.repository import accounts, identities, members, one_time_tokens, roles, second_factor, sessions, staff
from feria_users.service import guards, mails
from feria_users.service.password_rules import checked_email
from feria_users.service.ranks import demand_all
from feria_users.settings import UsersSettings

INVITE = "invite_staff"


async def page(*, before: UUID | None, limit: int) -> Sequence[db.Row]:
    """Return who holds a role, the latest account first."""
    return await members.page(before=before, limit=limit)


async def find(account_id: UUID | None) -> db.Row:
    """Return one of staff. Raises NotFound."""
    return _member(await members.one(account_id) if account_id else None)


async def invite(email: str, chosen: Sequence[str], *, name: str | None, locale: str) -> db.Row:
    """Give the address these roles and mail its owner a link that sets the password; return the member.

    Who has an account with a verified address keeps its password, and is told. Of any other account nothing stays
    that somebody else may have set up. Sessions end either way. Raises Invalid, PermissionNotHeld, AlreadyStaff,
    AccountDisabled.
    """
    address = checked_email(email)
    async with db.transaction():
        await _hold_grantable(chosen)
        account = await _account_at(address, name=name, locale=locale)
        await _start_afresh(account, now=clock.now())
        for role in chosen:
            await staff.appoint(account["id"], role, now=clock.now())
        await _tell(account["id"])
        await audit.record("staff.invited", "users.account", account["id"], after={"roles": sorted(chosen)})
        return await find(account["id"])


async def invite_again(account_id: UUID | None) -> None:
    """Mail another link; the links before are void. Raises NotFound, PermissionNotHeld, NotInvited.

    Past the mails of an hour it is dropped silently.
    """
    async with db.transaction():
        member = await _locked(account_id)
        if not member["is_invited"] or member["status"] != "active":
            raise NotInvited
        if not await guards.may_mail("invite", str(member["id"])):
            return
        await one_time_tokens.delete_unused(member["id"])
        await _tell(member["id"])
        await audit.record("staff.invited_again", "users.account", member["id"])


async def change(account_id: UUID | None, *, chosen: Sequence[str] | None, status: str | None) -> db.Row:
    """Change roles and status, where not None, from the next request on; return the member.

    Disabling ends the sessions. Raises NotFound, Invalid, PermissionNotHeld, LastOwner.
    """
    async with db.transaction():
        await members.hold_owners()
        if chosen is not None:
            await _hold_grantable(chosen)
        before = await _locked(account_id)
        if chosen is not None:
            await _replace_roles(before, chosen)
        if status is not None and status != before["status"]:
            await _set_status(before["id"], status)
        after = await find(before["id"])
        await audit.record_change(
            "staff.changed", "users.account", before["id"], before=_audited(before), after=_audited(after)
        )
        return after


async def remove(account_id: UUID | None) -> None:
    """Take every role away: what is left is a customer, signed out. Raises NotFound, PermissionNotHeld, LastOwner."""
    async with db.transaction():
        await members.hold_owners()
        before = await _locked(account_id)
        if await members.withdraw(before["id"], before["roles"]) != len(before["roles"]):
            raise LastOwner
        await sessions.revoke_all(before["id"], now=clock.now())
        await one_time_tokens.delete_unused(before["id"])
        await audit.record("staff.removed", "users.account", before["id"], before=_audited(before))


async def _hold_grantable(chosen: Sequence[str]) -> None:
    """Keep the roles as they are until the end. Raises Invalid for an unknown one, PermissionNotHeld."""
    found = await roles.hold(chosen)
    unknown = sorted(set(chosen) - {row["name"] for row in found})
    if unknown:
        raise Invalid.field(
            "body", "roles", code="unknown_role",
            message=f"There is no role '{unknown[0]}': GET /api/admin/roles lists them.",
        )  # fmt: skip
    for row in found:
        demand_all(row["permissions"])


async def _locked(account_id: UUID | None) -> db.Row:
    """Return the member, whose account stays as it is. Raises NotFound, PermissionNotHeld for one who holds more."""
    if account_id is None or await accounts.lock_any(account_id) is None:
        raise _nobody()
    member = _member(await members.one(account_id))
    if member["id"] != current_principal().id:
        demand_all(member["permissions"])
    return member


async def _account_at(address: EmailAddress, *, name: str | None, locale: str) -> db.Row:
    made = await accounts.add_vouched(
        new_id(),
        email=address.typed,
        normalized=address.normalized,
        name=name or address.typed.partition("@")[0],
        locale=locale,
        now=clock.now(),
    )
    found = await accounts.by_email(address.normalized) if made is None else None
    account = await accounts.lock_any(made or (found["id"] if found else new_id()))
    if account is None or account["status"] != "active":
        raise AccountDisabled(address.typed)
    if await staff.holds_role(account["id"]):
        raise AlreadyStaff(address.typed)
    return account


async def _start_afresh(account: db.Row, *, now: datetime) -> None:
    if account["email_verified_at"] is None:
        await members.vouch(account["id"], now=now)
        await second_factor.delete(account["id"])
        await identities.delete_all(account["id"])
    await sessions.revoke_all(account["id"], now=now)
    await one_time_tokens.delete_unused(account["id"])


async def _tell(account_id: UUID) -> None:
    account = await accounts.lock(account_id)
    if account is None:
        raise _nobody()
    if account["password_hash"] is not None:
        await mails.send_staff_appointed(account["email"], locale=account["locale"])
        return
    token, now = new_token(), clock.now()
    await one_time_tokens.add(
        token_hash(token),
        account_id=account_id,
        purpose=INVITE,
        normalized=account["email_normalized"],
        now=now,
        expires_at=now + timedelta(hours=settings(UsersSettings).invite_hours),
    )
    await mails.send_staff_invite(account["email"], token, locale=account["locale"])


async def _replace_roles(before: db.Row, chosen: Sequence[str]) -> None:
    taken = [role for role in before["roles"] if role not in chosen]
    if await members.withdraw(before["id"], taken) != len(taken):
        raise LastOwner
    for role in chosen:
        await staff.appoint(before["id"], role, now=clock.now())


async def _set_status(account_id: UUID, status: str) -> None:
    if not await members.set_status(account_id, status, now=clock.now()):
        raise LastOwner
    if status == "disabled":
        await sessions.revoke_all(account_id, now=clock.now())


def _audited(member: db.Row) -> dict[str, object]:
    return {"roles": list(member["roles"]), "status": member["status"]}


def _member(row: db.Row | None) -> db.Row:
    if row is None:
        raise _nobody()
    return row


def _nobody() -> NotFound:
    return NotFound("Nobody of that id holds a role: GET /api/admin/staff lists who does.")
