"""Calling somebody else's server without ever reaching one of our own networks.

A host is resolved once, every address that it has must be allowed, and the connection goes to just these addresses: a
name that answers otherwise the second time gains nothing. Redirects are the caller's to refuse; proxies of the
environment are not used. Modules that call this need aiohttp.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from aiohttp import ClientSession, ClientTimeout
    from aiohttp.abc import AbstractResolver, ResolveResult
    from yarl import URL

Address = IPv4Address | IPv6Address

LONGEST_URL = 2000
RESOLVE_TIMEOUT_S = 5.0

# Handed out to the networks of the world; tunnels to IPv4 (6to4, Teredo, NAT64) are outside of it or listed below.
_GLOBAL_IPV6 = IPv6Network("2000::/3")
_SPECIAL_IPV6 = (
    IPv6Network("2001::/23"), IPv6Network("2001:db8::/32"), IPv6Network("2002::/16"), IPv6Network("3fff::/20"),
)  # fmt: skip
# Python before 3.11.10 takes some of these for public.
_SPECIAL_IPV4 = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"), IPv4Network("100.64.0.0/10"))


class UrlRefused(Exception):
    """The text is no address that may be called; the sentence says why."""


class HostUnknown(Exception):
    """The host has no address, or nobody says which in time."""


class AddressRefused(Exception):
    """One of the host's addresses is not allowed."""


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


def parse_url(text: str) -> URL:
    """Return the http or https URL. Raises UrlRefused: another scheme, no host, a user or a password in it."""
    from yarl import URL

    try:
        url = URL(text)
        host, port = url.raw_host, url.port
    except (ValueError, TypeError) as error:
        raise UrlRefused("is no URL") from error
    if len(text) > LONGEST_URL or url.scheme not in ("http", "https") or not host or not port:
        raise UrlRefused("does not begin with http:// or https:// and a host")
    if url.user is not None or url.password is not None:
        raise UrlRefused("holds a user or a password")
    return url


async def addresses_of(url: URL, *, is_allowed: Callable[[Address], bool] = is_public) -> list[Address]:
    """Return every address of the URL's host. Raises HostUnknown, AddressRefused where any is not allowed."""
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(RESOLVE_TIMEOUT_S):
            found = await loop.getaddrinfo(url.raw_host, url.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:  # a TimeoutError is an OSError
        raise HostUnknown from error
    addresses = list(dict.fromkeys(ip_address(entry[4][0]) for entry in found))
    if not addresses or not all(is_allowed(address) for address in addresses):
        raise AddressRefused
    return addresses


def session_to(addresses: Sequence[Address], *, timeout: ClientTimeout) -> ClientSession:
    """Return a session that connects to these addresses and to no others, whatever host it is asked for."""
    from aiohttp import ClientSession, DummyCookieJar, TCPConnector

    connector = TCPConnector(resolver=_pinned(addresses), use_dns_cache=False, force_close=True)
    return ClientSession(connector=connector, timeout=timeout, trust_env=False, cookie_jar=DummyCookieJar())


def _pinned(addresses: Sequence[Address]) -> AbstractResolver:
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
