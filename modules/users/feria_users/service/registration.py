"""Registering, and showing that an address is one's own."""

from __future__ import annotations

import contextlib
from datetime import timedelta

from feria_core import clock, db
from feria_core.contracts.users import EmailVerified
from feria_core.events import publish
from feria_core.ids import new_id, new_token, token_hash
from feria_core.runtime import settings
from feria_users.errors import InvalidToken
from feria_users.repository import accounts, one_time_tokens
from feria_users.service import guards, mails
from feria_users.service.hashing import hash_password
from feria_users.service.password_rules import check_password, checked_email
from feria_users.settings import UsersSettings

VERIFY = "verify_email"


async def register(*, email: str, password: str, name: str, locale: str) -> None:
    """Take a registration: the owner of the address gets a link, or learns that he has an account already.

    Nothing tells the caller which of the two it was. Raises Invalid, RateLimited by address.
    """
    address = checked_email(email)
    check_password(password, email)
    await guards.count_address("register", settings(UsersSettings).registrations_per_minute)
    password_hash = await hash_password(password)
    if not await guards.may_mail("register", address.normalized):
        return
    token, now = new_token(), clock.now()
    async with db.transaction():
        account = await accounts.register(
            new_id(),
            email=address.typed,
            normalized=address.normalized,
            name=name,
            password_hash=password_hash,
            locale=locale,
            now=now,
            link_hash=token_hash(token),
            link_expires_at=now + timedelta(hours=settings(UsersSettings).verify_hours),
        )
        await _tell_owner(account, token)


async def verify_email(token: str) -> None:
    """Make the address verified, with name and password of the registration whose link this is.

    Whoever registered the address before its owner did gains nothing: the owner's link brings the owner's
    password. Raises InvalidToken.
    """
    hashed, now = token_hash(token), clock.now()
    async with db.transaction():
        seen = await one_time_tokens.peek(hashed, VERIFY, now=now)
        account = await accounts.lock(seen["account_id"]) if seen else None
        used = await one_time_tokens.use(hashed, VERIFY, now=now) if account else None
        if account is None or used is None:
            raise InvalidToken
        await accounts.set_password(account["id"], used["password_hash"], now=now)
        await accounts.set_profile(account["id"], name=used["name"], locale=None, now=now)
        await one_time_tokens.delete_unused(account["id"])
        await announce_verified(account, now_is=await accounts.mark_verified(account["id"], now=now))


async def announce_verified(account: db.Row, *, now_is: bool) -> None:
    """Publish EmailVerified, and welcome the person, where the address has just become a verified one."""
    if now_is:
        await mails.send_welcome(account["email"], locale=account["locale"])
        await publish(
            EmailVerified(user_id=account["id"], email=account["email"], email_normalized=account["email_normalized"])
        )


class _Withheld(Exception):
    """The mail is not to be sent."""


async def _tell_owner(account: db.Row, token: str) -> None:
    """Mail goes to the stored address: one that only compares equal may be somebody else's.

    For a disabled account it is written and taken back: the same statements run, so the time tells nothing.
    """
    with contextlib.suppress(_Withheld):
        async with db.savepoint():
            if account["is_verified"]:
                await mails.send_already_registered(account["email"], locale=account["locale"])
            else:
                await mails.send_verify(account["email"], token, locale=account["locale"])
            if account["status"] != "active":
                raise _Withheld
