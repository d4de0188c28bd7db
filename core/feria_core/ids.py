"""Identifiers: UUIDv7 for rows, random tokens for secrets, Crockford numbers for people."""

from __future__ import annotations

import hashlib
import os
import secrets
import time
from uuid import UUID

# Crockford's base 32 leaves out I, L, O and U, which people misread (https://www.crockford.com/base32.html).
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562, section 5.7): ordered by creation to a quarter of a microsecond, 62 random bits.

    The twelve bits after the milliseconds carry their fraction (section 6.2, method 3), as PostgreSQL's own do: what
    one process makes one after the other sorts in that order.
    """
    milliseconds, rest_ns = divmod(time.time_ns(), 1_000_000)
    value = milliseconds << 80
    value |= 0x7 << 76 | (rest_ns << 12) // 1_000_000 << 64
    value |= 0b10 << 62 | int.from_bytes(os.urandom(8), "big") & 0x3FFF_FFFF_FFFF_FFFF
    return UUID(int=value)


def new_token() -> str:
    """Return 256 random bits as URL-safe text: for links and sessions, never for row ids."""
    return secrets.token_urlsafe(32)


def token_hash(token: str) -> bytes:
    """Return the SHA-256 under which a random token is stored; the token itself never is."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest()


def public_number(prefix: str) -> str:
    """Return a number to print and dictate, e.g. `F-7K3M-9QXP`: 40 random bits, no running count."""
    letters = "".join(secrets.choice(CROCKFORD) for _ in range(8))
    return f"{prefix}-{letters[:4]}-{letters[4:]}"


def parse_id(text: str) -> UUID | None:
    """Return the UUID that `text` spells in its usual form, or None where it is none."""
    if len(text) != 36:  # noqa: PLR2004 - UUID() also takes braces, urn: and bare hex, which are no ids of ours
        return None
    try:
        return UUID(text)
    except ValueError:
        return None
