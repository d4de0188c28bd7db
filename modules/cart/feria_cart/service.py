"""The cart's use cases: what it holds now, adding, changing, removing. One transaction a change."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from feria_cart import repository
from feria_cart.domain import CartView, Offers, StoredCart, basket_of, priced
from feria_cart.errors import CartFull, CartNotOpen, ItemUnknown, VariantUnknown, quantity_too_large
from feria_cart.settings import CartSettings
from feria_core import clock, db
from feria_core.contracts.cart import CartOwner
from feria_core.contracts.catalog import CATALOG, Offer, OutOfStock, Shortage
from feria_core.contracts.pricing import PRICE_ADJUSTERS, Adjustment, Basket
from feria_core.ids import parse_id
from feria_core.money import MAX_AMOUNT, Money
from feria_core.runtime import core_settings, registry, settings

_EXPIRE_BATCH = 500


async def view(owner: CartOwner, *, agrees: bool = False) -> CartView | None:
    """Return the owner's cart as it is priced now, or None where there is none.

    The discounts in it are noted as seen; with `agrees`, after a change by the owner, those that are gone are
    forgotten: this answer has told of them.
    """
    stored = await repository.read(owner)
    if stored is None:
        return None
    found = await _priced(stored)
    applied = {one.promotion: one for one in found.discounts}
    seen = applied if agrees else {**stored.seen, **applied}
    if seen.keys() != stored.seen.keys():
        await repository.save_seen(stored.id, tuple(seen.values()))
    return found


async def find(owner: CartOwner) -> UUID | None:
    """Return the id of the owner's open cart, or None."""
    stored = await repository.read(owner)
    return stored.id if stored else None


async def view_by_id(
    cart_id: UUID, *, lock: bool, holder: UUID | None = None, shipping: Money | None = None
) -> CartView | None:
    """Return the open cart of that id; with `lock` its row stays locked for the caller's transaction.

    `holder` is the checkout that it is priced for, with what it would pay for shipping.
    """
    if lock:
        db.require_transaction("locking a cart")
        await repository.lock(cart_id)
    stored = await repository.read_by_id(cart_id)
    return await _priced(stored, holder=holder, shipping=shipping) if stored else None


async def basket(owner: CartOwner) -> Basket:
    """Return what the owner's cart holds, before discounts; an empty one where there is no cart."""
    currency = core_settings().currency
    stored = await repository.read(owner)
    if stored is None:
        return Basket(currency, (), (), owner.customer_id)
    return basket_of(stored, await _offers(stored), currency)


async def add(owner: CartOwner, variant_id: str, quantity: int) -> None:
    """Add so many of a variant to the owner's cart, which is made with its first item.

    Raises VariantUnknown, Invalid past the largest quantity, CartFull, and OutOfStock telling what is left:
    a courtesy, since only a checkout holds stock.
    """
    await add_offer(owner, await sold_offer(variant_id, quantity), quantity)


async def add_offer(owner: CartOwner, offer: Offer, quantity: int) -> None:
    """Add so many of what is offered to the owner's cart, as `add` does, with its refusals."""
    _check_quantity(quantity, offer)
    now = clock.now()
    async with db.transaction():
        cart_id = await repository.open_cart(owner, now)
        row = await repository.add_item(cart_id, offer.variant_id, quantity, offer.price, now)
        _check_quantity(row["quantity"], offer)
        _check_stock(row["quantity"], offer)
        max_lines = settings(CartSettings).max_lines
        if row["is_new"] and row["lines_before"] >= max_lines:
            raise CartFull(max_lines)


async def set_quantity(owner: CartOwner, item_id: str, quantity: int) -> None:
    """Set the quantity of an item of the owner's cart, and accept its present price; 0 removes it.

    Raises ItemUnknown, Invalid, OutOfStock.
    """
    if quantity == 0:
        await remove(owner, item_id)
        return
    async with db.transaction():
        cart_id, item = await _locked_item(owner, item_id)
        variant_id = await repository.variant_of(cart_id, item)
        if variant_id is None:
            raise ItemUnknown(item_id)
        found = await registry().get(CATALOG).offers([variant_id], quantities={variant_id: quantity})
        offer = found.get(variant_id)
        if offer is None or not offer.is_sold:
            raise OutOfStock([Shortage(variant_id, offer.sku if offer else str(variant_id), quantity, 0)])
        _check_quantity(quantity, offer)
        _check_stock(quantity, offer)
        await repository.set_quantity(item, quantity, offer.price)


