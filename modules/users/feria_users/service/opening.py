"""Opening a session for a person who has shown who he is, by whatever means."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import structlog

from feria_core import clock, db
from feria_core.contracts.users import SIGN_IN_HOOKS
from feria_core.ids import new_id, new_token, token_hash
from feria_core.runtime import registry, settings
from feria_users.errors import InvalidCredentials
from feria_users.repository import sessions
from feria_users.repository.sessions import NewSession
from feria_users.service import devices, guards
from feria_users.service.access_tokens import issue_access_token
from feria_users.settings import UsersSettings

log = structlog.get_logger("feria.users")


@dataclass(frozen=True)
class Tokens:
    """What a client holds: an access token for `expires_in` seconds, a refresh token for one refresh."""

    access_token: str
    refresh_token: str
    expires_in: int


@dataclass(frozen=True)
class Visitor:
    """What came with the request that signs in."""

    user_agent: str | None = None
    cart_token: str | None = None


async def open_session(account: db.Row, visitor: Visitor, *, password_hash: str | None, second_factor: bool) -> Tokens:
    """Return tokens of a new session; a device that the account does not know is told to its owner.

    Wrong passwords before it are forgiven. Raises InvalidCredentials where the account has changed since it was
    looked at: disabled, another password than that of `password_hash`, a second factor that was not asked for.
    """
    token, now = new_token(), clock.now()
    new = NewSession(
        id=new_id(),
        account_id=account["id"],
        password_hash=password_hash,
        second_factor=second_factor,
        token_hash=token_hash(token),
        secret=secrets.token_bytes(32),
        user_agent=visitor.user_agent,
        now=now,
        expires_at=now + timedelta(days=settings(UsersSettings).session_idle_days),
    )
    device = devices.device_hash(account["id"], visitor.user_agent)
    is_open, signing_key = await sessions.start_at_known_device(
        new, device, guards.known_as(account["email_normalized"])
    )
    if not is_open:
        await _open_at_new_device(account, new)
    opened = await tokens(account["id"], new.id, token, signing_key=signing_key)
    await _call_hooks(account["id"], visitor.cart_token)
    return opened


async def _open_at_new_device(account: db.Row, new: NewSession) -> None:
    async with db.transaction():
        if not await sessions.start(new):
            raise InvalidCredentials
        await guards.remember_address(account["email_normalized"], account["id"])
        await devices.note(account, new.user_agent)


async def tokens(account_id: UUID, session_id: UUID, refresh_token: str, *, signing_key: UUID | None = None) -> Tokens:
    """Return the tokens of a session whose live refresh token is known; `signing_key` is that of now, if known."""
    access_token = await issue_access_token(account_id, session_id, signing_key=signing_key)
    return Tokens(access_token, refresh_token, settings(UsersSettings).access_token_s)


async def _call_hooks(account_id: UUID, cart_token: str | None) -> None:
    for hook in registry().all(SIGN_IN_HOOKS):
        try:
            await hook.signed_in(account_id, cart_token)
        except Exception:
            # Whatever breaks there, the person is signed in.
            log.exception("login.hook_failed", hook=type(hook).__qualname__)
