"""Bounds of passwords; e-mail addresses: what is shown, what is compared, where a mail is sent."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from uuid import UUID

import idna

MIN_PASSWORD, MAX_PASSWORD = 8, 256
MAX_EMAIL = 254  # RFC 5321, errata 1690: what fits into a path
MAX_LOCAL_PART = 64
# Quoted local parts are legal and unused; none of these characters can be in a plain one (RFC 5322, 3.2.3).
_LOCAL_PART = re.compile(r"[^\s\x00-\x1f\x7f\"(),:;<>@\[\\\]]+")


@dataclass(frozen=True)
class EmailAddress:
    """`typed` is shown; `normalized` is compared and unique: NFKC, case-folded, its domain in ASCII."""

    typed: str
    normalized: str


def parse_email(text: str) -> EmailAddress | None:
    """Return the address, or None for text that no mail could be sent to."""
    if len(text) > MAX_EMAIL:
        return None
    local, _, domain = unicodedata.normalize("NFKC", text).rpartition("@")
    host = _ascii_domain(domain)
    if host is None or not _is_local_part(local):
        return None
    normalized = f"{unicodedata.normalize('NFKC', local.casefold())}@{host}"
    return EmailAddress(text, normalized) if len(normalized) <= MAX_EMAIL else None


def deliverable(email: str) -> str:
    """Return the form of a stored address that mail servers take: NFKC, its domain in ASCII, its case kept."""
    local, _, domain = unicodedata.normalize("NFKC", email).rpartition("@")
    return f"{local}@{_ascii_domain(domain) or domain}"


def erased_email(account_id: UUID) -> str:
    """Return what stands in an erased account's place; RFC 2606 keeps `.invalid` from ever being an address."""
    return f"erased-{account_id}@erased.invalid"


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
