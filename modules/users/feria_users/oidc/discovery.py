"""What a provider says of itself, and the keys it signs with: kept for a while in each process."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from feria_users.errors import IdentityProviderUnavailable
from feria_users.oidc import wire
from feria_users.settings import LOOPBACK

METADATA_S, KEYS_S = 3600.0, 600.0
# A token under an unknown key may be the first after a rotation; anybody can make one up too.
RELOAD_S = 10.0
MAX_KEYS = 50
_ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True)
class Metadata:
    """The parts of a provider's discovery document that a sign-in needs."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    auth_method: str
    sends_iss: bool


# As many entries as the settings have issuers.
_metadata: dict[str, tuple[float, Metadata]] = {}
_keys: dict[str, tuple[float, KeySet]] = {}


async def metadata(issuer: str) -> Metadata:
    """Return what the issuer says of itself. Raises IdentityProviderUnavailable, also where it names another issuer."""
    loaded_at, found = _metadata.get(issuer, (float("-inf"), None))
    if found is None or time.monotonic() - loaded_at > METADATA_S:
        found = _checked(await wire.get(f"{issuer.rstrip('/')}/.well-known/openid-configuration"), issuer)
        _metadata[issuer] = (time.monotonic(), found)
    return found


async def keys(issuer: str, *, is_unknown: bool = False) -> KeySet | None:
    """Return the issuer's keys; with `is_unknown`, fresh ones, or None where they were loaded a moment ago.

    Raises IdentityProviderUnavailable.
    """
    loaded_at, found = _keys.get(issuer, (float("-inf"), None))
    age_s = time.monotonic() - loaded_at
    if is_unknown and age_s < RELOAD_S:
        return None
    if found is None or is_unknown or age_s > KEYS_S:
        found = _key_set(await wire.get((await metadata(issuer)).jwks_uri))
        _keys[issuer] = (time.monotonic(), found)
    return found


def forget() -> None:
    """Forget every provider, as a fresh process would."""
    _metadata.clear()
    _keys.clear()


def _checked(document: dict[str, Any], issuer: str) -> Metadata:
    endpoints = [document.get(name) for name in _ENDPOINTS]
    methods = document.get("code_challenge_methods_supported")
    # A document of another issuer would let that one's tokens in here (mix-up, RFC 9207); one that knows PKCE, but
    # not S256, would have the verifier shown in the authorization request.
    if (
        document.get("issuer") != issuer
        or not all(isinstance(url, str) and _is_safe(url, issuer) for url in endpoints)
        or (methods is not None and (not isinstance(methods, list) or "S256" not in methods))
    ):
        wire.log.warning("identity_provider.metadata_refused")
        raise IdentityProviderUnavailable
    offered = document.get("token_endpoint_auth_methods_supported")
    is_post = isinstance(offered, list) and "client_secret_basic" not in offered and "client_secret_post" in offered
    authorization_endpoint, token_endpoint, jwks_uri = (str(url) for url in endpoints)
    return Metadata(
        issuer=issuer,
        authorization_endpoint=authorization_endpoint,
        token_endpoint=token_endpoint,
        jwks_uri=jwks_uri,
        auth_method="client_secret_post" if is_post else "client_secret_basic",
        sends_iss=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _is_safe(url: str, issuer: str) -> bool:
    """Return True for https, and for this machine's http where the issuer is one on this machine."""
    try:
        parsed, own = urlsplit(url), urlsplit(issuer)
    except ValueError:
        return False
    if parsed.username is not None or parsed.fragment:
        return False
    if parsed.scheme == "https":
        return bool(parsed.hostname)
    return parsed.scheme == own.scheme == "http" and parsed.hostname in LOOPBACK


def _key_set(document: dict[str, Any]) -> KeySet:
    offered = document.get("keys")
    listed = offered if isinstance(offered, list) and len(offered) <= MAX_KEYS else []
    # Only public keys verify here: with a symmetric one, whoever knows it could sign.
    usable = [key for key in listed if isinstance(key, dict) and key.get("kty") in ("RSA", "EC")]
    try:
        return KeySet.import_key_set({"keys": [key for key in usable if key.get("use", "sig") == "sig"]})
    except (JoseError, ValueError, TypeError, KeyError, AttributeError) as error:
        wire.log.warning("identity_provider.keys_refused")
        raise IdentityProviderUnavailable from error
