"""Phase B of a completion: asking the provider, outside of any transaction, and applying what it says."""

from __future__ import annotations

from uuid import UUID

import structlog

from feria_checkout.errors import PaymentFailed, PaymentPending
from feria_checkout.providers import find_provider
from feria_checkout.repository import checkouts, moves, payments
from feria_checkout.repository.rows import PaymentRow
from feria_checkout.service import claiming
from feria_checkout.service.finalising import Settled, finalise
from feria_checkout.service.paying import open_session
from feria_core import db
from feria_core.contracts.catalog import CATALOG
from feria_core.contracts.orders import ORDERS
from feria_core.contracts.payments import (
    PaymentDeclined,
    PaymentProvider,
    PaymentReport,
    PaymentState,
    ProviderUnavailable,
)
from feria_core.jobs import enqueue
from feria_core.runtime import registry

log = structlog.get_logger("feria.checkout")

_AGREED = {PaymentState.APPROVED, PaymentState.AUTHORIZED}
_FINAL = {"authorized", "captured", "released", "refund_due", "refunded"}


async def ask(payment: PaymentRow) -> Settled:
    """Ask the provider where the payment is, and act on it; safe to repeat at any time, by anybody.

    Raises PaymentPending where the provider does not answer: nothing has changed then.
    """
    provider = find_provider(payment.provider)
    if provider is None:
        raise PaymentPending(payment.provider)
    try:
        report = await _report(provider, payment)
    except PaymentFailed as refusal:
        return Settled(refusal=refusal)
    except ProviderUnavailable as silence:
        log.warning("payment.provider_unavailable", provider=provider.name, payment_id=str(payment.id))
        raise PaymentPending(provider.name) from silence
    return await apply(payment, report)


async def void(payment: PaymentRow) -> Settled:
    """Give the payment up at its provider; money that was captured all the same is dealt with.

    Raises PaymentPending where the provider does not answer.
    """
    provider = find_provider(payment.provider)
    if provider is None:
        raise PaymentPending(payment.provider)
    try:
        reference = await _reference(provider, payment)
        report = await provider.void(reference, payment_id=payment.id)
    except PaymentFailed as refusal:
        await cancel(payment.id)  # the provider never took it, so there is nothing to give up
        return Settled(refusal=refusal)
    except ProviderUnavailable as silence:
        raise PaymentPending(provider.name) from silence
    return await apply(payment, report)


async def apply(payment: PaymentRow, report: PaymentReport) -> Settled:
    """Act on what the provider says of the payment."""
    if report.alias is not None and payment.alias is None:
        await payments.save_alias(payment.id, report.alias)  # whoever is told of the money by that name finds it
    if payment.state == "authorized" and report.state is PaymentState.CANCELLED:
        await note_lapsed(payment)
    is_held = report.state is PaymentState.AUTHORIZED and payment.is_deferred and payment.state == "pending"
    if report.state is PaymentState.CAPTURED or is_held or payment.state in _FINAL:
        return await finalise(payment.id, report)
    if report.state is PaymentState.CANCELLED:
        await cancel(payment.id)
        return Settled(refusal=PaymentFailed("The payment was cancelled: open a new one."))
    if report.state is PaymentState.FAILED:
        reason = report.reason or "The payment was declined."
        await _note_failure(payment.id, reason)
        return Settled(refusal=PaymentFailed(f"{reason} Try again, or pay in another way."))
    if report.state is PaymentState.PENDING:
        return Settled(refusal=PaymentFailed("The payment is not paid yet: finish it first."))
    if report.state in _AGREED and payment.state != "pending":
        return Settled(refusal=PaymentFailed("The payment was given up: open a new one."))
    return Settled(refusal=PaymentPending(payment.provider))


async def note_lapsed(payment: PaymentRow) -> None:
    """Count money that a provider has ceased to reserve for an order as let go, and tell staff once."""

    async def work() -> None:
        if await moves.let_go(payment.id):
            sentence = f"the money reserved for order {payment.order_id} is no longer reserved: nothing can be captured"
            await enqueue("checkout.alert", payment_id=str(payment.id), sentence=sentence)

    await db.in_new_transaction(work)


async def cancel(payment_id: UUID) -> None:
    """Note that no money will come by this payment; of an expired checkout the draft order goes too."""

    async def work() -> None:
        payment = await payments.get(payment_id)
        checkout = await checkouts.lock(payment.checkout_id) if payment else None
        payment = await payments.get(payment_id)
        if checkout is None or not await payments.move(payment_id, to="cancelled", only_from=("pending", "superseded")):
            return
        await checkouts.reopen(checkout.id)
        if payment is not None and payment.state == "pending":
            await claiming.release(checkout.id)  # of a superseded one the next payment may hold them
        if checkout.state == "expired" and checkout.order_id is not None:
            await registry().get(CATALOG).release_hold(checkout.id)
            await registry().get(ORDERS).discard(checkout.order_id)
            await checkouts.forget_order(checkout.id)

    await db.in_new_transaction(work)


async def _note_failure(payment_id: UUID, reason: str) -> None:
    """Note why the attempt failed and let others have its discounts; the shopper may still pay in another way."""

    async def work() -> None:
        payment = await payments.get(payment_id)
        if payment is None:
            return
        await checkouts.lock(payment.checkout_id)
        await payments.note_failure(payment_id, reason)
        latest = await payments.get(payment_id)
        if latest is not None and latest.state == "pending":
            await claiming.release(payment.checkout_id)

    await db.in_new_transaction(work)


async def _report(provider: PaymentProvider, payment: PaymentRow) -> PaymentReport:
    """Return the provider's report; what the shopper agreed to is reserved, and captured unless that is deferred."""
    reference = await _reference(provider, payment)
    report = await provider.report(reference)
    if payment.state != "pending" or report.state not in _AGREED:
        return report
    try:
        if report.state is PaymentState.APPROVED:
            report = await provider.reserve(reference, payment_id=payment.id, amount=payment.amount)
        if payment.is_deferred or report.state is not PaymentState.AUTHORIZED:
            return report
        return await provider.capture(reference, payment_id=payment.id, amount=payment.amount)
    except PaymentDeclined as refusal:
        return PaymentReport(reference, PaymentState.FAILED, payment.amount, payment.checkout_id, str(refusal))


async def _reference(provider: PaymentProvider, payment: PaymentRow) -> str:
    """Return the provider's name for the payment; one that was lost in a crash is found under the payment's id."""
    if payment.reference is not None:
        return payment.reference
    return (await open_session(provider, payment, email=None)).reference
