"""Reading and changing a checkout: each look prices it anew, each change renews its time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, cast
from uuid import UUID

from feria_checkout.errors import CheckoutClosed, CheckoutNotFound
from feria_checkout.repository import checkouts, payments
from feria_checkout.repository.checkouts import Caller
from feria_checkout.repository.rows import CheckoutRow, PaymentRow
from feria_checkout.schemas import CheckoutPatch
from feria_checkout.service import agreed, claiming, stepping, view
from feria_checkout.service.holding import extend, held_until, hold_if_possible
from feria_checkout.service.pricing import Quote, order_draft, price
from feria_checkout.service.pricing import quote as requote
from feria_checkout.service.rules import rules_of
from feria_checkout.service.shipping import Way, asked_ways, find, own_ways, quote, shipped
from feria_checkout.service.superseding import supersede
from feria_core import clock, db
from feria_core.contracts.orders import ORDERS
from feria_core.contracts.privacy import Json
from feria_core.contracts.shipping import SHIPPING_PROVIDERS
from feria_core.errors import Conflict, Invalid
from feria_core.runtime import registry


async def read(checkout_id: UUID, caller: Caller) -> dict[str, Any]:
    """Return the caller's checkout with its totals as they are now. Raises CheckoutNotFound."""
    return await view.document(await owned(checkout_id, caller))


async def edit(checkout_id: UUID, caller: Caller, patch: CheckoutPatch) -> dict[str, Any]:
    """Change what the patch names and return the checkout.

    A change of price while a payment is open gives that payment up: the shopper pays the new total instead.
    Raises CheckoutNotFound, CheckoutClosed, Invalid for an unknown shipping method.
    """
    changes = await _changes(patch)
    asked = await _asked(checkout_id, caller, changes) if "shipping_method" in changes else []

    async def work() -> dict[str, Any]:
        checkout = await lock_open(checkout_id, caller)
        if "shipping_method" in changes and agreed.shipping(checkout) is not None:
            raise _shipping_agreed()
        payment = await payments.live_of(checkout.id, lock=True) if checkout.has_payment else None
        steps = stepping.merged(
            checkout.steps, await stepping.checked(cast("dict[str, Json]", patch.steps), checkout.id)
        )
        checkout = replace(checkout, **changes, steps=steps, version=checkout.version + 1)
        priced = await price(checkout, lock=payment is not None)
        if priced is not None and checkout.shipping_method is not None:
            checkout, priced = await _quoted(checkout, priced, asked, must="shipping_method" in changes)
        if payment is not None and not await _carry_over(checkout, payment, priced):
            payment = None
        checkout = await _saved(checkout, priced)
        return view.priced_document(checkout, priced, payment)

    return await db.in_new_transaction(work)


def _shipping_agreed() -> Invalid:
    return Invalid.field(
        "body", "shipping_method", code="shipping_agreed",
        message="How this order is shipped was agreed with the shop: leave shipping_method away.",
    )  # fmt: skip


async def shipping_methods(checkout_id: UUID, caller: Caller) -> dict[str, Any]:
    """Return how this cart can be shipped, with price and the days of delivery. Raises CheckoutNotFound."""
    checkout = await owned(checkout_id, caller)
    today = clock.now().date()
    return {
        "items": [_way(way, checkout.currency, today) for way in await _ways(checkout)],
        "next_cursor": None,
    }


async def owned(checkout_id: UUID, caller: Caller) -> CheckoutRow:
    """Return the caller's checkout. Raises CheckoutNotFound for another's just as for none."""
    checkout = await checkouts.owned(checkout_id, caller)
    if checkout is None:
        raise CheckoutNotFound
    return checkout


async def lock_open(checkout_id: UUID, caller: Caller) -> CheckoutRow:
    """Return the caller's checkout, locked. Raises CheckoutNotFound, CheckoutClosed."""
    checkout = await checkouts.lock_owned(checkout_id, caller)
    if checkout is None:
        raise CheckoutNotFound
    if not checkout.is_open:
        raise CheckoutClosed(checkout.state)
    return checkout


