"""Sharing a wish list by a link, and ending it."""

from __future__ import annotations

import hmac
import secrets
from uuid import UUID

from feria_cart import links
from feria_cart.errors import WishlistUnknown
from feria_cart.wishlist import repository
from feria_cart.wishlist.domain import Share, Wishlist
from feria_core import clock, db
from feria_core.ids import token_hash


async def share(customer_id: UUID, list_id: UUID | None = None) -> str:
    """Return the token of the list's link, the same as long as it is shared; the default list is made.

    Raises WishlistUnknown.
    """
    key = await links.load_key()
    async with db.transaction():
        found = await repository.open_list(customer_id, list_id, clock.now())
        if found is None:
            raise WishlistUnknown(str(list_id))
        token = _token(await repository.read_share(found), key)
        if token is None:
            nonce = secrets.token_bytes(32)
            token = links.share_token(nonce, key)
            await repository.write_share(found, Share(nonce, token_hash(token)))
    return token


async def revoke(customer_id: UUID, list_id: UUID | None = None) -> None:
    """End the list's link for good; one that is not shared stays so. Raises WishlistUnknown for an unknown id."""
    async with db.transaction():
        found = await repository.touch_list(customer_id, list_id, clock.now())
        if found is not None:
            await repository.write_share(found, None)
        elif list_id is not None:
            raise WishlistUnknown(str(list_id))


async def shared(token: str, *, limit: int, before: UUID | None) -> Wishlist | None:
    """Return a page of the list that is shared under the token, or None."""
    return await repository.read_shared(token_hash(token), limit=limit, before=before)


async def working_token(shared_under: Share | None) -> str | None:
    """Return the token of a list's link, to show it to its owner again.

    None where it is not shared, or where `link_key` has changed since: the old link works, but cannot be made
    again from what is stored.
    """
    return _token(shared_under, await links.load_key()) if shared_under else None


def _token(shared_under: Share | None, key: bytes) -> str | None:
    if shared_under is None:
        return None
    token = links.share_token(shared_under.nonce, key)
    return token if hmac.compare_digest(token_hash(token), shared_under.token_hash) else None
