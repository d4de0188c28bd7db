"""Signing in, staying signed in, signing out."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import timedelta

import structlog

from feria_core import clock
from feria_core.ids import token_hash
from feria_core.runtime import settings
from feria_users.domain import parse_email
from feria_users.errors import EmailNotVerified, InvalidCredentials, InvalidRefreshToken, RefreshTokenReused
from feria_users.repository import accounts, sessions
from feria_users.service import guards, second_factor
from feria_users.service.hashing import hash_password, needs_upgrade, verify_password
from feria_users.service.opening import Tokens, Visitor, open_session, tokens
from feria_users.settings import UsersSettings

log = structlog.get_logger("feria.users")


async def login(*, email: str, password: str, otp: str | None, visitor: Visitor) -> Tokens:
    """Return the tokens of a new session.

    Raises InvalidCredentials, after the same work, for an unknown address, a wrong password and a disabled
    account; EmailNotVerified, OtpRequired and InvalidOtp only to who knows the password; RateLimited.
    """
    address = parse_email(email)
    identity = address.normalized if address else email
    await guards.count_login(identity)
    account = await guards.account_behind(identity)
    is_right = await verify_password(account["password_hash"] if account else None, password)
    if account is None or not is_right or account["status"] != "active":
        raise InvalidCredentials
    if account["email_verified_at"] is None or account["otp_confirmed_at"] is not None:
        # Here where more may be asked for; else the opening of the session does it.
        await guards.forgive_guesses(identity)
    if account["email_verified_at"] is None:
        raise EmailNotVerified
    has_shown = await second_factor.prove(account, otp)
    stored = account["password_hash"]
    opened = await open_session(account, visitor, password_hash=stored, second_factor=has_shown)
    if needs_upgrade(stored):
        await accounts.upgrade_hash(account["id"], stored, await hash_password(password), now=clock.now())
    return opened


async def refresh(token: str) -> Tokens:
    """Return fresh tokens for a refresh token that is live, or was used a moment ago by a parallel request.

    Raises RefreshTokenReused, and ends the session, for one used before that; InvalidRefreshToken.
    """
    hashed, now = token_hash(token), clock.now()
    found = await sessions.find_token(hashed, now=now)
    if found is None:
        raise InvalidRefreshToken
    successor = successor_of(token, found["secret"])
    limits = settings(UsersSettings)
    idle, age = timedelta(days=limits.session_idle_days), timedelta(days=limits.session_max_days)
    if not await sessions.rotate(hashed, token_hash(successor), now=now, idle=idle, age=age):
        await _accept_only_twins(hashed)
    return await tokens(found["account_id"], found["session_id"], successor)


async def logout(token: str) -> None:
    """End the session of a refresh token, used or not; an unknown one is ignored."""
    now = clock.now()
    found = await sessions.find_token(token_hash(token), now=now)
    if found is not None:
        await sessions.revoke(found["session_id"], now=now)


def successor_of(token: str, session_secret: bytes) -> str:
    """Return the one refresh token that can follow `token`.

    Derived, so that two honest parallel requests get the same successor without any token being stored in
    clear: who reads the database has the secret but no token, who holds a token has no secret. 256 bits out of
    a keyed hash are as hard to guess as random ones.
    """
    digest = hmac.new(session_secret, token.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def _accept_only_twins(hashed: bytes) -> None:
    """Return where the token was used within the grace; raise, ending the family, where it was used before."""
    now = clock.now()
    found = await sessions.find_token(hashed, now=now)
    if found is None or found["used_at"] is None:
        raise InvalidRefreshToken
    if now - found["used_at"] > timedelta(seconds=settings(UsersSettings).refresh_grace_s):
        if await sessions.revoke(found["session_id"], now=now):
            log.warning("session.refresh_token_reused", session_id=str(found["session_id"]))
        raise RefreshTokenReused
    if not found["is_alive"]:
        raise InvalidRefreshToken
