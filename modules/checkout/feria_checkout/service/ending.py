"""Ending an open checkout: its stock goes back, a payment left open is given up."""

from __future__ import annotations

from feria_checkout.providers import immediate_names
from feria_checkout.repository import checkouts, payments
from feria_checkout.repository.rows import CheckoutRow
from feria_checkout.service import claiming
from feria_core.contracts.catalog import CATALOG
from feria_core.contracts.orders import ORDERS
from feria_core.jobs import enqueue
from feria_core.runtime import registry


async def end(checkout: CheckoutRow) -> None:
    """End the locked, open checkout in the caller's transaction. A payment left open is voided, and decides about
    the draft.
    """
    payment = await payments.live_of(checkout.id, lock=True)
    await claiming.release(checkout.id)
    await registry().get(CATALOG).release_hold(checkout.id)
    await checkouts.close(checkout.id, state="expired")
    if payment is not None and payment.provider not in immediate_names():
        await enqueue("checkout.void_payment", payment_id=str(payment.id))
        return
    if payment is not None:
        await payments.move(payment.id, to="cancelled", only_from=("pending",))
    if checkout.order_id is not None:
        await registry().get(ORDERS).discard(checkout.order_id)
        await checkouts.forget_order(checkout.id)
