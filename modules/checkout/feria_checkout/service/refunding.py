"""Giving back money that cannot become an order: owed in the transaction that finds out, paid by a job."""

from __future__ import annotations

from uuid import UUID

import structlog

from feria_checkout.errors import PaymentReturned
from feria_checkout.providers import find_provider
from feria_checkout.repository import checkouts, payments
from feria_checkout.repository.rows import CheckoutRow, PaymentRow
from feria_checkout.service import claiming
from feria_core import mail
from feria_core.contracts.catalog import CATALOG, OutOfStock
from feria_core.contracts.orders import ORDERS
from feria_core.contracts.payments import PaymentDeclined, PaymentProvider, PaymentState, ProviderUnavailable
from feria_core.errors import FeriaError
from feria_core.jobs import Dead, JobContext, Later, enqueue
from feria_core.money import format_money
from feria_core.runtime import registry

_REFUNDABLE = ("pending", "failed", "cancelled", "superseded")
_RETRY_S = 60
_REFUNDED = "it is refunded automatically, find out how it came about"

log = structlog.get_logger("feria.checkout")


async def owe_refund(
    checkout: CheckoutRow,
    payment: PaymentRow,
    reason: str | None,
    *,
    shortage: OutOfStock | None = None,
    alert: bool = False,
) -> FeriaError:
    """Note in the caller's transaction that the payment goes back; return what its shopper is told.

    Without a `reason` it was noted before. With `alert` a dead letter tells staff, since that should not happen.
    """
    if reason is not None and await payments.move(payment.id, to="refund_due", only_from=_REFUNDABLE, failure=reason):
        log.error("payment.refund_due", payment_id=str(payment.id), checkout_id=str(checkout.id), reason=reason)
        await enqueue("checkout.refund_payment", payment_id=str(payment.id))
        if alert:
            await enqueue("checkout.alert", payment_id=str(payment.id), sentence=f"{reason}; {_REFUNDED}")
        if payment.state == "pending":
            await _drop_order(checkout)
    return _told(payment, shortage)


async def refund(payment_id: UUID, ctx: JobContext) -> None:
    """Give back what the provider has captured, and tell the shopper; part of a job that is tried until it works."""
    payment = await payments.get(payment_id)
    if payment is None or payment.state != "refund_due":
        return
    provider = provider_of(payment)
    if payment.reference is None:
        raise Dead(f"payment {payment_id} is to be refunded, but has no reference at '{payment.provider}'")
    try:
        report = await provider.report(payment.reference)
        if report.state is PaymentState.AUTHORIZED:
            await provider.void(payment.reference, payment_id=payment.id)  # only reserved: it is let go
        elif report.state is PaymentState.CAPTURED:
            await provider.refund(payment.reference, refund_id=payment.id, amount=report.amount)
    except ProviderUnavailable as silence:
        raise Later(_RETRY_S, str(silence)) from silence
    except PaymentDeclined as refusal:
        raise Dead(f"'{payment.provider}' refuses to refund payment {payment_id}: {refusal}") from refusal
    async with ctx.effect():
        checkout = await checkouts.lock(payment.checkout_id)
        if await payments.move(payment_id, to="refunded", only_from=("refund_due",)) and checkout is not None:
            await _tell(checkout, report.amount.amount, report.amount.currency)


def provider_of(payment: PaymentRow) -> PaymentProvider:
    """Return the payment's provider. Raises Dead where it is not enabled here any more."""
    provider = find_provider(payment.provider)
    if provider is None:
        raise Dead(f"payment {payment.id} belongs to '{payment.provider}', which is not enabled: enable it and retry")
    return provider


async def _drop_order(checkout: CheckoutRow) -> None:
    """Give stock and draft back; the shopper may begin again in the same checkout."""
    await claiming.release(checkout.id)
    await registry().get(CATALOG).release_hold(checkout.id)
    if checkout.order_id is not None and checkout.state != "completed":
        await registry().get(ORDERS).discard(checkout.order_id)
        await checkouts.forget_order(checkout.id)
    await checkouts.reopen(checkout.id)


def _told(payment: PaymentRow, shortage: OutOfStock | None) -> FeriaError:
    members = {"refunded": {"amount": payment.amount.amount, "currency": payment.amount.currency}}
    if shortage is not None:
        shortage.members.update(members)
        return shortage
    amount = format_money(payment.amount)
    return PaymentReturned(f"{amount} could not become an order and goes back to you: pay again to order.", members)


async def _tell(checkout: CheckoutRow, amount: int, currency: str) -> None:
    if checkout.email is None:
        return
    context = {"amount": {"amount": amount, "currency": currency}}
    await mail.send("checkout/payment_refunded", to=checkout.email, context=context, locale=checkout.locale)
