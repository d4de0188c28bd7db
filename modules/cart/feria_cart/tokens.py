"""Guests' tokens: random, signed, so that one can be handed out before there is a cart to store it with.

A cart's row keeps the hash of the whole token. The signature alone opens nothing; it tells a token that this
shop has issued from one that somebody made up, which is never taken over for a new cart.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64encode
from functools import lru_cache

from feria_core import db
from feria_core.ids import new_token

_SIGNATURE_BYTES = 16
_LONGEST = 128
_key: bytes | None = None

# The first process to ask makes the key; twins get the one that was stored.
_KEY = """
INSERT INTO cart_token_key (id, secret) VALUES (1, $1)
ON CONFLICT (id) DO UPDATE SET id = EXCLUDED.id RETURNING secret
"""


async def issue() -> str:
    """Return a fresh token; nothing is stored."""
    random = new_token()
    return f"{random}.{_signature(random, await load_key())}"


async def is_issued(token: str | None) -> bool:
    """Return True where this shop has issued `token`, whether or not it has a cart."""
    if not token or len(token) > _LONGEST:
        return False
    random, _, signature = token.partition(".")
    expected = _signature(random, await load_key())
    return hmac.compare_digest(expected.encode(), signature.encode("utf-8", "surrogatepass"))


@lru_cache(maxsize=4096)
def _signature(random: str, key: bytes) -> str:
    # Remembered, since a guest shows one token with every request: twelve microseconds of OpenSSL each.
    digest = hmac.digest(key, random.encode("utf-8", "surrogatepass"), hashlib.sha256)
    return urlsafe_b64encode(digest[:_SIGNATURE_BYTES]).rstrip(b"=").decode()


async def load_key() -> bytes:
    """Return the deployment's key, read once in a process; never from inside a transaction that may roll back."""
    global _key  # noqa: PLW0603 - one key for the life of the process
    if _key is None:
        _key = bytes(await db.fetch_value(_KEY, secrets.token_bytes(32)))
    return _key
