"""Limits of sign-in, by address, by account and by both; accounts are counted under a hash, known or not.

Two fences stand around a password. By the pair of account and address: twenty wrong ones in a minute, so that who
guesses shuts out himself. By the account from anywhere, against a guesser with many addresses: past thirty wrong
ones each further try makes the account rest twice as long, up to five minutes. An address from which the account
signed in before is exempt from the second, so its owner does not notice. At a new address the owner can lose the
next try to whoever keeps guessing; no count can tell the two apart. The link that resets the password can: it shows
who owns the mailbox, ends the rest and makes the address a known one, so nobody is shut out for longer than a mail
takes.
"""

from __future__ import annotations

import hashlib
import math
from datetime import timedelta
from uuid import UUID

from feria_core import clock, db, limits
from feria_core.errors import RateLimited
from feria_core.http.request import client_address
from feria_core.limits import Limit, Standing
from feria_core.runtime import settings
from feria_users.repository import accounts, guesses
from feria_users.repository.sessions import KnownAs
from feria_users.settings import UsersSettings

MINUTE, HOUR = 60, 3600
OTP_WINDOW_S = 15 * MINUTE
# Longer than any delay: who waits for the count to be forgotten gets fewer tries than who bears the delay.
GUESS_MEMORY = timedelta(days=1)
# Households change their address about as rarely.
PAIR_MEMORY = timedelta(days=90)


async def count_address(what: str, per_minute: int) -> None:
    """Count one call of this client's address. Raises RateLimited."""
    await limits.hit(Limit(f"users.{what}", per_minute, MINUTE), _address())


async def count_login(account: str) -> None:
    """Count one login of this client's address and one password tried for `account`. Raises RateLimited."""
    from_here = Limit("users.login", settings(UsersSettings).logins_per_minute, MINUTE)
    await limits.hit_all([(from_here, _address()), (_guesses(), _pair(account))])


async def count_guess(account: str) -> None:
    """Count one password tried for `account` from this address, before it is looked at. Raises RateLimited.

    By the pair: a stranger who guesses shuts out himself, not the owner.
    """
    await limits.hit(_guesses(), _pair(account))


async def account_behind(email: str) -> db.Row | None:
    """Return the account of the address, in whatever state, once a password for it may be looked at.

    One try is counted, unless it signed in from this client's address before. Raises RateLimited, the same for an
    unknown account, while the account rests.
    """
    found = await accounts.for_login(email, pair_hash(email), since=clock.now() - PAIR_MEMORY)
    if found is None or not found["is_known_here"]:
        await _count_guess_from_anywhere(email)
    return found


async def _count_guess_from_anywhere(account: str) -> None:
    now, limits_ = clock.now(), settings(UsersSettings)
    until = await guesses.count(
        _digest(account),
        now=now,
        memory=GUESS_MEMORY,
        free=limits_.account_failures,
        longest=timedelta(seconds=limits_.account_delay_max_s),
    )
    if until is None:
        return
    wait_s = max(1, math.ceil((until - now).total_seconds()))
    raise RateLimited(
        f"Too many wrong passwords were tried for this address: try again in {wait_s} s, or reset the password.",
        headers={"Retry-After": str(wait_s), **Standing(limits_.account_failures, 0, wait_s).headers()},
    )


async def count_otp_guess(where: str, account_id: UUID) -> None:
    """Count one one-time code tried for the account, before it is looked at. Raises RateLimited.

    Only who has the password, or a session, gets to try one; `where` keeps the two apart, so that a stolen session
    shuts nobody out of the login. Recovery codes are not counted: 120 bits are not guessed.
    """
    await limits.hit(_otp_guesses(where), str(account_id))


async def forgive_otp_guesses(where: str, account_id: UUID) -> None:
    await limits.forget(_otp_guesses(where), str(account_id))


async def remember_address(account: str, account_id: UUID) -> None:
    """Make this client's address one that the account signs in from."""
    await guesses.remember(pair_hash(account), account_id, now=clock.now())


def pair_hash(account: str) -> bytes:
    """Return what the pair of account and this client's address is known by."""
    return _digest(_pair(account))


async def end_rest(account: str) -> None:
    """Forget what was guessed at the account from anywhere."""
    await guesses.forget(_digest(account))


async def forgive_guesses(account: str) -> None:
    """Forget the wrong passwords before a right one."""
    await limits.forget(_guesses(), _pair(account))
    await guesses.forget(_digest(account))


def known_as(account: str) -> KnownAs:
    """Return what the account and this client's address are counted by."""
    pair = _pair(account)
    return KnownAs(_digest(pair), limits.key(_guesses(), pair), _digest(account))


async def may_mail(what: str, account: str) -> bool:
    """Return False where this person got enough mails of this kind within the hour."""
    try:
        await limits.hit(Limit(f"users.mail.{what}", settings(UsersSettings).mails_per_hour, HOUR), _hashed(account))
    except RateLimited:
        return False
    return True


def _guesses() -> Limit:
    return Limit("users.guess", settings(UsersSettings).login_failures_per_minute, MINUTE)


def _otp_guesses(where: str) -> Limit:
    return Limit(f"users.otp.{where}", settings(UsersSettings).otp_failures, OTP_WINDOW_S)


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()


def _pair(account: str) -> str:
    return f"{_hashed(account)}:{_address()}"


def _address() -> str:
    return limits.address_key(client_address() or "")


def _hashed(account: str) -> str:
    return hashlib.sha256(account.encode("utf-8", "surrogatepass")).hexdigest()[:32]
