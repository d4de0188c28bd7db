"""The JSON objects of Stripe's API as far as a shop reads them (https://docs.stripe.com/api).

Members that the fake has no use for are left out or null; none has another meaning than Stripe's.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from feria_core.testing.gateway.records import CardError, Charge, Event, Intent, Refund, Status

# The version that stripe-python 16.1 is written for.
API_VERSION = "2026-10-28.endive"

# What a browser may see of a payment; the rest is for the secret key alone.
_PUBLIC_MEMBERS = (
    "id",
    "object",
    "amount",
    "automatic_payment_methods",
    "canceled_at",
    "cancellation_reason",
    "capture_method",
    "client_secret",
    "confirmation_method",
    "created",
    "currency",
    "description",
    "last_payment_error",
    "livemode",
    "next_action",
    "payment_method",
    "payment_method_types",
    "receipt_email",
    "status",
)


def intent_object(intent: Intent, *, base_url: str) -> dict[str, Any]:
    """Return a PaymentIntent; `base_url` is where the shopper authenticates when asked to."""
    return {
        "id": intent.id,
        "object": "payment_intent",
        "amount": intent.amount,
        "amount_capturable": intent.capturable,
        "amount_received": intent.received,
        "automatic_payment_methods": {"enabled": True} if intent.automatic_payment_methods else None,
        "canceled_at": intent.canceled_at,
        "cancellation_reason": intent.cancellation_reason,
        "capture_method": intent.capture_method,
        "client_secret": intent.client_secret,
        "confirmation_method": "automatic",
        "created": intent.created,
        "currency": intent.currency,
        "customer": None,
        "description": intent.description,
        "last_payment_error": _payment_error(intent.last_error),
        "latest_charge": intent.latest_charge,
        "livemode": False,
        "metadata": dict(intent.metadata),
        "next_action": _next_action(intent, base_url),
        "payment_method": intent.payment_method,
        "payment_method_types": ["card"],
        "receipt_email": intent.receipt_email,
        "status": intent.status.value,
    }


def public_intent_object(intent: Intent, *, base_url: str) -> dict[str, Any]:
    """Return the PaymentIntent as a publishable key sees it: without metadata and money received."""
    full = intent_object(intent, base_url=base_url)
    return {name: full[name] for name in _PUBLIC_MEMBERS}


def charge_object(charge: Charge, intent: Intent) -> dict[str, Any]:
    """Return a Charge of the payment."""
    failure = charge.failure
    return {
        "id": charge.id,
        "object": "charge",
        "amount": charge.amount,
        "amount_captured": charge.amount_captured,
        "amount_refunded": charge.amount_refunded,
        "captured": charge.captured,
        "created": charge.created,
        "currency": charge.currency,
        "failure_code": failure.code if failure else None,
        "failure_message": failure.message if failure else None,
        "livemode": False,
        "metadata": dict(intent.metadata),
        "paid": charge.status == "succeeded",
        "payment_intent": charge.payment_intent,
        "payment_method": charge.payment_method,
        "payment_method_details": {
            "type": "card",
            "card": {
                "brand": "visa",
                "last4": "4242",
                "multicapture": {"status": "available" if intent.multicapture else "unavailable"},
            },
        },
        "receipt_email": intent.receipt_email,
        "refunded": charge.captured and charge.amount_refunded == charge.amount_captured,
        "status": charge.status,
    }


def refund_object(refund: Refund) -> dict[str, Any]:
    """Return a Refund; the fake's money is back at once, unless the refund was made to fail later."""
    return {
        "id": refund.id,
        "object": "refund",
        "amount": refund.amount,
        "charge": refund.charge,
        "created": refund.created,
        "currency": refund.currency,
        "metadata": dict(refund.metadata),
        "payment_intent": refund.payment_intent,
        "reason": refund.reason,
        "status": refund.status,
        **({"failure_reason": refund.failure_reason} if refund.failure_reason else {}),
    }


def event_object(event: Event) -> dict[str, Any]:
    """Return an Event, the body of a webhook."""
    return {
        "id": event.id,
        "object": "event",
        "api_version": API_VERSION,
        "created": event.created,
        "data": {"object": event.object},
        "livemode": False,
        "pending_webhooks": 0 if event.delivered else 1,
        "request": {"id": None, "idempotency_key": None},
        "type": event.type,
    }


def encode(value: dict[str, Any]) -> str:
    """Return the JSON text of an object."""
    return msgspec.json.encode(value).decode()


def list_object(items: Iterable[dict[str, Any]], *, url: str, has_more: bool) -> dict[str, Any]:
    """Return one page of a list."""
    return {"object": "list", "data": list(items), "has_more": has_more, "url": url}


def card_error_members(error: CardError) -> dict[str, Any]:
    """Return the members that a card error has beyond type, code and message."""
    method = {"id": error.payment_method, "object": "payment_method", "type": "card"} if error.payment_method else None
    return {"decline_code": error.decline_code, "charge": error.charge, "payment_method": method}


def _payment_error(error: CardError | None) -> dict[str, Any] | None:
    if error is None:
        return None
    return {"type": "card_error", "code": error.code, "message": error.message, **card_error_members(error)}


def _next_action(intent: Intent, base_url: str) -> dict[str, Any] | None:
    if intent.status is not Status.REQUIRES_ACTION:
        return None
    redirect = {"url": f"{base_url}/pay/{intent.id}", "return_url": intent.return_url}
    return {"type": "redirect_to_url", "redirect_to_url": redirect}
