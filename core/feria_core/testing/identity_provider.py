"""An identity provider that speaks OpenID Connect, checks PKCE and misbehaves on request; no people, no network."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from aiohttp import BasicAuth, web
from joserfc import jws
from joserfc.jwk import ECKey

Claims = dict[str, Any]
_SHUTDOWN_S = 0.5


@dataclass
class Subject:
    """Who sits before the provider's page and agrees."""

    sub: str = "248289761001"
    email: str | None = "ana@example.org"
    email_verified: Any = True
    name: str | None = "Ana Castro"


@dataclass
class Granted:
    """A code that was given out, with what the token endpoint will ask for."""

    query: dict[str, str]
    subject: Subject
    is_used: bool = False


@dataclass
class Faults:
    """What the provider does wrong while it is set."""

    claims: Claims = field(default_factory=dict)  # laid over those of every ID token; None takes one away
    header: Claims = field(default_factory=dict)  # likewise over its header
    sign: Callable[[Claims, Claims], str] | None = None  # signs in place of the provider
    metadata: Claims = field(default_factory=dict)  # laid over the discovery document
    accepts_used_codes: bool = False
    skips_pkce: bool = False
    stall_s: float = 0.0  # before each answer
    status: int | None = None  # of each answer, in place of the right one
    raw: bytes | None = None  # body of each answer, in place of the right one


