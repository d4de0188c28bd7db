"""Pricing of carts: pure, no I/O."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from feria_cart.merging import Note
from feria_cart.reducing import take_off
from feria_cart.versions import Expected
from feria_core.contracts.cart import CartLine, CartOwner, CartSnapshot
from feria_core.contracts.catalog import Offer
from feria_core.contracts.pricing import Adjustment, Basket, BasketLine
from feria_core.money import MAX_AMOUNT, Money

Offers = Mapping[UUID, Offer]
# A cart with many promotions is told in small amounts, the same ones over and over.
_money = lru_cache(maxsize=8192)(Money)


@dataclass(frozen=True)
class Shopper:
    """Who asks for a cart, and what a change of it is to meet: the versions of the caller's `If-Match`, if any.

    `group` is the code of the customer group whose prices hold.
    """

    owner: CartOwner
    group: str | None = None
    expects: Expected | None = None


@dataclass(frozen=True)
class StoredLine:
    """A line as it is stored; `seen` is the unit price that its owner has last seen and accepted."""

    item_id: UUID
    variant_id: UUID
    quantity: int
    seen: Money


@dataclass(frozen=True)
class StoredCart:
    """An open cart as it is stored, its lines in the order they were added.

    `seen` are the discounts that its owner has seen, by promotion; `notes` what the last merge did; `held_by` the
    checkout that has last held its stock.
    """

    id: UUID
    version: int
    customer_id: UUID | None
    lines: tuple[StoredLine, ...]
    codes: tuple[str, ...]
    seen: Mapping[str, Discount] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    held_by: UUID | None = None


@dataclass(frozen=True)
class Change:
    """What became different since the owner last agreed: prices as Money, quantities as whole numbers.

    A discount that is gone belongs to no item; `promotion` and `label` name it.
    """

    kind: str  # "price_up", "price_down", "quantity_cut", "removed" or "promotion_gone"
    item_id: UUID | None
    variant_id: UUID | None
    was: Money | int
    now: Money | int
    promotion: str | None = None
    label: str | None = None


class Discount(NamedTuple):
    """One reduction over all lines, as shoppers see it."""

    promotion: str
    label: str
    amount: Money


@dataclass(frozen=True)
class CartView:
    """A priced cart, with what its owner is to be told."""

    snapshot: CartSnapshot
    discounts: tuple[Discount, ...]
    changes: tuple[Change, ...]
    gifts: tuple[Adjustment, ...] = ()
    notes: tuple[Note, ...] = ()
    minimum: Money | None = None


@dataclass(frozen=True)
class MadeBasket:
    """A basket, and the cart and the offers that it was made of."""

    stored: StoredCart
    offers: Offers
    basket: Basket


def is_sellable(offer: Offer | None, quantity: int, currency: str) -> bool:
    """Return True where the line can be sold now: known, published, in the shop's currency, of a bounded total."""
    return (
        offer is not None
        and offer.is_sold
        and offer.price.currency == currency
        and offer.price.amount * quantity <= MAX_AMOUNT
    )


def basket_of(
    stored: StoredCart,
    offers: Offers,
    currency: str,
    *,
    holder: UUID | None = None,
    shipping: Money | None = None,
    group: str | None = None,
    before: MadeBasket | None = None,
) -> Basket:
    """Return what can be sold of the cart, priced before any discount; `holder` is the checkout that asks.

    A line that nothing has changed of since `before` was made is the very line of that basket.
    """
    made = _lines_of(before) if before is not None else {}
    lines = []
    for line in stored.lines:
        offer = offers.get(line.variant_id)
        if offer is None:
            continue
        known = made.get(line.item_id)
        if known is not None and known[0] is line and known[1] is offer:
            lines.append(known[2])
        elif is_sellable(offer, line.quantity, currency):
            lines.append(_basket_line(line, offer))
    return Basket(currency, tuple(lines), stored.codes, stored.customer_id, stored.id, holder, shipping, group)


