"""E-mail addresses: what is shown, what is compared, where a mail is sent. Pure."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass

import idna

MAX_EMAIL = 254  # RFC 5321, errata 1690: what fits into a path
MAX_LOCAL_PART = 64
# Quoted local parts are legal and unused; none of these characters can be in a plain one (RFC 5322, 3.2.3).
_LOCAL_PART = re.compile(r"[^\s\x00-\x1f\x7f\"(),:;<>@\[\\\]]+")


@dataclass(frozen=True)
class EmailAddress:
    """`typed` is shown; `key` is compared and unique; `deliverable` is what mail servers take."""

    typed: str
    key: str
    deliverable: str

    @property
    def hash(self) -> bytes:
        """What stands for the address where the address itself is not kept."""
        return hashlib.sha256(self.key.encode()).digest()


def parse_email(text: str) -> EmailAddress | None:
    """Return the address, or None for text that no mail could be sent to."""
    if len(text) > MAX_EMAIL:
        return None
    local, _, domain = unicodedata.normalize("NFKC", text).rpartition("@")
    host = _ascii_domain(domain)
    if host is None or not _is_local_part(local):
        return None
    key = f"{unicodedata.normalize('NFKC', local.lower())}@{host}"
    return EmailAddress(text, key, f"{local}@{host}") if len(key) <= MAX_EMAIL else None


def _is_local_part(local: str) -> bool:
    return (
        bool(_LOCAL_PART.fullmatch(local))
        and local.isprintable()
        and len(local.encode("utf-8", "surrogatepass")) <= MAX_LOCAL_PART
        and not local.startswith(".")
        and not local.endswith(".")
        and ".." not in local
    )


def _ascii_domain(domain: str) -> str | None:
    """Return the domain as DNS knows it, or None where it is none that mail is sent to from outside."""
    if "." not in domain or domain.endswith("."):
        return None
    try:
        host = idna.encode(domain, uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        return None
    return None if host.rpartition(".")[2].isdigit() else host
