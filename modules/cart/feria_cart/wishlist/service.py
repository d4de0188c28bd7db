"""The use cases of wish lists: looking, adding, removing, moving into the cart. One transaction a change."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from feria_cart.alerts import repository as alerts
from feria_cart.domain import Shopper
from feria_cart.errors import TooManyWishlists, WishlistFull, WishlistUnknown, WishUnknown
from feria_cart.service import changing, looking
from feria_cart.settings import CartSettings
from feria_cart.wishlist import repository
from feria_cart.wishlist.domain import NO_WISHLIST, Wishlist, WishlistView, for_sale
from feria_cart.wishlist.sharing import working_token
from feria_core import clock, db
from feria_core.contracts.catalog import CATALOG, Offer, OutOfStock, Shortage
from feria_core.errors import BadRequest
from feria_core.http import PageQuery, decode_cursor
from feria_core.ids import parse_id
from feria_core.runtime import core_settings, registry, settings

FIRST_PAGE = PageQuery()


async def view(customer_id: UUID, list_id: UUID | None = None, page: PageQuery = FIRST_PAGE) -> WishlistView:
    """Return a page of the person's list as it is sold now; without an id, of the default one.

    Raises WishlistUnknown, BadRequest for a cursor that is not ours.
    """
    found = await repository.read(customer_id, list_id, limit=page.limit, before=position(page.cursor))
    if found is None and list_id is not None:
        raise WishlistUnknown(str(list_id))
    wishlist = found or NO_WISHLIST
    return WishlistView(wishlist, await offers_of(wishlist), await working_token(wishlist.share))


async def lists(customer_id: UUID) -> Sequence[db.Row]:
    """Return the person's lists without their items."""
    return await repository.lists(customer_id)


async def create(customer_id: UUID, name: str) -> UUID:
    """Create a named list; return its id. Raises TooManyWishlists."""
    most = settings(CartSettings).max_wishlists
    async with db.transaction():
        await repository.lock_person(customer_id)
        list_id, count = await repository.create_list(customer_id, name, clock.now())
        if count > most:
            raise TooManyWishlists(most)
    return list_id


async def rename(customer_id: UUID, list_id: UUID, name: str) -> None:
    """Name a list anew. Raises WishlistUnknown."""
    async with db.transaction():
        await repository.rename(await _locked(customer_id, list_id), name)


async def delete(customer_id: UUID, list_id: UUID) -> None:
    """Delete a list with its items and link. Raises WishlistUnknown."""
    async with db.transaction():
        found = await _locked(customer_id, list_id)
        gone = await repository.clear(found)
        await repository.delete_list(found)
        await alerts.delete_orphans(customer_id, gone)


async def add(customer_id: UUID, variant_id: str, list_id: UUID | None = None) -> None:
    """Add a variant to the person's list, sold out ones too; one that is there already stays as it is.

    Raises VariantUnknown, WishlistUnknown, WishlistFull.
    """
    offer = await looking.sold_offer(variant_id)
    most = settings(CartSettings).max_wishes
    async with db.transaction():
        now = clock.now()
        found = await repository.open_list(customer_id, list_id, now)
        if found is None:
            raise WishlistUnknown(str(list_id))
        before = await repository.add(found, offer, now)
        if before is not None and before >= most:
            raise WishlistFull(most)


async def remove(customer_id: UUID, item_id: str, list_id: UUID | None = None) -> None:
    """Remove an item from whichever of the person's lists, or from that one. Raises WishUnknown, WishlistUnknown."""
    async with db.transaction():
        await _take(customer_id, item_id, list_id)


async def empty(customer_id: UUID) -> None:
    """Remove every item of the default list; its name and link stay."""
    async with db.transaction():
        found = await repository.touch_list(customer_id, None, clock.now())
        if found is not None:
            await alerts.delete_orphans(customer_id, await repository.clear(found))


async def move_to_cart(who: Shopper, item_id: str) -> None:
    """Move one of the item into the person's cart.

    The item is taken off in the transaction that adds to the cart, so a replay or a twin finds none and adds
    nothing. Raises WishUnknown; OutOfStock, CartFull, Invalid and the other refusals of adding, which leave the item
    where it is.
    """
    customer_id = who.owner.customer_id
    assert customer_id is not None  # noqa: S101 - only customers have wish lists
    async with db.transaction():
        taken = await _take(customer_id, item_id, None)
        offer = await _available_offer(taken["variant_id"], taken["sku"], who.group)
        await changing.add_offer(who, offer, 1)


async def offers_of(wishlist: Wishlist) -> dict[UUID, Offer]:
    """Return what is sold now of a page of a list, by variant."""
    if not wishlist.items:
        return {}
    currency = core_settings().currency
    found = await registry().get(CATALOG).offers([wish.variant_id for wish in wishlist.items])
    sold = ((wish.variant_id, for_sale(found, wish.variant_id, currency)) for wish in wishlist.items)
    return {variant_id: offer for variant_id, offer in sold if offer is not None}


def position(cursor: str | None) -> UUID | None:
    """Return the item after which a page begins, None for the first. Raises BadRequest for a foreign cursor."""
    parts = decode_cursor(cursor, 1)
    if parts is None:
        return None
    found = parse_id(parts[0]) if isinstance(parts[0], str) else None
    if found is None:
        raise BadRequest("The cursor is not one that this list gave out: leave it away to begin at the start.")
    return found


async def _locked(customer_id: UUID, list_id: UUID) -> UUID:
    found = await repository.touch_list(customer_id, list_id, clock.now())
    if found is None:
        raise WishlistUnknown(str(list_id))
    return found


async def _take(customer_id: UUID, item_id: str, list_id: UUID | None) -> db.Row:
    wish = parse_id(item_id)
    taken = await repository.take(customer_id, wish, list_id) if wish else None
    if taken is None:
        raise WishUnknown(item_id)
    await alerts.delete_orphans(customer_id, [taken["variant_id"]])
    return taken


async def _available_offer(variant_id: UUID, sku: str, group: str | None) -> Offer:
    offers = await registry().get(CATALOG).offers([variant_id], group=group)
    offer = for_sale(offers, variant_id, core_settings().currency)
    if offer is None:
        raise OutOfStock([Shortage(variant_id, sku, 1, 0)])
    return offer
