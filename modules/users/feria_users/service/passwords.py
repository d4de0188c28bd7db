"""Changing a password, and getting back in without one."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from feria_core import clock, db
from feria_core.ids import new_token, token_hash
from feria_core.jobs import enqueue
from feria_core.runtime import settings
from feria_users.errors import InvalidCredentials, InvalidToken
from feria_users.repository import accounts, one_time_tokens, sessions
from feria_users.service import guards, mails
from feria_users.service.hashing import hash_password, verify_password
from feria_users.service.password_rules import check_password, checked_email
from feria_users.service.registration import announce_verified
from feria_users.settings import UsersSettings

RESET = "reset_password"


async def forgot_password(email: str) -> None:
    """Have a link sent to the address where it has an active account.

    The same statements run for any address; the account is told from a stranger in a job. Raises Invalid,
    RateLimited by address; one person's limit drops the request silently.
    """
    address = checked_email(email)
    await guards.count_address("forgot", settings(UsersSettings).forgotten_per_minute)
    if not await guards.may_mail("forgot", address.normalized):
        return
    account = await accounts.by_email(address.normalized)
    async with db.transaction():
        await enqueue("users.send_password_reset", account_id=str(account["id"]) if account else None)


async def send_reset_link(account_id: UUID) -> None:
    """Make a link and mail it, in the caller's transaction; nothing for an account that is not active."""
    account = await accounts.lock(account_id)
    if account is None:
        return
    token, now = new_token(), clock.now()
    await one_time_tokens.add(
        token_hash(token),
        account_id=account_id,
        purpose=RESET,
        normalized=account["email_normalized"],
        now=now,
        expires_at=now + timedelta(minutes=settings(UsersSettings).reset_minutes),
    )
    await mails.send_password_reset(account["email"], token, locale=account["locale"])


async def reset_password(token: str, password: str) -> None:
    """Set the password of the link's account and end its sessions.

    The link also shows that the address is its owner's. Raises InvalidToken, Invalid.
    """
    hashed = token_hash(token)
    seen = await one_time_tokens.peek(hashed, RESET, now=clock.now())
    if seen is None:
        raise InvalidToken
    check_password(password, seen["email"])
    password_hash = await hash_password(password)
    now = clock.now()
    async with db.transaction():
        account = await accounts.lock(seen["account_id"])
        if account is None or await one_time_tokens.use(hashed, RESET, now=now) is None:
            raise InvalidToken
        await _install(account, password_hash, now=now)
        await announce_verified(account, now_is=await accounts.mark_verified(account["id"], now=now))
        # Who owns the mailbox is let in, whoever guesses at the account meanwhile.
        await guards.forgive_guesses(account["email_normalized"])
        await guards.remember_address(account["email_normalized"], account["id"])


async def change_password(account_id: UUID, *, current: str, new: str) -> None:
    """Set a new password and end every session, the asking one too. Raises InvalidCredentials, Invalid, RateLimited."""
    account = await accounts.by_id(account_id)
    await guards.count_guess(str(account_id))
    is_right = await verify_password(account["password_hash"] if account else None, current)
    if account is None or not is_right:
        raise InvalidCredentials("The current password is wrong: correct it, or reset the password.")
    await guards.forgive_guesses(str(account_id))
    check_password(new, account["email"], field="new_password")
    password_hash = await hash_password(new)
    async with db.transaction():
        locked = await accounts.lock(account_id)
        if locked is None or locked["password_hash"] != account["password_hash"]:
            raise InvalidCredentials("The password was changed meanwhile: sign in with the new one.")
        await _install(locked, password_hash, now=clock.now())


async def _install(account: db.Row, password_hash: str, *, now: datetime) -> None:
    """Set the password of a locked account; whatever was given out under the old one ends."""
    await accounts.set_password(account["id"], password_hash, now=now)
    await sessions.revoke_all(account["id"], now=now)
    await one_time_tokens.delete_unused(account["id"])
    await mails.send_password_changed(account["email"], locale=account["locale"])
