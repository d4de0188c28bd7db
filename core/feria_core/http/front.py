"""The ASGI layer around the application: request id, CORS, security headers.

It stands behind the response cache, which keeps an answer with these headers, for each origin apart, and gives
each answer from memory an id of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from feria_core.http.documents import document_of
from feria_core.http.incoming import body_of, straighten
from feria_core.http.request import accepted_id
from feria_core.http.response_cache import Application, Receive, Scope, Send

SECURITY = [
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"strict-origin-when-cross-origin"),
    (b"x-frame-options", b"DENY"),
    (b"strict-transport-security", b"max-age=31536000"),
    (b"cross-origin-opener-policy", b"same-origin"),
]
# JSON, images and feeds need nothing; pages bring a policy of their own.
DEFAULT_CSP = (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'")
METHODS = b"GET, POST, PUT, PATCH, DELETE, OPTIONS"
HEADERS = (
    b"Authorization, Content-Type, Idempotency-Key, Cart-Token, Checkout-Token, Order-Token, "
    b"If-Match, If-None-Match, X-Request-Id"
)
EXPOSED = (
    b"ETag, Cart-Token, Acting-Staff, Idempotent-Replayed, Retry-After, "
    b"RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, X-Request-Id"
)
REQUEST_ID = "feria.request_id"


class Front:
    """Wraps the application; `origins` are those of frontends that browsers may let in."""

    def __init__(self, app: Application, *, origins: Sequence[str]) -> None:
        self.app = app
        self.origins = frozenset(origin.encode() for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = dict(scope["headers"])
        origin = headers.get(b"origin")
        scope[REQUEST_ID] = accepted_id(headers.get(b"x-request-id", b"").decode("latin-1"))
        extra = [(b"x-request-id", scope[REQUEST_ID].encode()), *SECURITY]
        if self.origins:
            extra += self._cors(origin)
        if origin is not None and scope["method"] == "OPTIONS" and origin in self.origins:
            await _preflight(extra, send)
            return
        straighten(scope)
        body = body_of(scope, receive)
        is_answered = False

        async def send_with_headers(message: dict[str, object]) -> None:
            nonlocal is_answered
            if message["type"] == "http.response.start":
                is_answered = True
                if body is not None:
                    await body.drain()
                message = {**message, "headers": _merged(message["headers"], extra)}  # type: ignore[arg-type]
            await send(message)

        await self.app(scope, body.receive if body else receive, send_with_headers)
        if body is not None and body.is_cut and not is_answered:
            await _broken_off(scope[REQUEST_ID], send_with_headers)

    def _cors(self, origin: bytes | None) -> list[tuple[bytes, bytes]]:
        if origin not in self.origins or origin is None:
            return [(b"vary", b"Origin")]
        return [
            (b"vary", b"Origin"),
            (b"access-control-allow-origin", origin),
            (b"access-control-expose-headers", EXPOSED),
        ]


def _merged(own: list[tuple[bytes, bytes]], extra: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    names = {name.lower() for name, _ in own}
    headers = [*own, *((name, value) for name, value in extra if name not in names)]
    if DEFAULT_CSP[0] not in names:
        headers.append(DEFAULT_CSP)
    return headers


async def _preflight(extra: list[tuple[bytes, bytes]], send: Send) -> None:
    headers = [
        *extra,
        (b"access-control-allow-methods", METHODS),
        (b"access-control-allow-headers", HEADERS),
        (b"access-control-max-age", b"600"),
    ]
    await send({"type": "http.response.start", "status": 204, "headers": headers})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _broken_off(request_id: str, send: Send) -> None:
    """Answer a body that ended too early or was damaged on the way; the application was told that nobody listens."""
    told = "The body broke off before its end: send it again as a whole."
    document = document_of(400, "bad_request", "The request cannot be read", told, request_id)
    headers = [(b"content-type", b"application/problem+json"), (b"cache-control", b"no-store")]
    await send({"type": "http.response.start", "status": 400, "headers": headers})
    await send({"type": "http.response.body", "body": document, "more_body": False})
