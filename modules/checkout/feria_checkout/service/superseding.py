"""Giving up a payment that no longer fits its checkout."""

from __future__ import annotations

from feria_checkout.providers import find_provider
from feria_checkout.repository import checkouts, payments
from feria_checkout.repository.rows import PaymentRow
from feria_checkout.service import claiming
from feria_core.jobs import enqueue


async def supersede(payment: PaymentRow, *, keep_claims: bool = False) -> bool:
    """Make a pending payment no longer count, and have it voided at its provider, in the caller's transaction.

    Its discounts are given back, unless they are claimed for the next payment already (`keep_claims`). Money that
    it captures all the same goes back by itself. False where the payment was settled meanwhile.
    """
    if not await payments.move(payment.id, to="superseded", only_from=("pending",)):
        return False
    await checkouts.reopen(payment.checkout_id)
    if not keep_claims:
        await claiming.release(payment.checkout_id)
    provider = find_provider(payment.provider)
    if provider is None or not provider.is_immediate:
        await enqueue("checkout.void_payment", payment_id=str(payment.id))
    return True
