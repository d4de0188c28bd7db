"""Adding, changing, removing, closing. One transaction a change."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from feria_cart import repository
from feria_cart.domain import Shopper
from feria_cart.errors import CartFull, CartNotOpen, ItemUnknown, TooManyPieces, quantity_too_large
from feria_cart.product_limits import service as limits
from feria_cart.reminders import repository as reminders
from feria_cart.repository import OpenCart
from feria_cart.service.looking import sold_offer
from feria_cart.settings import CartSettings
from feria_core import clock, db
from feria_core.contracts.cart import CartItemAdded, CartOwner
from feria_core.contracts.catalog import CATALOG, Offer, OutOfStock, Shortage
from feria_core.events import publish
from feria_core.ids import parse_id, token_hash
from feria_core.money import MAX_AMOUNT
from feria_core.runtime import core_settings, registry, settings

_EXPIRE_BATCH = 500


async def add(who: Shopper, variant_id: str, quantity: int) -> None:
    """Add so many of a variant to the owner's cart, which is made with its first item.

    Raises VariantUnknown, Invalid past the largest quantity, CartFull, TooManyPieces, ProductLimitReached,
    CartChangedMeanwhile, and OutOfStock telling what is left: a courtesy, since only a checkout holds stock.
    """
    await add_offer(who, await sold_offer(variant_id, quantity, group=who.group), quantity)


async def add_offer(who: Shopper, offer: Offer, quantity: int) -> None:
    """Add so many of what is offered to the owner's cart, as `add` does, with its refusals, and announce it."""
    check_quantity(quantity, offer)
    now = clock.now()
    async with db.transaction():
        cart = await repository.open_cart(who, now)
        row = await repository.add_item(cart.id, offer, quantity, now)
        check_quantity(row["quantity"], offer)
        await _check_stock(row["quantity"], offer, cart)
        bounds = settings(CartSettings)
        if row["is_new"] and row["lines_before"] >= bounds.max_lines:
            raise CartFull(bounds.max_lines)
        _check_pieces(row["pieces_before"] + quantity)
        if row["most"] is not None:
            await limits.check(cart.id, who.owner.customer_id, offer, row["most"])
        await _announce(cart.id, who.owner, offer, quantity)


async def set_quantity(who: Shopper, item_id: str, quantity: int) -> None:
    """Set the quantity of an item of the owner's cart, and accept its present price; 0 removes it.

    Raises ItemUnknown, Invalid, OutOfStock, TooManyPieces, ProductLimitReached, CartChangedMeanwhile.
    """
    if quantity == 0:
        await remove(who, item_id)
        return
    async with db.transaction():
        cart, item = await locked_item(who, item_id)
        row = await repository.item(cart.id, item)
        if row is None:
            raise ItemUnknown(item_id)
        variant_id = row["variant_id"]
        catalog = registry().get(CATALOG)
        found = await catalog.offers(
            [variant_id], quantities={variant_id: quantity}, group=who.group, holder=cart.held_by
        )  # fmt: skip
        offer = found.get(variant_id)
        if offer is None or not offer.is_sold:
            raise OutOfStock([Shortage(variant_id, offer.sku if offer else str(variant_id), quantity, 0)])
        check_quantity(quantity, offer)
        await _check_stock(quantity, offer, cart)
        await repository.set_quantity(item, quantity, offer.price)
        if quantity > row["quantity"]:
            await _check_raised(cart.id, who.owner, offer)
            await _announce(cart.id, who.owner, offer, quantity - row["quantity"])


async def remove(who: Shopper, item_id: str) -> None:
    """Remove an item from the owner's cart. Raises ItemUnknown, CartChangedMeanwhile."""
    async with db.transaction():
        cart, item = await locked_item(who, item_id)
        if not await repository.remove_item(cart.id, item):
            raise ItemUnknown(item_id)


async def empty(who: Shopper) -> None:
    """Remove every item and code from the owner's cart; nothing happens where there is none."""
    async with db.transaction():
        cart = await repository.touch_cart(who, clock.now())
        if cart is not None:
            await repository.clear(cart.id)


async def consume(cart_id: UUID, order_number: str) -> None:
    """Close the cart as ordered, in the caller's transaction. Raises CartNotOpen where another was faster.

    Of the cart that this one is a copy of nobody is reminded from here on.
    """
    db.require_transaction("consuming a cart")
    now = clock.now()
    closed = await repository.order_cart(cart_id, order_number, now)
    if closed is None:
        raise CartNotOpen(cart_id)
    if closed["restored_from"] is not None:
        await reminders.stop([closed["restored_from"]], "ordered", core_settings().currency, now)


async def delete_expired() -> int:
    """Delete the carts, open or closed, that nobody changed for the configured days; return how many."""
    before = clock.now() - timedelta(days=settings(CartSettings).expire_after_days)
    deleted = 0
    while True:
        count = await repository.delete_older(before, limit=_EXPIRE_BATCH)
        deleted += count
        if count < _EXPIRE_BATCH:
            return deleted


async def locked_item(who: Shopper, item_id: str) -> tuple[OpenCart, UUID]:
    """Return the owner's cart, locked, and the parsed item id. Raises ItemUnknown, CartChangedMeanwhile."""
    item = parse_id(item_id)
    cart = await repository.touch_cart(who, clock.now()) if item else None
    if item is None or cart is None:
        raise ItemUnknown(item_id)
    return cart, item


def check_quantity(quantity: int, offer: Offer) -> None:
    """Raise Invalid past the configured bound, or where the line's total would leave the range of money."""
    largest = settings(CartSettings).max_quantity
    if offer.price.amount > 0:
        largest = min(largest, MAX_AMOUNT // offer.price.amount)
    if quantity > largest:
        raise quantity_too_large(quantity, largest)


async def _check_stock(quantity: int, offer: Offer, cart: OpenCart) -> None:
    """Raise OutOfStock where less is left; what the cart's own checkout holds is there for the cart."""
    available = offer.available
    if quantity > available and cart.held_by is not None:
        found = await registry().get(CATALOG).offers([offer.variant_id], holder=cart.held_by)
        available = found[offer.variant_id].available if offer.variant_id in found else 0
    if quantity > available:
        raise OutOfStock([Shortage(offer.variant_id, offer.sku, quantity, available)])


async def _check_raised(cart_id: UUID, owner: CartOwner, offer: Offer) -> None:
    if settings(CartSettings).max_pieces is not None:
        _check_pieces(await repository.pieces(cart_id))
    most = await limits.most_of(offer.product_id)
    if most is not None:
        await limits.check(cart_id, owner.customer_id, offer, most)


def _check_pieces(pieces: int) -> None:
    most = settings(CartSettings).max_pieces
    if most is not None and pieces > most:
        raise TooManyPieces(pieces, most)


async def _announce(cart_id: UUID, owner: CartOwner, offer: Offer, quantity: int) -> None:
    guest = token_hash(owner.cart_token).hex() if owner.cart_token else None
    await publish(CartItemAdded(cart_id, owner.customer_id, guest, offer.variant_id, offer.product_id, quantity))
