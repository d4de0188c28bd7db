"""Moving the money of placed orders at its provider: captures, refunds, and letting go, each by a job.

The provider is asked outside of any transaction, under the move's own id, and its answer is counted once.
"""

from __future__ import annotations

from uuid import UUID

import structlog

from feria_checkout.providers import find_provider
from feria_checkout.repository import moves
from feria_checkout.repository.moves import Move, PaidOrder
from feria_core.contracts.money import Money
from feria_core.contracts.orders import ORDERS
from feria_core.contracts.payments import (
    PaymentDeclined,
    PaymentProvider,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentReport,
    PaymentState,
    ProviderUnavailable,
)
from feria_core.events import publish
from feria_core.jobs import Dead, JobContext, Later, enqueue
from feria_core.runtime import registry

_RETRY_S = 60
_NEXT_S = 5

log = structlog.get_logger("feria.checkout")


async def refund(refund_id: UUID, ctx: JobContext) -> None:
    """Give back one refund and announce it, or announce that the provider refuses; tried until it answers."""
    move = await moves.get("refund", refund_id)
    if move is None or move.state != "pending":
        return
    paid, provider, reference = await _at_provider(move.payment_id)
    try:
        await provider.refund(reference, refund_id=move.id, amount=move.amount)
    except ProviderUnavailable as silence:
        raise Later(_RETRY_S, str(silence)) from silence
    except PaymentDeclined as refusal:
        await _refund_refused(move, paid, str(refusal), ctx)
        return
    async with ctx.effect():
        await moves.paid_order(move.payment_id, lock=True)
        if await moves.finish("refund", move.id, state="succeeded"):
            await moves.settle_refund(move.payment_id, move.amount.amount, is_given=True)
            await publish(
                PaymentRefunded(
                    refund_id=move.id,
                    order_id=move.order_id,
                    amount=move.amount.amount,
                    currency=move.amount.currency,
                )
            )


async def capture(capture_id: UUID, ctx: JobContext) -> None:
    """Take one capture; those of one payment are taken one after the other, the oldest first."""
    move = await moves.get("capture", capture_id)
    if move is None or move.state != "pending":
        return
    if await moves.first_pending_capture(move.payment_id) != move.id:
        raise Later(_NEXT_S, "an earlier capture of this payment is not done yet")
    paid, provider, reference = await _at_provider(move.payment_id)
    try:
        report = await provider.report(reference)
        if not _is_taken(report, paid, move):
            report = await provider.capture(
                reference,
                payment_id=paid.payment_id,
                amount=move.amount,
                capture_id=move.id,
                is_final=paid.authorized == 0 and paid.capturing == move.amount.amount,
            )
    except ProviderUnavailable as silence:
        raise Later(_RETRY_S, str(silence)) from silence
    except PaymentDeclined as refusal:
        await _capture_refused(move, str(refusal), ctx)
        return
    if not _is_taken(report, paid, move):
        await _capture_refused(move, report.reason or f"the payment is {report.state}", ctx)
        return
    await _count_capture(move, report, ctx)


async def release(payment_id: UUID) -> None:
    """Let go at its provider of what was reserved and never taken. Raises Later without an answer."""
    paid = await moves.paid_order(payment_id)
    if paid is None or paid.authorized:
        return
    if paid.capturing:
        raise Later(_NEXT_S, "a capture of this payment is not done yet")
    _, provider, reference = await _at_provider(payment_id)
    try:
        report = await provider.void(reference, payment_id=payment_id)
    except ProviderUnavailable as silence:
        raise Later(_RETRY_S, str(silence)) from silence
    if report.state is PaymentState.CAPTURED and not paid.captured:
        raise Dead(
            f"payment {payment_id} of order {paid.order_id} was to be let go, but its money was taken: refund it"
        )


async def note_paid(order_id: UUID, ctx: JobContext) -> None:
    """Tell orders that all the money of an order is here; the payment's row is not locked meanwhile."""
    async with ctx.effect():
        await registry().get(ORDERS).mark_paid(order_id)


def _is_taken(report: PaymentReport, paid: PaidOrder, move: Move) -> bool:
    """Return whether the provider has taken this capture too, those before it counted."""
    taken = report.taken
    return taken is not None and taken.amount >= paid.captured + move.amount.amount


async def _count_capture(move: Move, report: PaymentReport, ctx: JobContext) -> None:
    async with ctx.effect():
        await moves.paid_order(move.payment_id, lock=True)
        if not await moves.finish("capture", move.id, state="succeeded"):
            return
        await moves.settle_capture(move.payment_id, move.amount.amount, is_taken=True)
        if report.state is PaymentState.CAPTURED and await moves.let_go(move.payment_id):
            # The provider takes money of this payment once: the rest of the reservation is gone.
            log.warning("payment.rest_released", payment_id=str(move.payment_id))
        if await _is_all_taken(move.payment_id):
            await enqueue("checkout.note_paid", order_id=str(move.order_id))


async def _is_all_taken(payment_id: UUID) -> bool:
    await moves.mark_captured(payment_id)
    now = await moves.paid_order(payment_id)
    return now is not None and now.state == "captured" and not now.capturing


async def _capture_refused(move: Move, reason: str, ctx: JobContext) -> None:
    log.error("payment.capture_refused", payment_id=str(move.payment_id), reason=reason)
    async with ctx.effect():
        await moves.paid_order(move.payment_id, lock=True)
        if await moves.finish("capture", move.id, state="failed", failure=reason):
            await moves.settle_capture(move.payment_id, move.amount.amount, is_taken=False)
            sentence = f"the capture of {_text(move.amount)} for order {move.order_id} was refused: {reason}"
            await enqueue("checkout.alert", payment_id=str(move.payment_id), sentence=sentence)


async def _refund_refused(move: Move, paid: PaidOrder, reason: str, ctx: JobContext) -> None:
    log.error("payment.refund_refused", payment_id=str(paid.payment_id), reason=reason)
    async with ctx.effect():
        await moves.paid_order(move.payment_id, lock=True)
        if await moves.finish("refund", move.id, state="failed", failure=reason):
            await moves.settle_refund(move.payment_id, move.amount.amount, is_given=False)
            await publish(PaymentRefundFailed(refund_id=move.id, order_id=move.order_id, reason=reason))
            sentence = f"the refund of {_text(move.amount)} for order {move.order_id} was refused: {reason}"
            await enqueue("checkout.alert", payment_id=str(paid.payment_id), sentence=sentence)


async def _at_provider(payment_id: UUID) -> tuple[PaidOrder, PaymentProvider, str]:
    """Return the payment with its provider and reference. Raises Dead where one of them is not known here."""
    paid = await moves.paid_order(payment_id)
    if paid is None:
        raise Dead(f"payment {payment_id} belongs to no placed order")
    provider = find_provider(paid.provider)
    if provider is None:
        raise Dead(f"payment {payment_id} belongs to '{paid.provider}', which is not enabled: enable it and retry")
    if paid.reference is None and not provider.is_immediate:
        raise Dead(f"payment {payment_id} has no reference at '{paid.provider}'")
    return paid, provider, paid.reference or f"{paid.provider}:{payment_id}"


def _text(amount: Money) -> str:
    return f"{amount.amount} {amount.currency} (minor units)"
