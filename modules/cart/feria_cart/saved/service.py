"""Putting items aside for later and back. One transaction a move, so that a replay or a twin finds nothing to move."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from feria_cart import repository as carts
from feria_cart.domain import Shopper, is_sellable
from feria_cart.errors import ItemUnknown, SavedUnknown, TooManySaved
from feria_cart.saved import repository
from feria_cart.service import changing
from feria_cart.service.looking import sold_offer
from feria_cart.settings import CartSettings
from feria_core import clock, db
from feria_core.contracts.catalog import CATALOG, Offer
from feria_core.ids import parse_id
from feria_core.runtime import core_settings, registry, settings

_EXPIRE_BATCH = 500


async def page(who: Shopper, *, limit: int, before: UUID | None) -> Sequence[tuple[db.Row, Offer | None]]:
    """Return at most `limit` saved items, the newest first, each with what is sold of its variant now."""
    rows = await repository.page(who.owner, limit=limit, before=before)
    offers = await registry().get(CATALOG).offers(
        [row["variant_id"] for row in rows], quantities={row["variant_id"]: row["quantity"] for row in rows},
        group=who.group,
    ) if rows else {}  # fmt: skip
    currency = core_settings().currency
    sold = {variant: offer for variant, offer in offers.items() if is_sellable(offer, 1, currency)}
    return [(row, sold.get(row["variant_id"])) for row in rows]


async def save_for_later(who: Shopper, item_id: str) -> None:
    """Move an item out of the owner's cart. Raises ItemUnknown, TooManySaved, CartChangedMeanwhile."""
    most = settings(CartSettings).max_saved
    async with db.transaction():
        cart, item = await changing.locked_item(who, item_id)
        taken = await carts.take_item(cart.id, item)
        if taken is None:
            raise ItemUnknown(item_id)
        before = await repository.save(who.owner, taken, clock.now())
        if before is not None and before >= most:
            raise TooManySaved(most)


async def move_to_cart(who: Shopper, item_id: str) -> None:
    """Move a saved item back into the owner's cart, at its present price.

    Raises SavedUnknown; VariantUnknown, OutOfStock, CartFull, Invalid, TooManyPieces, ProductLimitReached and
    CartChangedMeanwhile leave it where it is.
    """
    known = parse_id(item_id)
    async with db.transaction():
        taken = await repository.take(who.owner, known) if known else None
        if taken is None:
            raise SavedUnknown(item_id)
        offer = await sold_offer(str(taken["variant_id"]), taken["quantity"], group=who.group)
        await changing.add_offer(who, offer, taken["quantity"])


async def forget(who: Shopper, item_id: str) -> None:
    """Delete a saved item. Raises SavedUnknown."""
    known = parse_id(item_id)
    if known is None or await repository.take(who.owner, known) is None:
        raise SavedUnknown(item_id)


async def delete_expired() -> int:
    """Delete what guests have saved and not fetched for the configured days; return how many."""
    before = clock.now() - timedelta(days=settings(CartSettings).expire_after_days)
    deleted = 0
    while True:
        count = await repository.delete_older(before, limit=_EXPIRE_BATCH)
        deleted += count
        if count < _EXPIRE_BATCH:
            return deleted
