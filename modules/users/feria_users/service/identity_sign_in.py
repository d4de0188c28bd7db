"""Signing in with an identity provider: beginning, coming back, and which account it is."""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from feria_core import clock, db
from feria_core.errors import RateLimited
from feria_core.ids import new_id, new_token, token_hash
from feria_core.runtime import settings
from feria_users.domain import EmailAddress, parse_email
from feria_users.errors import (
    IdentityEmailUnverified,
    IdentityNotLinked,
    IdentityRefused,
    InvalidCredentials,
    InvalidOtp,
    InvalidState,
    OtpRequired,
)
from feria_users.oidc import providers
from feria_users.oidc.providers import Provider
from feria_users.repository import accounts, identities
from feria_users.service import guards, mails, second_factor
from feria_users.service.opening import Tokens, Visitor, open_session
from feria_users.service.registration import announce_verified
from feria_users.settings import UsersSettings

if TYPE_CHECKING:
    from feria_users.oidc.exchange import Identity

LASTS = timedelta(minutes=10)


@dataclass(frozen=True)
class Begun:
    """A sign-in under way: the browser goes to `authorization_url`, its frontend keeps `browser_secret`."""

    authorization_url: str
    state: str
    browser_secret: str


@dataclass(frozen=True)
class Return:
    """What the browser brings back from the provider, and the secret that it was given at the start."""

    code: str
    state: str
    browser_secret: str
    iss: str | None = None


async def start(name: str) -> Begun:
    """Begin a sign-in, good for ten minutes. Raises UnknownIdentityProvider, IdentityProviderUnavailable, RateLimited.

    The code verifier of PKCE and the nonce follow from the browser's secret, which is stored hashed: who reads the
    database can complete nobody's sign-in, who reads the address bar has the state and not the secret.
    """
    from feria_users.oidc import exchange

    provider = providers.named(name)
    await guards.count_address("identity", settings(UsersSettings).logins_per_minute)
    state, secret = new_token(), new_token()
    url = await exchange.authorization_url(
        provider, state=state, verifier=derived(secret, "verifier"), nonce=derived(secret, "nonce")
    )
    await identities.begin(
        token_hash(state),
        token_hash(secret),
        provider=provider.name,
        issuer=provider.issuer,
        account_id=None,
        expires_at=clock.now() + LASTS,
    )
    return Begun(url, state, secret)


async def complete(name: str, back: Return, *, otp: str | None, visitor: Visitor, locale: str) -> Tokens:
    """Return the tokens of a new session of the account that the identity belongs to.

    Of many calls with one state one is answered. Where the account has a second factor and `otp` is missing or
    wrong, the sign-in stays open until it would have expired: the same call with `otp` completes it, the code is
    not looked at again. Raises UnknownIdentityProvider, InvalidState, IdentityRefused, IdentityEmailUnverified,
    IdentityNotLinked, IdentityProviderUnavailable, InvalidCredentials for a disabled account, OtpRequired,
    InvalidOtp, RateLimited.
    """
    provider = providers.named(name)
    await guards.count_address("identity", settings(UsersSettings).logins_per_minute)
    state, browser = token_hash(back.state), token_hash(back.browser_secret)
    claimed = await identities.claim(state, browser, provider=provider.name, now=clock.now())
    if claimed is None or claimed["issuer"] != provider.issuer:
        raise InvalidState
    account_id = claimed["account_id"] or await _vouched_account(provider, back, locale)
    account = await accounts.by_id(account_id)
    if account is None or account["status"] != "active":
        raise InvalidCredentials("This account cannot be signed in to: ask the shop.")
    try:
        has_shown = await second_factor.prove(account, otp)
    except (OtpRequired, InvalidOtp, RateLimited):
        await identities.begin(
            state, browser, provider=provider.name, issuer=provider.issuer, account_id=account_id,
            expires_at=claimed["expires_at"],
        )  # fmt: skip
        raise
    return await open_session(account, visitor, password_hash=None, second_factor=has_shown)


def derived(secret: str, purpose: str) -> str:
    """Return 256 bits that follow from the browser's secret, one for each purpose."""
    digest = hmac.new(secret.encode("utf-8", "surrogatepass"), purpose.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


async def _vouched_account(provider: Provider, back: Return, locale: str) -> UUID:
    from feria_users.oidc import exchange

    identity = await exchange.exchange(
        provider,
        code=back.code,
        verifier=derived(back.browser_secret, "verifier"),
        nonce=derived(back.browser_secret, "nonce"),
        iss=back.iss,
    )
    async with db.transaction():
        return await _account_of(identity, provider, locale)


async def _account_of(identity: Identity, provider: Provider, locale: str) -> UUID:
    """Return the identity's account, found, linked or made.

    Linked by address only where both sides have verified it: a provider that did not could name anybody's address,
    an account that is not may be a stranger's who waits for its owner.
    """
    now = clock.now()
    known = await identities.account_of(identity.issuer, identity.subject)
    if known is not None:
        await identities.touch(identity.issuer, identity.subject, now=now)
        return known
    address = parse_email(identity.email) if identity.email else None
    if address is None:
        raise IdentityEmailUnverified
    is_new, account_id = await _account_at(address, identity, locale)
    if not await identities.link(account_id, identity.issuer, identity.subject, now=now):
        taken = await identities.account_of(identity.issuer, identity.subject)
        if taken is None:
            raise IdentityRefused
        return taken
    account = await accounts.lock(account_id)
    if account is not None and is_new:
        await announce_verified(account, now_is=True)
    elif account is not None:
        await mails.send_identity_linked(account["email"], provider.label, locale=account["locale"])
    return account_id


async def _account_at(address: EmailAddress, identity: Identity, locale: str) -> tuple[bool, UUID]:
    """Return whether the account of the address was made just now, and its id."""
    made = await accounts.add_vouched(
        new_id(),
        email=address.typed,
        normalized=address.normalized,
        name=identity.name or address.typed.partition("@")[0],
        locale=locale,
        now=clock.now(),
    )
    if made is not None:
        return True, made
    found = await accounts.by_email(address.normalized)
    account = await accounts.lock(found["id"]) if found else None
    if account is None:
        raise InvalidCredentials("This account cannot be signed in to: ask the shop.")
    if account["email_verified_at"] is None:
        raise IdentityNotLinked
    return False, account["id"]
