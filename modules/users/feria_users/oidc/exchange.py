"""The two steps of the flow: where to send the browser, and what the code it brings back is worth."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import structlog
from authlib.oauth2.auth import ClientAuth  # type: ignore[import-untyped]
from authlib.oauth2.client import OAuth2Client  # type: ignore[import-untyped]
from authlib.oauth2.rfc6749.parameters import prepare_token_request  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from feria_core import clock
from feria_users.domain import MAX_EMAIL
from feria_users.errors import IdentityProviderUnavailable, IdentityRefused
from feria_users.oidc import discovery, wire
from feria_users.oidc.providers import Provider

log = structlog.get_logger("feria.users")

SCOPE = "openid email profile"
# Public keys only, whatever a provider's document offers: no `none`, no HS256 under a key that is published.
ALGORITHMS = ("RS256", "PS256", "ES256")
SKEW_S = 30
MAX_TOKEN, MAX_SUBJECT, MAX_NAME = 16 * 1024, 255, 200
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")


@dataclass(frozen=True)
class Identity:
    """Whom a provider vouches for; `email` is None unless the provider says that it has verified it."""

    issuer: str
    subject: str
    email: str | None
    name: str | None


async def authorization_url(provider: Provider, *, state: str, verifier: str, nonce: str) -> str:
    """Return where the browser is to be sent. Raises IdentityProviderUnavailable."""
    found = await discovery.metadata(provider.issuer)
    client = OAuth2Client(
        None,
        client_id=provider.client_id,
        scope=SCOPE,
        redirect_uri=provider.redirect_url,
        code_challenge_method="S256",
    )
    url, _ = client.create_authorization_url(
        found.authorization_endpoint, state=state, code_verifier=verifier, nonce=nonce
    )
    return str(url)


async def exchange(provider: Provider, *, code: str, verifier: str, nonce: str, iss: str | None) -> Identity:
    """Return whom the provider vouches for by this code.

    `iss` is the parameter of RFC 9207, which the provider may have sent along with the code. Raises
    IdentityRefused where anything does not hold, IdentityProviderUnavailable.
    """
    found = await discovery.metadata(provider.issuer)
    if iss != found.issuer and (iss is not None or found.sends_iss):
        raise IdentityRefused
    answer = await _tokens(provider, found, code=code, verifier=verifier)
    claims = await _claims(provider, answer, nonce=nonce)
    email, name = claims.get("email"), claims.get("name")
    is_vouched = claims.get("email_verified") is True and isinstance(email, str) and len(email) <= MAX_EMAIL
    return Identity(
        provider.issuer,
        claims["sub"],
        email if is_vouched else None,
        _CONTROL.sub(" ", name).strip()[:MAX_NAME] or None if isinstance(name, str) else None,
    )


async def _tokens(provider: Provider, found: discovery.Metadata, *, code: str, verifier: str) -> dict[str, Any]:
    body = prepare_token_request(
        "authorization_code", "", code=code, redirect_uri=provider.redirect_url, code_verifier=verifier
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded;charset=UTF-8", "Accept": "application/json"}
    auth = ClientAuth(provider.client_id, provider.client_secret, found.auth_method)
    try:
        url, headers, body = auth.prepare("POST", found.token_endpoint, headers, body)
    except UnicodeEncodeError as error:
        raise IdentityProviderUnavailable from error
    status, answer = await wire.ask("POST", url, body=body, headers=headers)
    if status != wire.OK:
        # The provider's `error` is a fixed word (RFC 6749, 5.2); anything else is not for the log.
        log.info("identity.code_refused", provider=provider.name, status=status)
        raise IdentityRefused
    return answer


async def _claims(provider: Provider, answer: dict[str, Any], *, nonce: str) -> CodeIDToken:
    """Return the claims of an ID token that this provider signed, for us, now, for this very sign-in."""
    token = answer.get("id_token")
    if not isinstance(token, str) or len(token) > MAX_TOKEN:
        raise IdentityRefused
    try:
        decoded = await _decoded(provider, token)
        options = {
            "iss": {"essential": True, "value": provider.issuer},
            "aud": {"essential": True, "value": provider.client_id},
        }
        access_token = answer.get("access_token")
        params = {
            "nonce": nonce,
            "client_id": provider.client_id,
            "access_token": access_token if isinstance(access_token, str) else None,
        }
        claims = CodeIDToken(decoded.claims, decoded.header, options, params)
        claims.validate(now=int(clock.now().timestamp()), leeway=SKEW_S)
        is_named = 1 <= len(claims["sub"].encode()) <= MAX_SUBJECT
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        # Whatever a provider, or who plays one, can write into a token ends here.
        log.warning("identity.token_refused", provider=provider.name, reason=type(error).__name__)
        raise IdentityRefused from error
    if not is_named:
        raise IdentityRefused
    return claims


async def _decoded(provider: Provider, token: str) -> jwt.Token:
    known = await discovery.keys(provider.issuer)
    try:
        return _decode(token, known)
    except InvalidKeyIdError:
        fresh = await discovery.keys(provider.issuer, is_unknown=True)
        if fresh is None:
            raise
        return _decode(token, fresh)


def _decode(token: str, known: KeySet | None) -> jwt.Token:
    if known is None:
        raise ValueError("the provider has no keys")
    return jwt.decode(token, known, registry=JWSRegistry(algorithms=ALGORITHMS, strict_check_header=False))