def _lines_of(before: MadeBasket) -> Mapping[UUID, tuple[StoredLine, Offer, BasketLine]]:
    """Return the basket's lines by item, each with what it was made of."""
    stored = {line.item_id: line for line in before.stored.lines}
    return {line.item_id: (stored[line.item_id], before.offers[line.variant_id], line) for line in before.basket.lines}


def _basket_line(line: StoredLine, offer: Offer) -> BasketLine:
    return BasketLine(
        line.item_id, line.variant_id, offer.product_id, line.quantity, offer.price, offer.price * line.quantity,
        sku=offer.sku, brand=offer.brand, categories=offer.categories, collections=offer.collections,
    )  # fmt: skip


def priced(
    stored: StoredCart, offers: Offers, basket: Basket, adjustments: Sequence[Adjustment], *, minimum: int = 0
) -> CartView:
    """Return the cart with the adjustments taken off, in their order, no line below zero.

    `minimum` is the least order in minor units, discounts aside.
    """
    currency = basket.currency
    left, discounts = _reduced(basket, adjustments)
    lines = tuple([_cart_line(line, offers[line.variant_id], left[line.item_id]) for line in basket.lines])
    subtotal = sum([line.total.amount for line in basket.lines])
    total = sum(left.values())
    snapshot = CartSnapshot(
        stored.id, currency, stored.version, lines, stored.codes,
        Money(subtotal, currency), Money(subtotal - total, currency), Money(total, currency),
        tuple(one for one in adjustments if one.gift is None),
        Money(minimum - subtotal, currency) if subtotal < minimum else None,
    )  # fmt: skip
    changes = (*_changes(stored, offers, basket), *_gone(stored, discounts, currency))
    gifts = tuple(one for one in adjustments if one.gift is not None)
    return CartView(snapshot, discounts, changes, gifts, stored.notes, Money(minimum, currency) if minimum else None)


def _reduced(basket: Basket, adjustments: Sequence[Adjustment]) -> tuple[dict[UUID, int], tuple[Discount, ...]]:
    """Return what is left of each line, and what each adjustment has really taken off."""
    currency, left = basket.currency, {line.item_id: line.total.amount for line in basket.lines}
    taken = take_off(left, adjustments, currency)
    # One that lowers the shipping stands among them without an amount: the checkout knows what it saves.
    return left, tuple(
        [
            Discount(one.promotion, one.label, _money(amount, currency))
            for one, amount in zip(adjustments, taken, strict=True)
            if amount or one.shipping is not None
        ]
    )


def _gone(stored: StoredCart, discounts: Sequence[Discount], currency: str) -> Iterator[Change]:
    """Give the discounts that the owner has seen and that do not apply any more."""
    applied = {one.promotion for one in discounts}
    for promotion, seen in stored.seen.items():
        if promotion not in applied:
            yield Change("promotion_gone", None, None, seen.amount, Money(0, currency), promotion, seen.label)


def _cart_line(line: BasketLine, offer: Offer, left: int) -> CartLine:
    currency = line.total.currency
    return CartLine(
        line.item_id, line.variant_id, line.product_id, offer.sku, offer.name, offer.options, line.quantity,
        line.unit_price, _money(line.total.amount - left, currency), _money(left, currency), offer.weight_g,
        offer.tax_class, offer.image_url, offer.card,
    )  # fmt: skip


def _changes(stored: StoredCart, offers: Offers, basket: Basket) -> tuple[Change, ...]:
    """Return what differs from what the owner has seen, line by line; what is not in the basket is not sold."""
    sold = {line.item_id for line in basket.lines}
    found: list[Change] = []
    for line in stored.lines:
        if line.item_id not in sold:
            found.append(Change("removed", line.item_id, line.variant_id, line.quantity, 0))
            continue
        offer = offers[line.variant_id]
        now = offer.price
        if line.seen.currency == now.currency and line.seen.amount != now.amount:
            kind = "price_up" if now.amount > line.seen.amount else "price_down"
            found.append(Change(kind, line.item_id, line.variant_id, line.seen, now))
        if offer.available < line.quantity:
            left = max(offer.available, 0)
            found.append(Change("quantity_cut", line.item_id, line.variant_id, line.quantity, left))
    return tuple(found)
