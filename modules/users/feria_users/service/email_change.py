"""Changing one's address: confirmed at the new one, announced at the old one."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from feria_core import audit, clock, db
from feria_core.contracts.users import EmailVerified
from feria_core.events import publish
from feria_core.ids import new_token, token_hash
from feria_core.runtime import settings
from feria_users.errors import EmailTaken, InvalidCredentials, InvalidToken
from feria_users.repository import accounts, email_changes, one_time_tokens, staff
from feria_users.service import guards, mails
from feria_users.service.hashing import verify_password
from feria_users.service.password_rules import checked_email
from feria_users.settings import UsersSettings

CHANGE = "change_email"


async def ask_for_change(account_id: UUID, *, email: str, password: str) -> None:
    """Have a link sent to the new address; whoever has an account under it already learns that instead.

    The same statements run either way, so neither answer nor time tells which it was. The newest request counts,
    those before it are void. Raises Invalid, InvalidCredentials, RateLimited by account; past the mails of an hour
    it is dropped silently.
    """
    address = checked_email(email)
    account = await accounts.by_id(account_id)
    await guards.count_guess(str(account_id))
    is_right = await verify_password(account["password_hash"] if account else None, password)
    if account is None or not is_right:
        raise InvalidCredentials("The password is wrong: correct it, or reset the password.")
    await guards.forgive_guesses(str(account_id))
    allowed = [
        await guards.may_mail("email_change_by", str(account_id)),
        await guards.may_mail("email_change", address.normalized),
    ]
    if not all(allowed):
        return
    token, now = new_token(), clock.now()
    async with db.transaction():
        if await accounts.lock(account_id) is None:
            raise InvalidCredentials
        await email_changes.withdraw(account_id)
        taken = await email_changes.ask(
            token_hash(token),
            account_id,
            email=address.typed,
            normalized=address.normalized,
            now=now,
            expires_at=now + timedelta(hours=settings(UsersSettings).verify_hours),
        )
        await mails.send_email_change(
            taken or address.typed, token, account_id=account_id, is_taken=bool(taken), locale=account["locale"]
        )


async def confirm_change(token: str) -> None:
    """Put the link's address in force. Every other link of the account is void then.

    Raises InvalidToken, EmailTaken where another account has the address by now.
    """
    hashed, now = token_hash(token), clock.now()
    async with db.transaction():
        seen = await one_time_tokens.peek(hashed, CHANGE, now=now)
        account = await accounts.lock(seen["account_id"]) if seen else None
        if account is None or await one_time_tokens.use(hashed, CHANGE, now=now) is None:
            raise InvalidToken
        email, normalized = await email_changes.wanted(hashed)
        if not await email_changes.put_in_force(account, email=email, normalized=normalized, now=now):
            raise EmailTaken
        await one_time_tokens.delete_unused(account["id"])
        await mails.send_email_changed(account["email"], locale=account["locale"])
        await publish(EmailVerified(user_id=account["id"], email=email, email_normalized=normalized))
        if await staff.holds_role(account["id"]):
            await audit.record("staff.email_changed", "users.account", account["id"], after={"fields": ["email"]})
