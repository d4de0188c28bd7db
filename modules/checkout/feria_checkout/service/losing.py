"""Refunds that came to nothing after they were given: a bank could not take the money, so it is the shop's again."""

from __future__ import annotations

from uuid import UUID

import structlog

from feria_checkout.providers import find_provider
from feria_checkout.repository import moves
from feria_checkout.repository.rows import PaymentRow
from feria_core import db
from feria_core.contracts.payments import PaymentRefundFailed
from feria_core.events import publish
from feria_core.jobs import Later, enqueue

_RETRY_S = 60

log = structlog.get_logger("feria.checkout")


async def follow(payment: PaymentRow) -> None:
    """Count refunds that the provider has lost as not given, and tell orders and staff, once for each.

    Raises ProviderUnavailable, and Later while one of them is still being given here.
    """
    provider = find_provider(payment.provider)
    if provider is None or payment.reference is None or payment.order_id is None:
        return
    for refund_id, reason in (await provider.lost_refunds(payment.reference)).items():
        await _lose(payment.id, refund_id, reason)


async def _lose(payment_id: UUID, refund_id: UUID, reason: str) -> None:
    async def work() -> None:
        await moves.paid_order(payment_id, lock=True)
        move = await moves.get("refund", refund_id)
        if move is None or move.payment_id != payment_id:
            return
        if move.state == "pending":
            raise Later(_RETRY_S, f"refund {refund_id} is still being given")
        if not await moves.lose_refund(move.id, failure=reason):
            return
        await moves.take_back(payment_id, move.amount.amount)
        log.error("payment.refund_lost", payment_id=str(payment_id), refund_id=str(refund_id), reason=reason)
        await publish(PaymentRefundFailed(refund_id=move.id, order_id=move.order_id, reason=reason))
        amount = f"{move.amount.amount} {move.amount.currency} (minor units)"
        sentence = f"the refund of {amount} for order {move.order_id} failed after it was given: {reason}"
        await enqueue("checkout.alert", payment_id=str(payment_id), sentence=sentence)

    await db.in_new_transaction(work)
