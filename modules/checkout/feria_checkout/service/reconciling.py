"""What nobody waits for: asking about payments left open, and ending checkouts whose time is over."""

from __future__ import annotations

from uuid import UUID

import structlog

from feria_checkout.errors import PaymentPending
from feria_checkout.providers import immediate_names
from feria_checkout.repository import checkouts, payments
from feria_checkout.service.ending import end
from feria_checkout.service.refunding import provider_of
from feria_checkout.service.settling import ask, void
from feria_checkout.settings import CheckoutSettings
from feria_core import clock, db
from feria_core.jobs import Later, enqueue
from feria_core.runtime import settings

_BATCH = 200
_RETRY_S = 60

log = structlog.get_logger("feria.checkout")


async def reconcile() -> int:
    """Queue a question for each payment that has been pending for long; return how many."""
    async with db.transaction():
        due = await payments.take_unsettled(
            older_than_s=settings(CheckoutSettings).reconcile_after_s, besides=immediate_names(), limit=_BATCH
        )
        for payment_id in due:
            await enqueue("checkout.settle_payment", payment_id=str(payment_id))
    return len(due)


async def settle(payment_id: UUID) -> None:
    """Ask about one payment and act on the answer; without an answer the next round asks again."""
    payment = await payments.get(payment_id)
    if payment is None or payment.state != "pending":
        return
    try:
        await ask(payment)
    except PaymentPending:
        log.warning("payment.still_unknown", payment_id=str(payment_id), provider=payment.provider)


async def void_payment(payment_id: UUID) -> None:
    """Give up at its provider a payment that no longer counts. Raises Later without an answer."""
    payment = await payments.get(payment_id)
    if payment is None or payment.state not in {"pending", "superseded"}:
        return
    provider_of(payment)
    try:
        settled = await void(payment)
    except PaymentPending as silence:
        raise Later(_RETRY_S, str(silence)) from silence
    if isinstance(settled.refusal, PaymentPending):
        raise Later(_RETRY_S, "the provider is still at it and cannot be stopped")


async def expire() -> int:
    """End the open checkouts whose time is over, their stock given back; return how many."""
    ended = 0
    while due := await checkouts.due_to_expire(_BATCH):
        for checkout_id in due:
            ended += await db.in_new_transaction(lambda i=checkout_id: _expire_one(i))  # type: ignore[misc]
        if len(due) < _BATCH:
            break
    return ended


async def _expire_one(checkout_id: UUID) -> int:
    """End one checkout, unless its shopper came back."""
    checkout = await checkouts.lock(checkout_id)
    if checkout is None or not checkout.is_open or checkout.expires_at > clock.now():
        return 0
    await end(checkout)
    return 1
