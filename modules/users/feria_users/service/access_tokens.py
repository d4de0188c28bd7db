"""Access tokens: short-lived JWTs, signed with EdDSA and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson

from feria_core import clock
from feria_core.ids import new_id, parse_id
from feria_core.runtime import core_settings, settings
from feria_users.service.keyring import keyring
from feria_users.settings import UsersSettings

AUDIENCE = "feria"
HEADER_TYPE = "at+jwt"  # RFC 9068
CLAIM_TYPE = "access"
# Two hosts' clocks differ; this much is forgiven where a token claims to be of the future, never past its end.
_SKEW_S = 5
_HEADERS = {"alg", "typ", "kid"}
_REQUIRED = ("iss", "aud", "sub", "sid", "iat", "nbf", "exp", "jti", "typ")


@dataclass(frozen=True)
class AccessClaims:
    """Whom a token speaks for; whether that still counts is for the database to say."""

    account_id: UUID
    session_id: UUID


async def issue_access_token(
    account_id: UUID, session_id: UUID, *, signing_key: UUID | None = None, actor: UUID | None = None
) -> str:
    """Return a token that holds for `access_token_s` seconds from now; the key is looked up where it is not told.

    `actor` is who acts for the account (RFC 8693, 4.1); that he may is looked up at each use.
    """
    from feria_users.service.signing import signed

    kid, key = await keyring.signer(signing_key)
    now = int(clock.now().timestamp())
    claims: dict[str, Any] = {
        "iss": core_settings().public_url,
        "aud": AUDIENCE,
        "sub": str(account_id),
        "sid": str(session_id),
        "iat": now,
        "nbf": now,
        "exp": now + settings(UsersSettings).access_token_s,
        "jti": str(new_id()),
        "typ": CLAIM_TYPE,
    }
    if actor is not None:
        claims["act"] = {"sub": str(actor)}
    return signed({"typ": HEADER_TYPE, "kid": kid}, orjson.dumps(claims), key)


async def read_access_token(token: str) -> AccessClaims | None:
    """Return the claims of a token that we signed, for us, now; None for any other."""
    from feria_users.service.signing import JoseError, is_signed_by, opened

    try:
        found = opened(token)
        header = found.headers()
        if set(header) != _HEADERS or header["typ"] != HEADER_TYPE or not isinstance(header["kid"], str):
            return None  # among others: a key that the token brings along
        key = await keyring.verifier(header["kid"])
        if key is None or not is_signed_by(found, key):
            return None
        return _checked(orjson.loads(found.payload))
    except (JoseError, ValueError, TypeError, AttributeError, KeyError):
        # Whatever a stranger can write into three base64 parts ends here.
        return None


def _checked(claims: dict[str, Any]) -> AccessClaims | None:
    """Return the claims, or None for a token of another issuer, audience, type or time. Raises JoseError likewise."""
    from feria_users.service.signing import JWTClaimsRegistry

    now = int(clock.now().timestamp())
    options: dict[str, Any] = {name: {"essential": True} for name in _REQUIRED}
    options["iss"]["value"] = core_settings().public_url
    options["aud"]["value"] = AUDIENCE
    options["typ"]["value"] = CLAIM_TYPE
    JWTClaimsRegistry(now=now, leeway=_SKEW_S, **options).validate(claims)
    account_id, session_id = parse_id(claims["sub"]), parse_id(claims["sid"])
    if account_id is None or session_id is None or claims["exp"] <= now:
        return None
    return AccessClaims(account_id, session_id)
