"""Fetching a picture from somebody else's server, without ever reaching a server of our own networks.

The host is resolved once, every address that it has must be public, and the connection goes to just these addresses:
a name that answers otherwise the second time gains nothing. Redirects are not followed, proxies of the environment
not used.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from feria_catalog.media.errors import AddressNotPublic, ImageNotFetched
from feria_catalog.settings import CatalogSettings
from feria_core import outside
from feria_core.http.bodies import TooLarge
from feria_core.outside import Address, is_public
from feria_core.runtime import settings

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from yarl import URL

CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 10.0
WHOLE_TIMEOUT_S = 30.0
OK = 200
CHUNK_BYTES = 64 * 1024
HEADERS = {"Accept": "image/avif,image/webp,image/png,image/jpeg,image/gif", "User-Agent": "Feria"}


async def fetch_image(url: str, *, is_allowed: Callable[[Address], bool] = is_public) -> bytes:
    """Return what the http or https address gives, at most `media_max_bytes` of it; nothing is checked of the content.

    Not for a transaction. Raises AddressNotPublic where the host has an address that `is_allowed` refuses,
    ImageNotFetched where the address is none or does not answer 200 in time, TooLarge.
    """
    parsed = _parsed(url)
    most = settings(CatalogSettings).media_max_bytes
    try:
        async with asyncio.timeout(WHOLE_TIMEOUT_S):
            addresses = await _addresses(parsed, is_allowed)
            async with _session(addresses) as session:
                return await _content(session, parsed, most)
    except TimeoutError as error:
        raise ImageNotFetched(f"{parsed.host} takes too long to answer: send the picture itself.") from error


def _parsed(text: str) -> URL:
    try:
        return outside.parse_url(text)
    except outside.UrlRefused as error:
        raise ImageNotFetched(f"The address of the picture {error}: correct it.") from error


async def _addresses(url: URL, is_allowed: Callable[[Address], bool]) -> list[Address]:
    """Return every address of the host. Raises AddressNotPublic where any is refused."""
    host = (url.host or "")[:100]
    try:
        return await outside.addresses_of(url, is_allowed=is_allowed)
    except outside.HostUnknown as error:
        raise ImageNotFetched(f"The host '{host}' cannot be found: correct the address.") from error
    except outside.AddressRefused as error:
        raise AddressNotPublic(f"The host '{host}' is not on the public internet: send the picture itself.") from error


def _session(addresses: list[Address]) -> ClientSession:
    from aiohttp import ClientTimeout

    timeout = ClientTimeout(total=WHOLE_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S, sock_read=READ_TIMEOUT_S)
    return outside.session_to(addresses, timeout=timeout)


async def _content(session: ClientSession, url: URL, most: int) -> bytes:
    from aiohttp import ClientError

    try:
        async with session.get(url, allow_redirects=False, headers=HEADERS) as answer:
            if answer.status != OK:
                raise ImageNotFetched(f"The address answers {answer.status}, not 200: give the picture's own address.")
            too_large = TooLarge(f"A picture may have at most {most} bytes.")
            if (answer.content_length or 0) > most:
                raise too_large
            content = bytearray()
            async for chunk in answer.content.iter_chunked(CHUNK_BYTES):
                content += chunk
                if len(content) > most:
                    raise too_large
            return bytes(content)
    except TimeoutError:
        raise  # aiohttp's own timeouts are ClientErrors too; the caller tells both alike
    except (ClientError, OSError, ValueError) as error:
        raise ImageNotFetched(
            f"{(url.host or '')[:100]} does not give the picture: send the picture itself."
        ) from error
