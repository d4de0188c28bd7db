"""Links that work without signing in: to a shared wish list, to a cart, out of an alert or of reminders.

Both are derived with the deployment's key, so that the owner of a list is shown its link again though the
database holds only the hash of it. With `link_key` in the environment who reads the database alone can make no
link; without it the key stands in a table of its own, and only who reads the wish lists alone cannot.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64encode
from datetime import UTC, datetime
from uuid import UUID

from feria_cart import tokens
from feria_cart.settings import CartSettings
from feria_core.ids import parse_id
from feria_core.runtime import core_settings, settings


async def load_key() -> bytes:
    """Return the key of this deployment's links; call it outside of transactions, as `tokens.load_key`."""
    configured = settings(CartSettings).link_key
    if configured is not None:
        return configured.get_secret_value().encode()
    return await tokens.load_key()


def share_token(nonce: bytes, key: bytes) -> str:
    """Return the 256-bit token of a list that is shared under `nonce`."""
    return _signature("wishlist-share", nonce, key)


def share_url(token: str) -> str:
    """Return the page of the shop that shows the shared list."""
    return f"{core_settings().public_url.rstrip('/')}/shared-wishlists/{token}"


def unsubscribe_url(alert_id: UUID, key: bytes) -> str:
    """Return the link that ends the alert with one click."""
    token = f"{alert_id}.{_signature('alert-unsubscribe', alert_id.bytes, key)}"
    return f"{core_settings().public_url.rstrip('/')}/api/alerts/unsubscribe?token={token}"


def read_unsubscribe_token(token: str, key: bytes) -> UUID | None:
    """Return the alert that the token ends, or None for a token that is none of ours."""
    text, _, signature = token.partition(".")
    alert_id = parse_id(text)
    if alert_id is None:
        return None
    return alert_id if _is_signed("alert-unsubscribe", alert_id.bytes, signature, key) else None


def restore_token(cart_id: UUID, expires_at: datetime, key: bytes) -> str:
    """Return the token that opens the cart on another device until that time."""
    text = f"{cart_id}.{int(expires_at.timestamp())}"
    return f"{text}.{_signature('cart-restore', text.encode(), key)}"


def restore_url(token: str) -> str:
    """Return the page of the shop that opens the cart of the token."""
    return f"{core_settings().public_url.rstrip('/')}/cart/restore?token={token}"


def read_restore_token(token: str, key: bytes) -> tuple[UUID, datetime] | None:
    """Return the cart that the token opens, and until when, or None for a token that is none of ours."""
    text, _, signature = token.rpartition(".")
    if not _is_signed("cart-restore", text.encode("utf-8", "surrogatepass"), signature, key):
        return None
    cart, _, until = text.partition(".")
    cart_id = parse_id(cart)
    return (cart_id, datetime.fromtimestamp(int(until), UTC)) if cart_id else None


def reminders_end_url(consent_id: UUID, key: bytes) -> str:
    """Return the link that ends the reminders of a consent with one click."""
    token = f"{consent_id}.{_signature('reminder-unsubscribe', consent_id.bytes, key)}"
    return f"{core_settings().public_url.rstrip('/')}/api/cart/reminders/unsubscribe?token={token}"


def read_reminders_end_token(token: str, key: bytes) -> UUID | None:
    """Return the consent that the token ends, or None for a token that is none of ours."""
    text, _, signature = token.partition(".")
    consent_id = parse_id(text)
    if consent_id is None or not _is_signed("reminder-unsubscribe", consent_id.bytes, signature, key):
        return None
    return consent_id


def address_key(email: str, key: bytes) -> bytes:
    """Return what an address that wants no reminders is remembered by."""
    return hmac.digest(key, b"reminder-optout\0" + email.strip().lower().encode(), hashlib.sha256)


def _is_signed(purpose: str, what: bytes, signature: str, key: bytes) -> bool:
    expected = _signature(purpose, what, key).encode()
    return hmac.compare_digest(expected, signature.encode("utf-8", "surrogatepass"))


def _signature(purpose: str, what: bytes, key: bytes) -> str:
    digest = hmac.digest(key, purpose.encode() + b"\0" + what, hashlib.sha256)
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
