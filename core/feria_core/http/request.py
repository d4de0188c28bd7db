"""Facts about the running request: its id, the client's address, the language of the answer."""

from __future__ import annotations

import ipaddress
import itertools
import re
import secrets
from collections.abc import Sequence
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache

_PROCESS = secrets.token_hex(8)
_COUNT = itertools.count(1)
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")


@dataclass(frozen=True)
class RequestFacts:
    """What is known of a request before any route sees it."""

    id: str
    address: str
    locale: str


_facts: ContextVar[RequestFacts | None] = ContextVar("feria_request", default=None)


def set_facts(facts: RequestFacts) -> None:
    """Make `facts` those of the running request."""
    _facts.set(facts)


def request_id() -> str | None:
    """Return the id of the running request, or None in a job."""
    facts = _facts.get()
    return facts.id if facts else None


def client_address() -> str | None:
    """Return the client's address, or None in a job."""
    facts = _facts.get()
    return facts.address if facts else None


def locale() -> str:
    """Return the language of the answer, one of the deployment's."""
    facts = _facts.get()
    return facts.locale if facts else "en"


def accepted_id(sent: str | None) -> str:
    """Return the id that the client sent where it is a harmless one, else a fresh one.

    Fresh ones count up behind a random number of the process: unique, and a tenth of the cost of a UUID.
    """
    return sent if sent and _REQUEST_ID.fullmatch(sent) else f"{_PROCESS}-{next(_COUNT):08x}"


def real_address(peer: str, forwarded_for: str | None, trusted: Sequence[str]) -> str:
    """Return the client's address: the socket's peer, or the right-most hop that no configured proxy is."""
    if not forwarded_for or not _is_trusted(peer, tuple(trusted)):
        return peer
    for hop in reversed([part.strip() for part in forwarded_for.split(",")]):
        if not _is_trusted(hop, tuple(trusted)):
            return hop if _is_address(hop) else peer
    return peer


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


@lru_cache(maxsize=1024)
def _is_trusted(address: str, trusted: tuple[str, ...]) -> bool:
    if not _is_address(address):
        return False
    return any(ipaddress.ip_address(address) in ipaddress.ip_network(network, strict=False) for network in trusted)


def best_locale(accept_language: str, offered: tuple[str, ...]) -> str:
    """Return the language of `offered` that the header likes best (RFC 9110, 12.5.4), else the first."""
    return _best_locale(accept_language[:500], offered)


@lru_cache(maxsize=1024)
def _best_locale(accept_language: str, offered: tuple[str, ...]) -> str:
    wishes: list[tuple[float, str]] = []
    for part in accept_language.split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            quality = float(weight) if weight else 1.0
        except ValueError:
            quality = 0.0
        if quality > 0:
            wishes.append((-quality, tag.lower()))
    for _, tag in sorted(wishes, key=lambda wish: wish[0]):
        for known in offered:
            if tag == known or tag.split("-")[0] == known:
                return known
    return offered[0]
