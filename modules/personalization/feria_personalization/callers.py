"""Whom a request is about: the signed-in person, or the guest who holds the `Cart-Token`."""

from __future__ import annotations

import hashlib
import re

from quart import request

from feria_core.auth import maybe_principal
from feria_personalization.errors import CartTokenNeeded
from feria_personalization.repository.people import Who

TOKEN_HEADER = "Cart-Token"  # noqa: S105 - the header's name
# Those of the cart are random and longer. A short one could be guessed, and with it somebody's history be read.
_TOKEN = re.compile(r"[!-~]{40,300}")


def token() -> str | None:
    """Return the guest's token as it was sent, or None where it is none to know somebody by."""
    sent = request.headers.get(TOKEN_HEADER)
    return sent if sent and _TOKEN.fullmatch(sent) else None


def guest_of(cart_token: str | None) -> Who | None:
    """Return the guest who holds the token; what is stored is its SHA-256, never the token."""
    if not cart_token or not _TOKEN.fullmatch(cart_token):
        return None
    return Who(guest=hashlib.sha256(cart_token.encode()).digest())


def caller() -> Who | None:
    """Return who asks, or None for a guest without a token; an API key is nobody, as with carts."""
    principal = maybe_principal()
    if principal is not None and principal.kind != "api_key":
        return Who(customer_id=principal.id)
    return guest_of(token())


def known_caller() -> Who:
    """Return who asks. Raises CartTokenNeeded for a guest without a token."""
    who = caller()
    if who is None:
        raise CartTokenNeeded
    return who
