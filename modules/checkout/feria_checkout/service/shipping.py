"""How a checkout is shipped: ways by zone, by other modules or by the settings, and the price that a choice keeps."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from feria_checkout.repository.rows import CheckoutRow
from feria_checkout.service import agreed
from feria_checkout.service.rules import Rules
from feria_checkout.settings import CheckoutSettings
from feria_checkout.zones import ShippingMethod, zone_of
from feria_core import clock
from feria_core.contracts.cart import CartLine, CartSnapshot
from feria_core.contracts.money import Money
from feria_core.contracts.shipping import SHIPPING_PROVIDERS, ShippingRequest
from feria_core.runtime import registry, settings

# The code of a way whose price staff have agreed with the buyer.
AGREED = "agreed"


@dataclass(frozen=True)
class Way:
    """A way to ship this cart to this address, its price in minor units."""

    code: str
    label: str
    amount: int
    min_days: int
    max_days: int
    is_pickup: bool = False


def shipped(cart: CartSnapshot) -> tuple[CartLine, ...]:
    """Return the lines that have to be shipped."""
    digital = settings(CheckoutSettings).digital_tax_classes
    return tuple(line for line in cart.lines if line.tax_class not in digital)


def own_ways(checkout: CheckoutRow, cart: CartSnapshot, rules: Rules) -> list[Way]:
    """Return the shop's own ways: those of the zone, or of the settings where no zone is kept at all."""
    if not rules.shipping:
        return [
            Way(code, method.label, method.amount, method.min_days, method.max_days)
            for code, method in settings(CheckoutSettings).shipping_methods.items()
        ]
    methods = _methods(checkout, rules)
    lines = shipped(cart)
    weight_g = sum(line.weight_g * line.quantity for line in lines)
    priced = [(m, m.price(weight_g=weight_g, total=cart.total.amount)) for m in methods]
    return [
        Way(m.code, m.label, price, m.min_days, m.max_days, m.kind == "pickup")
        for m, price in priced
        if price is not None
    ]


def _methods(checkout: CheckoutRow, rules: Rules) -> Sequence[ShippingMethod]:
    """Return the methods of the address's zone; without an address, where goods can be picked up."""
    if checkout.shipping_address is None:
        return [method for zone in rules.shipping for method in zone.methods if method.kind == "pickup"]
    zone = zone_of(checkout.shipping_address, rules.shipping)
    return zone.methods if zone is not None else ()


async def asked_ways(checkout: CheckoutRow, cart: CartSnapshot) -> list[Way]:
    """Return the ways of other modules; never inside a transaction, since they may ask a carrier."""
    lines = shipped(cart)
    if checkout.shipping_address is None or not lines:
        return []
    weight_g = sum(line.weight_g * line.quantity for line in lines)
    request = ShippingRequest(checkout.shipping_address, lines, weight_g, cart.total)
    return [
        Way(offer.code, offer.label, offer.price.amount, offer.min_days, offer.max_days)
        for provider in registry().all(SHIPPING_PROVIDERS)
        for offer in await provider.offers(request)
        if offer.price.currency == cart.currency
    ]


def kept(checkout: CheckoutRow) -> Way | None:
    """Return the chosen way as it was quoted, while the quote lives; its basis is looked at by `chosen`."""
    quote = checkout.shipping_quote
    if (
        quote is None
        or quote["code"] != checkout.shipping_method
        or clock.now() >= datetime.fromisoformat(quote["until"])
    ):
        return None
    return Way(**{name: quote[name] for name in ("code", "label", "amount", "min_days", "max_days", "is_pickup")})


def first_guess(checkout: CheckoutRow) -> Money | None:
    """Return what the chosen way probably costs, for pricing the cart; None where none is chosen."""
    way = kept(checkout)
    if way is not None:
        return Money(way.amount, checkout.currency)
    method = settings(CheckoutSettings).shipping_methods.get(checkout.shipping_method or "")
    return Money(method.amount, checkout.currency) if method else None


def chosen(checkout: CheckoutRow, cart: CartSnapshot, rules: Rules) -> Way | None:
    """Return the chosen way at the price that it has for this cart and address; None where there is none (any more).

    A quote keeps its price while it lives and cart and address stay the same; after that the shop's own ways are
    priced anew, while those of others have to be chosen again. What staff have agreed is not chosen at all.
    """
    fixed = agreed.shipping(checkout)
    if fixed is not None:
        label, amount = fixed
        return Way(AGREED, label, amount, 0, 0) if shipped(cart) else None
    if checkout.shipping_method is None or not shipped(cart):
        return None
    way = kept(checkout)
    quoted = checkout.shipping_quote
    if way is not None and quoted is not None and quoted["basis"] == basis(checkout, cart):
        return way
    return find(checkout.shipping_method, own_ways(checkout, cart, rules))


def find(code: str, ways: Sequence[Way]) -> Way | None:
    """Return the way of that code, or None."""
    return next((way for way in ways if way.code == code), None)


def quote(way: Way, checkout: CheckoutRow, cart: CartSnapshot) -> dict[str, Any]:
    """Return what is kept of a choice."""
    until = clock.now() + timedelta(minutes=settings(CheckoutSettings).shipping_quote_minutes)
    return {
        "code": way.code,
        "label": way.label,
        "amount": way.amount,
        "min_days": way.min_days,
        "max_days": way.max_days,
        "is_pickup": way.is_pickup,
        "until": until.isoformat(),
        "basis": basis(checkout, cart),
    }


def basis(checkout: CheckoutRow, cart: CartSnapshot) -> str:
    """Return what a price of shipping depends on, as a short text to compare."""
    address = checkout.shipping_address or {}
    place = [address.get(name) for name in ("country", "region", "postal_code", "city", "line1")]
    lines = [[str(line.variant_id), line.quantity, line.weight_g, line.total.amount] for line in shipped(cart)]
    return hashlib.sha256(orjson.dumps([place, lines])).hexdigest()[:32]
