"""Webhooks: stored with the job that acts on them before they are answered; acted on by asking the provider."""

from __future__ import annotations

import inspect
from collections.abc import Mapping

import structlog

from feria_checkout.errors import PaymentPending, WebhookRefused
from feria_checkout.providers import find_provider
from feria_checkout.repository import payments, webhooks
from feria_checkout.repository.rows import PaymentRow
from feria_checkout.service import disputing, losing
from feria_checkout.service.settling import ask
from feria_core import db
from feria_core.contracts.payments import InvalidWebhook, PaymentState, ProviderUnavailable
from feria_core.jobs import Dead, JobContext, Later, enqueue

_RETRY_S = 30

log = structlog.get_logger("feria.checkout")


async def receive(provider_name: str, body: bytes, headers: Mapping[str, str]) -> bool:
    """Store the event of a webhook together with the job that handles it; False where it was stored before.

    Raises WebhookRefused for whatever the provider did not sign just now, PaymentPending where it has to be asked
    about that and does not answer: it sends the webhook again.
    """
    provider = find_provider(provider_name)
    if provider is None:
        raise WebhookRefused(f"The provider '{provider_name}' is not enabled here: nobody can check its signature.")
    try:
        parsed = provider.parse_webhook(body, headers)
        note = await parsed if inspect.isawaitable(parsed) else parsed
    except ProviderUnavailable as silence:
        raise PaymentPending(provider_name) from silence
    except InvalidWebhook as error:
        log.warning("webhook.refused", provider=provider_name, reason=str(error))
        raise WebhookRefused("The webhook was refused: its signature, its age or its content is not right.") from error
    async with db.transaction():
        is_new = await webhooks.insert(provider_name, note)
        if is_new and note.dispute is not None:
            await disputing.tell(provider_name, note)
        elif is_new and note.reference is not None:
            await enqueue("checkout.handle_webhook", provider=provider_name, event_id=note.event_id)
    log.info("webhook.stored", provider=provider_name, event_id=note.event_id, kind=note.kind, is_new=is_new)
    return is_new


async def handle(provider_name: str, event_id: str, ctx: JobContext) -> None:
    """Ask the provider about the payment of a stored event. What the event itself says is never acted on."""
    event = await webhooks.unhandled(provider_name, event_id)
    if event is None:
        return
    reference, kind = event
    try:
        payment = await payments.find(provider_name, reference) or await _adopt(provider_name, reference)
        if payment is not None:
            await ask(payment)
            if "refund" in kind:
                await losing.follow(payment)
    except (PaymentPending, ProviderUnavailable) as silence:
        raise Later(_RETRY_S, str(silence)) from silence
    async with ctx.effect():
        await webhooks.mark_handled(provider_name, event_id)


async def _adopt(provider_name: str, reference: str) -> PaymentRow | None:
    """Return our payment behind a reference that is not stored: the process died before its answer came.

    None where the payment is not ours: others may use the same account. Raises Dead where it names a checkout of
    ours without being one of our payments.
    """
    provider = find_provider(provider_name)
    if provider is None:
        raise Dead(f"the event is about '{provider_name}', which is not enabled any more: enable it and retry")
    report = await provider.report(reference)
    payment = await payments.get(report.payment_id) if report.payment_id else None
    if payment is not None and payment.provider == provider_name and payment.checkout_id == report.checkout_id:
        if await payments.save_reference(payment.id, reference):
            return await payments.get(payment.id)
        if payment.reference is not None and (await provider.report(payment.reference)).alias == reference:
            return payment
        raise Dead(f"payment {payment.id} is '{payment.reference}' at {provider_name}, and now also '{reference}'")
    if report.checkout_id is not None and report.state is PaymentState.CAPTURED:
        raise Dead(
            f"{provider_name} captured '{reference}' for checkout {report.checkout_id}, which did not ask for it"
        )
    return None
