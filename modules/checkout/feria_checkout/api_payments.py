"""Paying and completing over HTTP, and the webhooks of payment providers."""

from __future__ import annotations

from typing import Any

from quart import request

from feria_checkout.api import caller, found, known_id
from feria_checkout.schemas import Completion, NewPayment, PaymentOut, PlacedOrder, ProviderOut, WebhookTaken
from feria_checkout.service import completing, paying, webhooks
from feria_core.cache import Cached
from feria_core.http import PUBLIC, ApiBlueprint, Page
from feria_core.http.bodies import read_body

# Events of Stripe and PayPal are some kilobytes; what is larger is none.
MAX_WEBHOOK_BYTES = 256 * 1024

blueprint = ApiBlueprint("payments", __name__)


@blueprint.endpoint(
    "GET", "/api/payment-providers", access=PUBLIC, returns=Page[ProviderOut], cached=Cached(max_age_s=60)
)
async def list_payment_providers() -> dict[str, Any]:
    """The enabled ways to pay."""
    return paying.providers()


@blueprint.endpoint(
    "POST", "/api/checkouts/<checkout_id>/payments", access=PUBLIC, body=NewPayment, returns=PaymentOut, status=201,
    idempotent=True,
)  # fmt: skip
async def open_payment(checkout_id: str, body: NewPayment) -> dict[str, Any]:
    """Open a payment of the present total; answers what the frontend needs to let the shopper pay."""
    return await found(lambda: paying.open_payment(known_id(checkout_id), caller(), body.provider))


@blueprint.endpoint(
    "POST", "/api/checkouts/<checkout_id>/complete", access=PUBLIC, body=Completion, returns=PlacedOrder, status=201,
    idempotent=True,
)  # fmt: skip
async def complete_checkout(checkout_id: str, body: Completion) -> bytes:
    """Make the order; a completed checkout answers with its order again. A guest's carries a `token`."""
    expected = body.expected_total.to_money()
    return await found(lambda: completing.complete(known_id(checkout_id), caller(), expected))


@blueprint.endpoint("POST", "/api/payments/stripe/webhook", access=PUBLIC, returns=WebhookTaken)
async def stripe_webhook() -> WebhookTaken:
    """Take an event of Stripe: 200 only once it is stored, 400 for what Stripe did not sign just now."""
    body = await read_body(request, MAX_WEBHOOK_BYTES)
    await webhooks.receive("stripe", body, dict(request.headers))
    return WebhookTaken()


@blueprint.endpoint("POST", "/api/payments/paypal/webhook", access=PUBLIC, returns=WebhookTaken)
async def paypal_webhook() -> WebhookTaken:
    """Take an event of PayPal: 200 only once it is stored, 400 for what PayPal does not confirm, 503 in its absence."""
    body = await read_body(request, MAX_WEBHOOK_BYTES)
    await webhooks.receive("paypal", body, dict(request.headers))
    return WebhookTaken()
