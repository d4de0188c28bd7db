"""Asking a provider: bounded in time and size, never redirected, JSON or nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import orjson
import structlog

from feria_core import db
from feria_core.runtime import settings
from feria_users.errors import IdentityProviderUnavailable
from feria_users.settings import UsersSettings

if TYPE_CHECKING:
    from aiohttp import ClientResponse

log = structlog.get_logger("feria.users")

# Key sets of the large providers have some 5 KiB.
MAX_BYTES = 256 * 1024
OK, SERVER_ERROR = 200, 500


async def ask(
    method: str, url: str, *, body: str | None = None, headers: Mapping[str, str] | None = None
) -> tuple[int, dict[str, Any]]:
    """Return the status and the JSON object of the answer; a status below 500 may be a refusal.

    Raises IdentityProviderUnavailable where there is no such answer in time.
    """
    from aiohttp import ClientError, ClientSession, ClientTimeout, DummyCookieJar

    if db.current_transaction() is not None:
        raise RuntimeError("a provider was to be asked inside a transaction: ask before, locks are held there")
    timeout = ClientTimeout(total=settings(UsersSettings).identity_provider_timeout_s)
    try:
        async with (
            ClientSession(timeout=timeout, trust_env=False, cookie_jar=DummyCookieJar()) as session,
            session.request(method, url, data=body, headers=headers, allow_redirects=False) as answer,
        ):
            status, content = answer.status, await _content(answer)
    except (ClientError, TimeoutError, OSError, ValueError) as error:
        log.warning("identity_provider.unreachable", reason=type(error).__name__)
        raise IdentityProviderUnavailable from error
    return status, _object(status, content)


async def get(url: str) -> dict[str, Any]:
    """Return the JSON object at the address. Raises IdentityProviderUnavailable."""
    status, document = await ask("GET", url, headers={"Accept": "application/json"})
    if status != OK:
        log.warning("identity_provider.refused", status=status)
        raise IdentityProviderUnavailable
    return document


async def _content(answer: ClientResponse) -> bytes:
    read = bytearray()
    async for chunk in answer.content.iter_chunked(16 * 1024):
        read += chunk
        if len(read) > MAX_BYTES:
            raise ValueError("the answer is too large")
    return bytes(read)


def _object(status: int, content: bytes) -> dict[str, Any]:
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError:
        document = None
    if status >= SERVER_ERROR or 300 <= status < 400 or not isinstance(document, dict):  # noqa: PLR2004 - redirects
        log.warning("identity_provider.no_answer", status=status)
        raise IdentityProviderUnavailable
    return document