async def remove(owner: CartOwner, item_id: str) -> None:
    """Remove an item from the owner's cart. Raises ItemUnknown."""
    async with db.transaction():
        cart_id, item = await _locked_item(owner, item_id)
        if not await repository.remove_item(cart_id, item):
            raise ItemUnknown(item_id)


async def empty(owner: CartOwner) -> None:
    """Remove every item and code from the owner's cart; nothing happens where there is none."""
    async with db.transaction():
        cart_id = await repository.touch_cart(owner, clock.now())
        if cart_id is not None:
            await repository.clear(cart_id)


async def consume(cart_id: UUID, order_number: str) -> None:
    """Close the cart as ordered, in the caller's transaction. Raises CartNotOpen where another was faster."""
    db.require_transaction("consuming a cart")
    if not await repository.order_cart(cart_id, order_number, clock.now()):
        raise CartNotOpen(cart_id)


async def delete_expired() -> int:
    """Delete the carts, open or closed, that nobody changed for the configured days; return how many."""
    before = clock.now() - timedelta(days=settings(CartSettings).expire_after_days)
    deleted = 0
    while True:
        count = await repository.delete_older(before, limit=_EXPIRE_BATCH)
        deleted += count
        if count < _EXPIRE_BATCH:
            return deleted


async def _priced(stored: StoredCart, *, holder: UUID | None = None, shipping: Money | None = None) -> CartView:
    currency = core_settings().currency
    offers = await _offers(stored)
    adjustments = await _adjustments(basket_of(stored, offers, currency, holder=holder, shipping=shipping))
    return priced(stored, offers, adjustments, currency)


async def _offers(stored: StoredCart) -> Offers:
    if not stored.lines:
        return {}
    quantities = {line.variant_id: line.quantity for line in stored.lines}
    return await registry().get(CATALOG).offers(list(quantities), quantities=quantities)


async def _adjustments(basket: Basket) -> Sequence[Adjustment]:
    """Return every contributor's adjustments: contributors in their order, each one's sorted by name."""
    found: list[Adjustment] = []
    if basket.lines:
        for adjuster in registry().all(PRICE_ADJUSTERS):
            found += sorted(await adjuster.adjust(basket), key=lambda a: (a.promotion, a.label))
    return found


async def sold_offer(variant_id: str, quantity: int = 1) -> Offer:
    """Return the offer, for so many, of a variant that is sold, be it sold out. Raises VariantUnknown."""
    known = parse_id(variant_id)
    offers = await registry().get(CATALOG).offers([known], quantities={known: quantity}) if known else {}
    offer = offers.get(known) if known else None
    if offer is None or not offer.is_sold or offer.price.currency != core_settings().currency:
        raise VariantUnknown(variant_id)
    return offer


async def _locked_item(owner: CartOwner, item_id: str) -> tuple[UUID, UUID]:
    """Return the owner's cart, locked, and the parsed item id. Raises ItemUnknown."""
    item = parse_id(item_id)
    cart_id = await repository.touch_cart(owner, clock.now()) if item else None
    if item is None or cart_id is None:
        raise ItemUnknown(item_id)
    return cart_id, item


def _check_quantity(quantity: int, offer: Offer) -> None:
    """Raise Invalid past the configured bound, or where the line's total would leave the range of money."""
    largest = settings(CartSettings).max_quantity
    if offer.price.amount > 0:
        largest = min(largest, MAX_AMOUNT // offer.price.amount)
    if quantity > largest:
        raise quantity_too_large(quantity, largest)


def _check_stock(quantity: int, offer: Offer) -> None:
    if quantity > offer.available:
        raise OutOfStock([Shortage(offer.variant_id, offer.sku, quantity, offer.available)])
