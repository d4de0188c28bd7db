"""Whose an order is: its buyer's, signed in or with the token of the mail's link; everybody else finds none."""

from __future__ import annotations

from quart import request

from feria_core import limits
from feria_core.auth import maybe_principal
from feria_core.db import Row
from feria_core.http.request import client_address
from feria_core.ids import token_hash
from feria_core.limits import Limit
from feria_orders import reads
from feria_orders.domain import parse_number
from feria_orders.errors import OrderNotFound

TOKEN_HEADER = "Order-Token"  # noqa: S105 - a header's name
# Only misses count: who reads what is his is never slowed down.
MISSES = Limit("orders.misses", limit=20, window_s=600)


async def own_order(number: str, token: str | None) -> Row:
    """Return the row of the caller's order, also where the header `Order-Token` opens it.

    Raises OrderNotFound for a missing one and another's alike, and RateLimited after too many of them.
    """
    known = parse_number(number)
    secret = token or request.headers.get(TOKEN_HEADER)
    principal = maybe_principal()
    owner = principal.id if principal is not None and principal.kind != "api_key" else None
    row = None
    if known is not None and (owner is not None or secret):
        row = await reads.for_reader(known, customer_id=owner, token_hash=token_hash(secret) if secret else None)
    if row is None:
        await limits.hit(MISSES, _who())
        raise OrderNotFound(known or "of that number")
    return row


def known_number(number: str) -> str:
    """Return the number in its printed form. Raises OrderNotFound for what is none."""
    known = parse_number(number)
    if known is None:
        raise OrderNotFound("of that number")
    return known


def _who() -> str:
    """Return whose guesses are counted: the account's, else the address's."""
    principal = maybe_principal()
    return f"{principal.kind}:{principal.id}" if principal else limits.address_key(client_address() or "")
