"""Opening a payment: the draft order and the payment's row first, the provider after the commit."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import structlog

from feria_checkout.errors import PaymentFailed, PaymentPending
from feria_checkout.providers import find_provider
from feria_checkout.repository import checkouts, payments
from feria_checkout.repository.checkouts import Caller
from feria_checkout.repository.rows import PaymentRow
from feria_checkout.service import claiming, view
from feria_checkout.service.claiming import claim
from feria_checkout.service.editing import lock_open
from feria_checkout.service.holding import hold, payable, write_draft
from feria_checkout.service.superseding import supersede
from feria_checkout.settings import CheckoutSettings
from feria_core import clock, db
from feria_core.contracts.payments import (
    PAYMENT_PROVIDERS,
    PaymentDeclined,
    PaymentProvider,
    PaymentRequest,
    PaymentSession,
    ProviderUnavailable,
)
from feria_core.errors import Invalid
from feria_core.ids import new_id
from feria_core.runtime import core_settings, registry, settings

# Stripe forgets idempotency keys after 24 hours, PayPal after 6, and orders that nobody approved after 3: an older
# payment is not opened again under its own.
REUSABLE_FOR = timedelta(hours=2)

log = structlog.get_logger("feria.checkout")


def providers() -> dict[str, Any]:
    """Return the enabled ways to pay, in the declared order."""
    return {
        "items": [
            {"name": provider.name, "label": provider.label, "is_immediate": provider.is_immediate}
            for provider in registry().all(PAYMENT_PROVIDERS)
        ],
        "next_cursor": None,
    }


async def open_payment(checkout_id: UUID, caller: Caller, provider_name: str) -> dict[str, Any]:
    """Return what the frontend needs to let the shopper pay the checkout as it is priced now.

    Asking again for the same price returns the same payment; for another price or provider the earlier one is
    given up. Raises CheckoutNotFound, CheckoutClosed, CheckoutIncomplete, CartEmpty, CartChanged, OutOfStock,
    PaymentFailed where the provider refuses, PaymentPending where it does not answer.
    """
    provider = _known(provider_name)
    payment, email = await db.in_new_transaction(lambda: _prepare(checkout_id, caller, provider))
    if provider.is_immediate:
        return _answer(payment, {})
    session = await open_session(provider, payment, email=email)
    return _answer(payment, session.client_data)


async def open_session(provider: PaymentProvider, payment: PaymentRow, *, email: str | None) -> PaymentSession:
    """Open the payment at its provider, under its own id, and note the provider's reference.

    Safe to repeat: after a crash in between the provider returns the payment that it opened before.
    """
    request = PaymentRequest(
        payment_id=payment.id,
        checkout_id=payment.checkout_id,
        amount=payment.amount,
        email=email,
        return_url=page_of(payment.checkout_id),
        is_deferred=payment.is_deferred,
    )
    try:
        session = await provider.authorise(request)
    except PaymentDeclined as refusal:
        await fail(payment.id, str(refusal))
        raise PaymentFailed(str(refusal)) from refusal
    except ProviderUnavailable as silence:
        log.warning("payment.provider_unavailable", provider=provider.name, payment_id=str(payment.id))
        raise PaymentPending(provider.name) from silence
    await payments.save_reference(payment.id, session.reference)
    return session


async def fail(payment_id: UUID, reason: str) -> None:
    """Note that the provider refused the payment for good; the checkout is open for another one."""

    async def work() -> None:
        payment = await payments.get(payment_id)
        if payment is None:
            return
        await checkouts.lock(payment.checkout_id)
        if await payments.move(payment_id, to="failed", only_from=("pending",), failure=reason):
            await checkouts.reopen(payment.checkout_id)
            await claiming.release(payment.checkout_id)

    await db.in_new_transaction(work)


async def _prepare(checkout_id: UUID, caller: Caller, provider: PaymentProvider) -> tuple[PaymentRow, str | None]:
    """Return the pending payment of the checkout at its present price, made where there is none that fits."""
    checkout = await lock_open(checkout_id, caller)
    live = await payments.live_of(checkout.id, lock=True) if checkout.has_payment else None
    priced = await payable(checkout)
    order_id = None
    if provider.is_immediate:
        # Its order is written when it is completed, in one transaction; until then only stock and discounts are kept.
        await claim(checkout, priced)
        await hold(checkout, priced)
    else:
        order_id = (await write_draft(checkout, priced)).id
    if live is not None:
        is_young = live.created_at > clock.now() - REUSABLE_FOR
        if live.provider == provider.name and is_young and view.pays(live, priced):
            return live, checkout.email
        await supersede(live, keep_claims=True)
    made = await payments.insert(
        new_id(),
        checkout_id=checkout.id,
        order_id=order_id,
        provider=provider.name,
        amount=priced.grand_total,
        lines=priced.stock_lines,
        is_deferred=settings(CheckoutSettings).capture == "manual" and not provider.is_immediate,
    )
    return made, checkout.email


def _known(name: str) -> PaymentProvider:
    provider = find_provider(name)
    if provider is None:
        known = ", ".join(p.name for p in registry().all(PAYMENT_PROVIDERS)) or "none is enabled"
        raise Invalid.field(
            "body",
            "provider",
            code="unknown_payment_provider",
            message=f"Choose one of the enabled providers: {known}.",
        )
    return provider


def page_of(checkout_id: UUID) -> str:
    """Return the address of the shop's page for the checkout, where providers send shoppers back to."""
    template = settings(CheckoutSettings).return_url
    if template is None:
        template = core_settings().public_url.rstrip("/") + "/checkout/{checkout_id}"
    return template.replace("{checkout_id}", str(checkout_id))


def _answer(payment: PaymentRow, client_data: Any) -> dict[str, Any]:
    return {
        "payment_id": str(payment.id),
        "provider": payment.provider,
        "status": payment.state,
        "amount": {"amount": payment.amount.amount, "currency": payment.amount.currency},
        **client_data,
    }