class FakeIdentityProvider:
    """One running provider; start it with `fake_identity_provider()`.

    `approve()` is the person's consent. `faults` may change at any time, `requests` counts calls by path.
    """

    def __init__(self, *, client_id: str = "feria", client_secret: str = "provider secret") -> None:  # noqa: S107
        self.client_id, self.client_secret = client_id, client_secret
        self.issuer = ""
        self.subject = Subject()
        self.faults = Faults()
        self.codes: dict[str, Granted] = {}
        self.requests: dict[str, int] = {}
        self.key = _fresh_key()

    def rotate(self) -> None:
        """Sign with a fresh key from now on; the old one is no longer published."""
        self.key = _fresh_key()

    def approve(self, authorization_url: str, subject: Subject | None = None) -> dict[str, str]:
        """Return what the browser brings back from this address: `code`, `state` and `iss`.

        Raises ValueError for a request that a provider would refuse.
        """
        query = {name: values[-1] for name, values in parse_qs(urlsplit(authorization_url).query).items()}
        wanted = {"response_type": "code", "client_id": self.client_id, "code_challenge_method": "S256"}
        wrong = [name for name, value in wanted.items() if query.get(name) != value]
        missing = [name for name in ("state", "nonce", "code_challenge", "redirect_uri") if not query.get(name)]
        if wrong or missing or "openid" not in query.get("scope", "").split():
            raise ValueError(f"the authorization request is not one of ours: {wrong or missing or ['scope']}")
        code = secrets.token_urlsafe(16)
        self.codes[code] = Granted(query, subject or self.subject)
        return {"code": code, "state": query["state"], "iss": self.issuer}

    def id_token(self, granted: Granted, access_token: str) -> str:
        """Return the signed ID token of a code, as `faults` have it."""
        who, now = granted.subject, int(time.time())
        digest = hashlib.sha256(access_token.encode()).digest()[:16]
        claims: Claims = {
            "iss": self.issuer, "sub": who.sub, "aud": self.client_id, "iat": now, "exp": now + 300,
            "nonce": granted.query["nonce"], "at_hash": _b64(digest),
            "email": who.email, "email_verified": who.email_verified, "name": who.name,
            **self.faults.claims,
        }  # fmt: skip
        claims = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": "ES256", "kid": self.key.kid, **self.faults.header}
        if self.faults.sign is not None:
            return self.faults.sign(header, claims)
        return jws.serialize_compact(header, json.dumps(claims).encode(), self.key, algorithms=["ES256"])

    def unsigned(self, _: Claims, claims: Claims) -> str:
        """Sign nothing, as `alg: none` has it; for `faults.sign`."""
        return f"{_b64(json.dumps({'alg': 'none'}).encode())}.{_b64(json.dumps(claims).encode())}."

    def signed_with_public_key(self, _: Claims, claims: Claims) -> str:
        """Sign with HS256 under the published key, as if that were a secret; for `faults.sign`."""
        header = {"alg": "HS256", "kid": self.key.kid}
        text = f"{_b64(json.dumps(header).encode())}.{_b64(json.dumps(claims).encode())}"
        return f"{text}.{_b64(hmac.new(self.key.as_pem(private=False), text.encode(), hashlib.sha256).digest())}"

    def signed_by_stranger(self, header: Claims, claims: Claims) -> str:
        """Sign with a key of one's own under the id of the provider's; for `faults.sign`."""
        return jws.serialize_compact(header, json.dumps(claims).encode(), _fresh_key(), algorithms=["ES256"])

    def app(self) -> web.Application:
        """Return the provider's routes."""
        app = web.Application()
        app.add_routes(
            [
                web.get("/.well-known/openid-configuration", self._discovery),
                web.get("/keys", self._keys),
                web.get("/authorize", self._authorize),
                web.post("/token", self._token),
            ]
        )
        return app

    async def _discovery(self, request: web.Request) -> web.Response:
        document = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "authorization_response_iss_parameter_supported": True,
            **self.faults.metadata,
        }
        return await self._answer(request, document)

    async def _keys(self, request: web.Request) -> web.Response:
        return await self._answer(request, {"keys": [{**self.key.as_dict(private=False), "use": "sig"}]})

    async def _authorize(self, request: web.Request) -> web.Response:
        back = self.approve(str(request.url))
        location = f"{request.query['redirect_uri']}?{urlencode(back)}"
        return web.Response(status=302, headers={"Location": location})

    async def _token(self, request: web.Request) -> web.Response:
        sent = dict((await request.post()).items())
        try:
            basic = BasicAuth.decode(request.headers.get("Authorization", ""))
        except ValueError:
            return await self._answer(request, {"error": "invalid_client"}, status=401)
        if (basic.login, basic.password) != (self.client_id, self.client_secret):
            return await self._answer(request, {"error": "invalid_client"}, status=401)
        granted = self.codes.get(str(sent.get("code")))
        if granted is None or not self._holds(granted, sent):
            return await self._answer(request, {"error": "invalid_grant"}, status=400)
        granted.is_used = True
        access_token = secrets.token_urlsafe(16)
        id_token = self.id_token(granted, access_token)
        return await self._answer(request, {"access_token": access_token, "token_type": "Bearer", "id_token": id_token})

    def _holds(self, granted: Granted, sent: dict[str, Any]) -> bool:
        """Return whether the code is unused, and redeemed by who asked for it (RFC 7636, 4.6)."""
        challenge = _b64(hashlib.sha256(str(sent.get("code_verifier")).encode()).digest())
        return (
            sent.get("grant_type") == "authorization_code"
            and sent.get("redirect_uri") == granted.query["redirect_uri"]
            and (self.faults.accepts_used_codes or not granted.is_used)
            and (self.faults.skips_pkce or hmac.compare_digest(challenge, granted.query["code_challenge"]))
        )

    async def _answer(self, request: web.Request, document: Claims, *, status: int = 200) -> web.Response:
        self.requests[request.path] = self.requests.get(request.path, 0) + 1
        if self.faults.stall_s:
            await asyncio.sleep(self.faults.stall_s)
        body = json.dumps(document).encode() if self.faults.raw is None else self.faults.raw
        headers = {"Location": f"{self.issuer}/elsewhere"} if self.faults.status == 302 else {}  # noqa: PLR2004
        return web.Response(
            body=body, status=self.faults.status or status, content_type="application/json", headers=headers
        )


@asynccontextmanager
async def fake_identity_provider(
    *,
    client_id: str = "feria",
    client_secret: str = "provider secret",  # noqa: S107 - of the fake
) -> AsyncIterator[FakeIdentityProvider]:
    """Serve a fresh provider in the running event loop, on a free port of 127.0.0.1."""
    provider = FakeIdentityProvider(client_id=client_id, client_secret=client_secret)
    runner = web.AppRunner(provider.app(), access_log=None, shutdown_timeout=_SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        provider.issuer = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield provider
    finally:
        await runner.cleanup()


def _fresh_key() -> ECKey:
    key: ECKey = ECKey.generate_key("P-256", parameters={"kid": secrets.token_hex(4)}, private=True)
    return key


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")
