"""The deployment's key: of links that need no row, and of hashes of addresses that are compared and never read."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from uuid import UUID

from feria_core import db
from feria_core.ids import parse_id

_key: bytes | None = None

# The first process to ask makes the key; twins get the one that was stored.
_KEY = """
INSERT INTO reviews_key (id, secret) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id RETURNING secret
"""


async def load() -> bytes:
    """Return the key, read once in a process; inside a transaction it is not remembered, that one may roll back."""
    global _key  # noqa: PLW0603 - one key for the life of the process
    if _key is not None:
        return _key
    found = bytes(await db.fetch_value(_KEY, secrets.token_bytes(32)))
    if db.current_transaction() is None:
        _key = found
    return found


def email_hash(email: str, key: bytes) -> bytes:
    """Return what an address is compared by: exactly it, but for the case of A to Z, as orders compares it."""
    lower = "".join(c.lower() if c.isascii() else c for c in email.strip())
    return _digest("email", lower.encode("utf-8", "surrogatepass"), key)


def reporter_hash(who: str, key: bytes) -> bytes:
    """Return what takes one report of an account or a network address."""
    return _digest("reporter", who.encode(), key)


def unsubscribe_token(customer_id: UUID, key: bytes) -> str:
    """Return the token that ends requests to the person; it works for ever."""
    return f"{customer_id}.{_signature(customer_id, key)}"


def read_unsubscribe_token(token: str, key: bytes) -> UUID | None:
    """Return whose requests the token ends, None for a token that is none of ours."""
    text, _, signature = token.partition(".")
    customer_id = parse_id(text)
    if customer_id is None:
        return None
    expected = _signature(customer_id, key).encode()
    return customer_id if hmac.compare_digest(expected, signature.encode("utf-8", "surrogatepass")) else None


def _signature(customer_id: UUID, key: bytes) -> str:
    return urlsafe_b64encode(_digest("unsubscribe", customer_id.bytes, key)).rstrip(b"=").decode()


def _digest(purpose: str, what: bytes, key: bytes) -> bytes:
    return hmac.digest(key, purpose.encode() + b"\0" + what, hashlib.sha256)
