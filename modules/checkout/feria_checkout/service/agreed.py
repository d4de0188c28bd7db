"""What staff have agreed with a buyer, in place of a cart: lines at prices of their own, shipping at one price."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from feria_checkout.repository.rows import CheckoutRow
from feria_core.contracts.cart import CartLine, CartSnapshot
from feria_core.contracts.catalog import CATALOG, Offer
from feria_core.contracts.money import Money
from feria_core.runtime import registry


async def snapshot(checkout: CheckoutRow) -> CartSnapshot | None:
    """Return the agreed lines as a cart; None where the catalog no longer knows one of them."""
    if checkout.draft is None:
        return None
    lines = checkout.draft["lines"]
    offers = await registry().get(CATALOG).offers([UUID(line["variant_id"]) for line in lines])
    if any(UUID(line["variant_id"]) not in offers for line in lines):
        return None
    priced = tuple(_line(line, offers[UUID(line["variant_id"])], checkout.currency) for line in lines)
    total = Money(sum(line.total.amount for line in priced), checkout.currency)
    return CartSnapshot(
        id=checkout.id,
        currency=checkout.currency,
        version=checkout.cart_version,
        lines=priced,
        codes=(),
        subtotal=total,
        discount_total=Money(0, checkout.currency),
        total=total,
    )


def valid_until(checkout: CheckoutRow) -> datetime | None:
    """Return until when the buyer can pay what was agreed, None for a checkout of a cart."""
    return None if checkout.draft is None else datetime.fromisoformat(checkout.draft["valid_until"])


def shipping(checkout: CheckoutRow) -> tuple[str, int] | None:
    """Return what shipping is called and what it costs, where that was agreed."""
    agreed = checkout.draft["shipping"] if checkout.draft is not None else None
    return (agreed["label"], agreed["amount"]) if agreed is not None else None


def _line(line: dict[str, Any], offer: Offer, currency: str) -> CartLine:
    price = Money(line["unit_price"], currency)
    return CartLine(
        item_id=UUID(line["item_id"]),
        variant_id=offer.variant_id,
        product_id=offer.product_id,
        sku=offer.sku,
        name=offer.name,
        options=dict(offer.options),
        quantity=line["quantity"],
        unit_price=price,
        discount=Money(0, currency),
        total=Money(price.amount * line["quantity"], currency),
        weight_g=offer.weight_g,
        tax_class=offer.tax_class,
        image_url=offer.image_url,
        card=offer.card,
    )
