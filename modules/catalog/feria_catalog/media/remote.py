"""Fetching a picture from somebody else's server, without ever reaching a server of our own networks.

The host is resolved once, every address that it has must be public, and the connection goes to just these addresses:
a name that answers otherwise the second time gains nothing. Redirects are not followed, proxies of the environment
not used.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any

from feria_catalog.media.errors import AddressNotPublic, ImageNotFetched
from feria_catalog.settings import CatalogSettings
from feria_core.http.bodies import TooLarge
from feria_core.runtime import settings

if TYPE_CHECKING:
    from aiohttp import ClientSession
    from aiohttp.abc import AbstractResolver, ResolveResult
    from yarl import URL

Address = IPv4Address | IPv6Address

LONGEST_URL = 2000
RESOLVE_TIMEOUT_S = 5.0
CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 10.0
WHOLE_TIMEOUT_S = 30.0
OK = 200
CHUNK_BYTES = 64 * 1024
HEADERS = {"Accept": "image/avif,image/webp,image/png,image/jpeg,image/gif", "User-Agent": "Feria"}

# Handed out to the networks of the world; tunnels to IPv4 (6to4, Teredo, NAT64) are outside of it or listed below.
_GLOBAL_IPV6 = IPv6Network("2000::/3")
_SPECIAL_IPV6 = (
    IPv6Network("2001::/23"), IPv6Network("2001:db8::/32"), IPv6Network("2002::/16"), IPv6Network("3fff::/20"),
)  # fmt: skip
# Python before 3.11.10 takes some of these for public.
_SPECIAL_IPV4 = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"), IPv4Network("100.64.0.0/10"))


def is_public(address: Address) -> bool:
    """Return whether anybody on the internet reaches this address under this number."""
    if isinstance(address, IPv6Address):
        return (
            address.scope_id is None
            and address in _GLOBAL_IPV6
            and not any(address in network for network in _SPECIAL_IPV6)
        )
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in _SPECIAL_IPV4)
    )


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
    from yarl import URL

    try:
        url = URL(text)
        host, port = url.raw_host, url.port
    except (ValueError, TypeError) as error:
        raise ImageNotFetched("The address of the picture is no URL: correct it.") from error
    if len(text) > LONGEST_URL or url.scheme not in ("http", "https") or not host or not port:
        raise ImageNotFetched("The address of a picture begins with http:// or https:// and a host: correct it.")
    if url.user is not None or url.password is not None:
        raise ImageNotFetched("The address of a picture holds no user and no password: take them away.")
    return url


async def _addresses(url: URL, is_allowed: Callable[[Address], bool]) -> list[Address]:
    """Return every address of the host. Raises AddressNotPublic where any is refused."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_TIMEOUT_S):
            found = await loop.getaddrinfo(url.raw_host, url.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise ImageNotFetched(f"The host '{(url.host or '')[:100]}' cannot be found: correct the address.") from error
    addresses = list(dict.fromkeys(ip_address(entry[4][0]) for entry in found))
    if not addresses or not all(is_allowed(address) for address in addresses):
        raise AddressNotPublic(
            f"The host '{(url.host or '')[:100]}' is not on the public internet: send the picture itself."
        )
    return addresses


def _session(addresses: list[Address]) -> ClientSession:
    from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector

    timeout = ClientTimeout(total=WHOLE_TIMEOUT_S, sock_connect=CONNECT_TIMEOUT_S, sock_read=READ_TIMEOUT_S)
    connector = TCPConnector(resolver=_pinned(addresses), use_dns_cache=False, force_close=True)
    return ClientSession(connector=connector, timeout=timeout, trust_env=False, cookie_jar=DummyCookieJar())


def _pinned(addresses: list[Address]) -> AbstractResolver:
    """Return a resolver that knows these addresses and no others, whatever it is asked for."""
    from aiohttp.abc import AbstractResolver

    class Pinned(AbstractResolver):
        async def resolve(
            self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
        ) -> list[ResolveResult]:
            del family
            return [_resolved(host, port, address) for address in addresses]

        async def close(self) -> None:
            """There is nothing to close."""

    return Pinned()


def _resolved(host: str, port: int, address: Address) -> ResolveResult:
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004
    found: Any = {
        "hostname": host, "host": str(address), "port": port, "family": family, "proto": 0,
        "flags": socket.AI_NUMERICHOST,
    }  # fmt: skip
    result: ResolveResult = found
    return result


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