async def _saved(checkout: CheckoutRow, priced: Quote | None) -> CheckoutRow:
    """Write the edit and renew the hold, in one statement where the same is held already; return what is stored."""
    until = held_until(checkout)
    if priced is not None and await extend(checkout, priced, until):
        renewed = replace(checkout, expires_at=until, cart_version=priced.cart.version)
        await checkouts.save_edit(renewed)
        return renewed
    await checkouts.save_edit(checkout)
    if priced is not None and await hold_if_possible(checkout, priced):
        return replace(checkout, expires_at=until, held=priced.stock_lines)
    return checkout


async def _carry_over(checkout: CheckoutRow, payment: PaymentRow, priced: Quote | None) -> bool:
    """Write the edit into the draft order that the open payment is for; False where it no longer fits and ends."""
    if priced is None or priced.missing or not view.pays(payment, priced):
        await supersede(payment)
        return False
    if payment.order_id is not None:
        await registry().get(ORDERS).create(order_draft(checkout, priced))
    try:
        await claiming.adjust(checkout, priced)
    except Conflict:
        await supersede(payment)
        return False
    return True


async def _changes(patch: CheckoutPatch) -> dict[str, Any]:
    """Return the columns that change, addresses as their countries write them. Raises Invalid."""
    given = patch.model_dump(mode="json", exclude={"steps"})
    changes = {name: given[name] for name in patch.model_fields_set if name in given}
    for name in ("shipping_address", "billing_address"):
        if name in changes:
            changes[name] = await stepping.normal_address(changes[name], name)
    return changes


async def _ways(checkout: CheckoutRow) -> list[Way]:
    """Return the ways to ship the checkout's cart; none for an empty cart and for what is not shipped."""
    priced = await price(checkout)
    if priced is None or not shipped(priced.cart):
        return []
    own = own_ways(checkout, priced.cart, await rules_of(checkout.rules))
    return [*own, *await asked_ways(checkout, priced.cart)]


async def _asked(checkout_id: UUID, caller: Caller, changes: Mapping[str, Any]) -> list[Way]:
    """Return what other modules offer for the checkout as it will be, before the transaction of the edit."""
    if not registry().all(SHIPPING_PROVIDERS) or changes["shipping_method"] is None:
        return []
    checkout = replace(await owned(checkout_id, caller), **changes)
    priced = await price(checkout)
    return await asked_ways(checkout, priced.cart) if priced is not None else []


async def _quoted(checkout: CheckoutRow, priced: Quote, asked: list[Way], *, must: bool) -> tuple[CheckoutRow, Quote]:
    """Return the checkout with the price of its way kept, and what it costs so.

    Raises Invalid where the shopper has just chosen (`must`) a way that is not offered.
    """
    ways = [*own_ways(checkout, priced.cart, await rules_of(checkout.rules)), *asked]
    way = find(checkout.shipping_method or "", ways) if must else priced.shipping
    if way is None and must and shipped(priced.cart):
        choice = ", ".join(one.code for one in ways) or "there is none for this address"
        raise Invalid.field(
            "body", "shipping_method", code="unknown_shipping_method",
            message=f"There is no such shipping method: choose one of {choice}.",
        )  # fmt: skip
    if way is None:
        return checkout, priced
    kept = replace(checkout, shipping_quote=quote(way, checkout, priced.cart))
    return kept, priced if priced.shipping == way else await requote(kept, priced.cart)


def _way(way: Way, currency: str, today: date) -> dict[str, Any]:
    return {
        "code": way.code,
        "label": way.label,
        "price": {"amount": way.amount, "currency": currency},
        "is_pickup": way.is_pickup,
        "min_days": way.min_days,
        "max_days": way.max_days,
        "earliest": _date_in(today, way.min_days),
        "latest": _date_in(today, way.max_days),
    }


def _date_in(today: date, days: int) -> str:
    return (today + timedelta(days=days)).isoformat()
