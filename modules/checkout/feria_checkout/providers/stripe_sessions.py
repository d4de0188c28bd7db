"""Stripe's hosted page: what a Checkout Session is asked with, and what its state means.

The money of a session moves by the PaymentIntent behind it, which Stripe makes when the shopper first tries to pay.
https://docs.stripe.com/api/checkout/sessions
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from feria_core.contracts.money import Money
from feria_core.contracts.payments import PaymentReport, PaymentRequest, PaymentState
from feria_core.ids import parse_id

PREFIX = "cs_"
# The session with its payment in one answer.
WITH_INTENT = {"expand": ["payment_intent"]}
_UNPAID = {PaymentState.PENDING, PaymentState.FAILED}


def params_of(request: PaymentRequest, *, deferred: dict[str, Any]) -> dict[str, Any]:
    """Return what opens the page of a payment; all of it is settled with the payment.

    `deferred` is what makes a PaymentIntent only reserve the money.
    """
    metadata = {"checkout_id": str(request.checkout_id), "payment_id": str(request.payment_id)}
    title = f"Checkout {request.checkout_id}"
    price = {
        "currency": request.amount.currency.lower(),
        "unit_amount": request.amount.amount,
        "product_data": {"name": title},
    }
    intent: dict[str, Any] = {"description": title, "metadata": metadata}
    params: dict[str, Any] = {
        "mode": "payment",
        "line_items": [{"price_data": price, "quantity": 1}],
        "success_url": request.return_url,
        "cancel_url": request.return_url,
        "client_reference_id": str(request.checkout_id),
        "metadata": metadata,
        "payment_intent_data": intent,
    }
    if request.is_deferred:
        intent["capture_method"] = deferred["capture_method"]
        params["payment_method_options"] = deferred["payment_method_options"]
    return params


def report_of(session: Any, intent: PaymentReport | None) -> PaymentReport:
    """Return what the session and its payment, None before a first try, say together."""
    if intent is None:
        metadata = session.metadata.to_dict() if session.metadata else {}
        return PaymentReport(
            reference=session.id,
            state=PaymentState.CANCELLED if session.status == "expired" else PaymentState.PENDING,
            amount=Money(session.amount_total, session.currency.upper()),
            checkout_id=parse_id(str(metadata.get("checkout_id", ""))),
            payment_id=parse_id(str(metadata.get("payment_id", ""))),
        )
    state = intent.state
    if session.status != "open" and state in _UNPAID:
        # The page is gone, so nobody can try again: the money of a slow way to pay has not come.
        state = PaymentState.CANCELLED
    return replace(intent, reference=session.id, alias=intent.reference, state=state)


def client_data(session: Any) -> dict[str, str]:
    """Return where to send the shopper; nothing where the page is closed."""
    return {"approve_url": str(session.url)} if session.url else {}
