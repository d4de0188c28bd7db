"""By which column an owner's rows are found: guests by the hash of their token."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from feria_core.contracts.cart import CartOwner
from feria_core.ids import token_hash


def key(owner: CartOwner) -> tuple[str, Any]:
    """Return the column, `customer_id` or `token_hash`, and the owner's value in it."""
    if owner.customer_id is not None:
        return "customer_id", owner.customer_id
    return "token_hash", _hashed(owner.cart_token or "")


# A guest shows one token with every request, and each of them looks for the cart more than once.
_hashed = lru_cache(maxsize=4096)(token_hash)
