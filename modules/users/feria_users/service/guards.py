"""Limits of sign-in, by address and by account; accounts are counted under a hash, known or not."""

from __future__ import annotations

import hashlib

from feria_core import limits
from feria_core.errors import RateLimited
from feria_core.http.request import client_address
from feria_core.limits import Limit
from feria_core.runtime import settings
from feria_users.settings import UsersSettings

MINUTE, HOUR = 60, 3600


async def count_address(what: str, per_minute: int) -> None:
    """Count one call of this client's address. Raises RateLimited."""
    await limits.hit(Limit(f"users.{what}", per_minute, MINUTE), _address())


async def count_guess(account: str) -> None:
    """Count one password tried for `account` from this address, before it is looked at. Raises RateLimited.

    By the pair: a stranger who guesses shuts out himself, not the owner.
    """
    await limits.hit(_guesses(), _pair(account))


async def forgive_guesses(account: str) -> None:
    """Forget the wrong passwords before a right one."""
    await limits.forget(_guesses(), _pair(account))


async def may_mail(what: str, account: str) -> bool:
    """Return False where this person got enough mails of this kind within the hour."""
    try:
        await limits.hit(Limit(f"users.mail.{what}", settings(UsersSettings).mails_per_hour, HOUR), _hashed(account))
    except RateLimited:
        return False
    return True


def _guesses() -> Limit:
    return Limit("users.guess", settings(UsersSettings).login_failures_per_minute, MINUTE)


def _pair(account: str) -> str:
    return f"{_hashed(account)}:{_address()}"


def _address() -> str:
    return limits.address_key(client_address() or "")


def _hashed(account: str) -> str:
    return hashlib.sha256(account.encode("utf-8", "surrogatepass")).hexdigest()[:32]
