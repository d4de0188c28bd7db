"""Completing a checkout: prepare (A), ask the provider (B), finalise (C).

A and C are transactions of their own, B stands between them, and each can be repeated: after a crash at any
point the shopper, the webhook or the reconciler goes on where it stopped. A payment that needs no answer from
outside has no B, so A and C are one transaction.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

from feria_checkout.errors import CartEmpty, CheckoutClosed, CheckoutIncomplete, CheckoutNotFound, PaymentFailed
from feria_checkout.providers import find_provider
from feria_checkout.repository import checkouts, payments
from feria_checkout.repository.checkouts import Caller
from feria_checkout.repository.rows import CheckoutRow, PaymentRow
from feria_checkout.service import claiming, view
from feria_checkout.service.finalising import place_immediately
from feria_checkout.service.holding import prolong, sellable
from feria_checkout.service.pricing import price
from feria_checkout.service.settling import ask
from feria_checkout.service.superseding import supersede
from feria_core import db
from feria_core.contracts.money import Money
from feria_core.contracts.orders import ORDERS
from feria_core.errors import FeriaError
from feria_core.http.request import locale
from feria_core.runtime import registry


@dataclass(frozen=True)
class Step:
    """How far a transaction has come: an order, a payment to ask about, or a refusal that was worth committing."""

    order_id: UUID | None = None
    payment: PaymentRow | None = None
    refusal: FeriaError | None = None
    is_guest: bool = True
    document: bytes | None = None


async def complete(checkout_id: UUID, caller: Caller, expected: Money) -> bytes:
    """Return the placed order as JSON, with a token where a guest has bought.

    A completed checkout answers with its order again, whatever the key. Raises CheckoutNotFound,
    CheckoutClosed, CartEmpty, CheckoutIncomplete, CartChanged with the present totals, OutOfStock,
    PaymentFailed, PaymentPending where the provider does not answer, PaymentReturned.
    """
    step = await db.in_new_transaction(lambda: _prepare(checkout_id, caller, expected))
    if step.payment is not None:
        settled = await _settle(checkout_id, caller, expected, step.payment)
        step = replace(settled, is_guest=step.is_guest)
    if step.order_id is None:
        raise step.refusal or CheckoutClosed("expired")
    return step.document or await registry().get(ORDERS).document(step.order_id, guest_token=step.is_guest)


async def _prepare(checkout_id: UUID, caller: Caller, expected: Money) -> Step:
    """Phase A, and C where nobody outside has to be asked."""
    checkout = await checkouts.lock_owned(checkout_id, caller)
    if checkout is None:
        raise CheckoutNotFound
    return replace(await _first_step(checkout, expected), is_guest=checkout.customer_id is None)


async def _first_step(checkout: CheckoutRow, expected: Money) -> Step:
    if checkout.state == "completed":
        return Step(order_id=checkout.order_id)
    payment = await payments.live_of(checkout.id, lock=True) if checkout.has_payment else None
    if payment is not None and _is_asked_about(payment):
        return await _before_asking(checkout, payment, expected)
    if not checkout.is_open:
        raise CheckoutClosed(checkout.state)
    return await _at_once(checkout, payment, expected)


async def _at_once(checkout: CheckoutRow, payment: PaymentRow | None, expected: Money) -> Step:
    """Prepare and place the order of a payment on the shopper's word, in one transaction."""
    priced = await sellable(checkout)
    if priced.missing or payment is None:
        raise CheckoutIncomplete([*priced.missing, *([] if payment else ["payment"])])
    if priced.grand_total != expected:
        raise view.cart_changed(expected, priced, locale())
    placed = await place_immediately(checkout, payment, priced)
    return Step(order_id=placed.id, document=placed.document)


async def _before_asking(checkout: CheckoutRow, payment: PaymentRow, expected: Money) -> Step:
    """Let the provider be asked where the payment is what the shopper agreed to; its order is drafted already.

    The cart is not priced again: what was paid at an agreed price is sold at that price, unless its discounts
    went back after an earlier attempt that failed, and others have used them up since.
    """
    if payment.amount == expected and await claiming.renew(checkout.id):
        await checkouts.mark_completing(checkout.id)
        await prolong(checkout)
        return Step(payment=payment)
    if not checkout.is_open:
        raise CheckoutClosed(checkout.state)
    priced = await price(checkout, lock=True)
    if priced is None:
        raise CartEmpty
    if not view.pays(payment, priced):
        await supersede(payment)
    if priced.grand_total == expected:
        return Step(refusal=CheckoutIncomplete(["payment"]))
    return Step(refusal=view.cart_changed(expected, priced, locale()))


async def _settle(checkout_id: UUID, caller: Caller, expected: Money, payment: PaymentRow) -> Step:
    """Phases B and C: ask the provider, make the order where the money is there."""
    settled = await ask(payment)
    if settled.order_id is not None or not isinstance(settled.refusal, PaymentFailed):
        return Step(order_id=settled.order_id, refusal=settled.refusal)
    refusal = settled.refusal
    return await db.in_new_transaction(lambda: _unpaid(checkout_id, caller, expected, refusal))


async def _unpaid(checkout_id: UUID, caller: Caller, expected: Money, refusal: PaymentFailed) -> Step:
    """Let the shopper try again; a payment that no longer fits its cart is given up, so that nobody pays it."""
    checkout = await checkouts.lock_owned(checkout_id, caller)
    if checkout is None or checkout.state == "completed":
        # The webhook was faster: the money came while its answer was on the way to us.
        return Step(order_id=checkout.order_id if checkout else None, refusal=refusal)
    if not checkout.is_open:
        raise CheckoutClosed(checkout.state)
    await checkouts.reopen(checkout.id)
    payment = await payments.live_of(checkout.id, lock=True)
    priced = await price(checkout, lock=True)
    if priced is not None and payment is not None and not view.pays(payment, priced):
        await supersede(payment)
        return Step(refusal=view.cart_changed(expected, priced, locale()))
    return Step(refusal=refusal)


def _is_asked_about(payment: PaymentRow) -> bool:
    provider = find_provider(payment.provider)
    return provider is None or not provider.is_immediate
