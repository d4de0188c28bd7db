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
_ASCII_LOWER = {upper: upper + 32 for upper in range(ord("A"), ord("Z") + 1)}
# Quoted local parts are legal and unused; none of these characters can be in a plain one (RFC 5322, 3.2.3).
_LOCAL_PART = re.compile(r"[^\s\x00-\x1f\x7f\"(),:;<>@\[\\\]]+")
# Letters that show nothing and yet are no controls (Unicode's Default_Ignorable_Code_Point, and the empty Braille
# cell): an address with one looks like another person's.
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u2800"
    "\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)


@dataclass(frozen=True)
class EmailAddress:
    """`typed` is shown; `normalized` is compared and unique: NFKC, in lower case, its domain in ASCII."""

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
    normalized = f"{compared(local)}@{host}"
    return EmailAddress(text, normalized) if len(normalized) <= MAX_EMAIL else None


def deliverable(email: str) -> str:
    """Return the form of a stored address that mail servers take: NFKC, its domain in ASCII, its case kept."""
    local, _, domain = unicodedata.normalize("NFKC", email).rpartition("@")
    return f"{local}@{_ascii_domain(domain) or domain}"


def compared(local: str) -> str:
    """Return the local part as it is compared. Not case-folded: folding makes one mailbox of two (ss and sharp s)."""
    form = unicodedata.normalize("NFKC", local)
    while (lower := unicodedata.normalize("NFKC", form.lower())) != form:
        form = lower
    return form


def ascii_lower(text: str) -> str:
    """Return the text with A to Z in lower case and every other letter as it is: PostgreSQL's lower() under "C"."""
    return text.translate(_ASCII_LOWER)


def spellings(email: str, normalized: str) -> tuple[str, ...]:
    """Return the forms under which other tables may hold the address, their ASCII letters in lower case."""
    return tuple(sorted({ascii_lower(form) for form in (email, deliverable(email), normalized)}))


def erased_email(account_id: UUID) -> str:
    """Return what stands in an erased account's place; RFC 2606 keeps `.invalid` from ever being an address."""
    return f"erased-{account_id}@erased.invalid"


def _is_local_part(local: str) -> bool:
    return (
        bool(_LOCAL_PART.fullmatch(local))
        and local.isprintable()
        and not _INVISIBLE.search(local)
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
