"""Disputes: money that a shopper asks back through the bank. Staff are told; what to answer is theirs to say."""

from __future__ import annotations

import structlog

from feria_checkout.repository import payments, webhooks
from feria_checkout.settings import CheckoutSettings
from feria_core import mail
from feria_core.contracts.payments import PaymentDisputed, WebhookNote
from feria_core.events import publish
from feria_core.jobs import enqueue
from feria_core.runtime import settings

log = structlog.get_logger("feria.checkout")


async def tell(provider_name: str, note: WebhookNote) -> None:
    """Announce the dispute in the caller's transaction: an event, a dead letter, a mail where an address is set."""
    assert note.dispute is not None  # noqa: S101 - asked by the caller
    payment = await payments.find(provider_name, note.reference) if note.reference else None
    order_id = payment.order_id if payment else None
    log.error("payment.disputed", provider=provider_name, dispute=note.dispute, kind=note.kind, order_id=str(order_id))
    await webhooks.mark_handled(provider_name, note.event_id)
    await publish(PaymentDisputed(provider=provider_name, dispute=note.dispute, order_id=order_id))
    sentence = f"{note.kind}: dispute {note.dispute} about order {order_id}, answer it at {provider_name}"
    await enqueue("checkout.alert", payment_id=str(payment.id if payment else None), sentence=sentence)
    address = settings(CheckoutSettings).alert_email
    if address is not None:
        context = {"provider": provider_name, "dispute": note.dispute, "kind": note.kind, "order_id": str(order_id)}
        await mail.send("checkout/payment_disputed", to=address, context=context, locale="en")
