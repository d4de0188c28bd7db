"""The cart as it is priced now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any
from uuid import UUID

from feria_cart import repository
from feria_cart.domain import CartView, MadeBasket, Offers, Shopper, StoredCart, basket_of, priced
from feria_cart.errors import VariantUnknown
from feria_cart.settings import CartSettings
from feria_core import db
from feria_core.contracts.cart import CartOwner
from feria_core.contracts.catalog import CATALOG, Offer
from feria_core.contracts.pricing import PRICE_ADJUSTERS, Adjustment, Basket
from feria_core.contracts.users import PEOPLE
from feria_core.ids import parse_id
from feria_core.money import Money
from feria_core.recent import Recent
from feria_core.runtime import core_settings, registry, settings


@dataclass(frozen=True)
class _Looked:
    """A cart that was priced, and all that its price comes from; `of` is what the basket was made for."""

    made: MadeBasket
    of: tuple[object, ...]
    adjustments: Sequence[Adjustment]
    minimum: int
    view: CartView


# Carts by id: some thirty kilobytes each with many promotions.
_looked: Recent[UUID, _Looked] = Recent(256)
_BY_NAME = attrgetter("promotion", "label")


async def shopper(owner: CartOwner) -> Shopper:
    """Return who asks, with the customer group that prices are asked for; guests and people unknown here have none."""
    return Shopper(owner, await group_of(owner.customer_id))


async def group_of(customer_id: UUID | None) -> str | None:
    """Return the code of the customer's group: one statement, none for a guest."""
    people = registry().find(PEOPLE) if customer_id is not None else None
    person = await people.person(customer_id) if people is not None and customer_id is not None else None
    return person.group if person is not None else None


async def view(who: Shopper, *, agrees: bool = False) -> CartView | None:
    """Return the owner's cart as it is priced now, or None where there is none.

    The discounts in it are noted as seen; with `agrees`, after a change by the owner, those that are gone are
    forgotten: this answer has told of them.
    """
    stored = await repository.read(who.owner)
    if stored is None:
        return None
    found = await priced_now(stored, group=who.group)
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

    `holder` is the checkout that it is priced for, with what it would pay for shipping. A locked cart remembers it:
    what it holds of the stock is there for the cart.
    """
    if lock:
        db.require_transaction("locking a cart")
        await repository.lock(cart_id)
    stored = await repository.read_by_id(cart_id)
    if stored is None:
        return None
    if lock and holder is not None and stored.held_by != holder:
        await repository.save_holder(cart_id, holder)
    return await priced_now(stored, group=await group_of(stored.customer_id), holder=holder, shipping=shipping)


async def basket(who: Shopper) -> Basket:
    """Return what the owner's cart holds, before discounts; an empty one where there is no cart."""
    currency = core_settings().currency
    stored = await repository.read(who.owner)
    if stored is None:
        return Basket(currency, (), (), who.owner.customer_id, customer_group=who.group)
    return basket_of(stored, await _offers(stored, who.group), currency, group=who.group)


async def priced_now(
    stored: StoredCart, *, group: str | None, holder: UUID | None = None, shipping: Money | None = None
) -> CartView:
    """Return the stored cart at the prices of this moment.

    Everything that it is priced from is asked for each time; where all of it is as it was, so is the answer: the very
    view of before, which is how `is` tells others that nothing has changed.
    """
    currency, minimum = core_settings().currency, settings(CartSettings).minimum_order
    offers = await _offers(stored, group)
    of = (currency, holder, shipping, group)
    before = _looked.get(stored.id)
    if before is not None and before.of != of:
        before = None
    made = _basket(stored, offers, of, before)
    adjustments = await _adjustments(made.basket)
    rest = (minimum, adjustments)
    if before is not None and before.made is made and (before.minimum, before.adjustments) == rest:
        return before.view
    view = priced(stored, offers, made.basket, adjustments, minimum=minimum)
    _looked.keep(stored.id, _Looked(made, of, adjustments, minimum, view))
    return view


def _basket(stored: StoredCart, offers: Offers, of: tuple[Any, ...], before: _Looked | None) -> MadeBasket:
    """Return the basket, that of before where it was made of the same."""
    if before is not None and before.made.stored == stored and before.made.offers == offers:
        return before.made
    currency, holder, shipping, group = of
    made = before.made if before is not None else None
    basket = basket_of(stored, offers, currency, holder=holder, shipping=shipping, group=group, before=made)
    return MadeBasket(stored, offers, basket)


async def sold_offer(variant_id: str, quantity: int = 1, *, group: str | None = None) -> Offer:
    """Return the offer, for so many, of a variant that is sold, be it sold out. Raises VariantUnknown."""
    known = parse_id(variant_id)
    catalog = registry().get(CATALOG)
    offers = await catalog.offers([known], quantities={known: quantity}, group=group) if known else {}
    offer = offers.get(known) if known else None
    if offer is None or not offer.is_sold or offer.price.currency != core_settings().currency:
        raise VariantUnknown(variant_id)
    return offer


async def _offers(stored: StoredCart, group: str | None) -> Offers:
    if not stored.lines:
        return {}
    quantities = {line.variant_id: line.quantity for line in stored.lines}
    catalog = registry().get(CATALOG)
    return await catalog.offers(list(quantities), quantities=quantities, group=group, holder=stored.held_by)


async def _adjustments(basket: Basket) -> Sequence[Adjustment]:
    """Return every contributor's adjustments: contributors in their order, each one's sorted by name."""
    found: list[Adjustment] = []
    if basket.lines:
        for adjuster in registry().all(PRICE_ADJUSTERS):
            found += sorted(await adjuster.adjust(basket), key=_BY_NAME)
    return found
