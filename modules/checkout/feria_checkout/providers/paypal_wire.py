"""PayPal's JSON: what an order is asked for with, and what an order says (https://developer.paypal.com/docs/api/orders/v2/)."""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any
from uuid import UUID

from feria_core.contracts.money import Money
from feria_core.contracts.payments import (
    PaymentDeclined,
    PaymentReport,
    PaymentRequest,
    PaymentState,
    ProviderUnavailable,
)
from feria_core.ids import parse_id
from feria_core.money import exponent

# https://developer.paypal.com/reference/currency-codes/; three of them have no decimals there, whatever ISO says.
_TWO_PLACES = "AUD BRL CAD CHF CNY CZK DKK EUR GBP HKD ILS MXN MYR NOK NZD PHP PLN RUB SEK SGD THB USD"
_PLACES = {**dict.fromkeys(_TWO_PLACES.split(), 2), "HUF": 0, "JPY": 0, "TWD": 0}
_STATES = {
    "CREATED": PaymentState.PENDING,
    "SAVED": PaymentState.PENDING,
    "PAYER_ACTION_REQUIRED": PaymentState.PENDING,
    "APPROVED": PaymentState.AUTHORIZED,
    "VOIDED": PaymentState.CANCELLED,
    "COMPLETED": PaymentState.PROCESSING,  # where its captures do not say more
}
# Of a reservation (https://developer.paypal.com/docs/api/payments/v2/#authorizations_get).
_HELD = {
    "CREATED": PaymentState.AUTHORIZED,
    "PARTIALLY_CAPTURED": PaymentState.AUTHORIZED,
    "CAPTURED": PaymentState.CAPTURED,
    "VOIDED": PaymentState.CANCELLED,
    "DENIED": PaymentState.CANCELLED,
    "EXPIRED": PaymentState.CANCELLED,
}
# Money that has moved; what went back later was captured all the same.
_TAKEN = {"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"}
_VALUE = re.compile(r"[0-9]{1,15}(?:\.[0-9]{1,4})?")


def money_json(money: Money) -> dict[str, str]:
    """Return the amount as PayPal writes it. Raises PaymentDeclined for what PayPal cannot be paid."""
    places = _PLACES.get(money.currency)
    if places is None:
        raise PaymentDeclined(f"PayPal does not take {money.currency}: choose another way to pay.")
    value = Decimal(money.amount).scaleb(-exponent(money.currency))
    if money.amount <= 0 or value != round(value, places):
        raise PaymentDeclined(f"PayPal cannot take {value:f} {money.currency}: choose another way to pay.")
    return {"currency_code": money.currency, "value": f"{value:.{places}f}"}


def money_of(value: Any) -> Money:
    """Return the amount in minor units. Raises ProviderUnavailable for what is none."""
    found = value if isinstance(value, dict) else {}
    currency, amount = text(found, "currency_code"), text(found, "value")
    if not re.fullmatch(r"[A-Z]{3}", currency) or not _VALUE.fullmatch(amount):
        raise ProviderUnavailable("paypal answered with an amount that cannot be read")
    minor = Decimal(amount).scaleb(exponent(currency))
    if minor != int(minor):
        raise ProviderUnavailable(f"paypal answered with a fraction of the least amount of {currency}")
    return Money(int(minor), currency)


def order_json(request: PaymentRequest) -> dict[str, Any]:
    """Return the order to create; all of it is settled with the payment, so a repetition says the same."""
    return {
        "intent": "AUTHORIZE" if request.is_deferred else "CAPTURE",
        "purchase_units": [
            {
                "amount": money_json(request.amount),
                "custom_id": str(request.checkout_id),
                "invoice_id": str(request.payment_id),
                "description": f"Checkout {request.checkout_id}",
            }
        ],
        "payment_source": {
            "paypal": {
                "experience_context": {
                    "return_url": request.return_url,
                    "cancel_url": request.return_url,
                    "user_action": "PAY_NOW",
                    "shipping_preference": "NO_SHIPPING",
                    # An eCheck may bounce after days, long after the hold on the stock has ended.
                    "payment_method_preference": "IMMEDIATE_PAYMENT_REQUIRED",
                }
            }
        },
    }


def refund_json(amount: Money, refund_id: UUID) -> dict[str, Any]:
    """Return the refund to make."""
    return {"amount": money_json(amount), "custom_id": str(refund_id), "invoice_id": str(refund_id)}


def approve_url(order: dict[str, Any]) -> str | None:
    """Return where the shopper says yes, or None where there is nothing to say any more."""
    for link in objects(order.get("links")):
        href = link.get("href")
        if link.get("rel") in {"payer-action", "approve"} and isinstance(href, str) and href.startswith("http"):
            return href
    return None


def state_of(order: dict[str, Any]) -> PaymentState:
    """Return what the order's own status says, its captures aside."""
    if order.get("intent") == "AUTHORIZE" and order.get("status") == "APPROVED":
        return PaymentState.APPROVED
    return _STATES.get(str(order.get("status")), PaymentState.PROCESSING)


def report_of(order: dict[str, Any]) -> PaymentReport:
    """Return what an order says. Raises ProviderUnavailable where it cannot be read."""
    unit = _unit(order)
    state, amount, reason = state_of(order), money_of(unit.get("amount")), None
    made = captures(order)
    moved = [money_of(capture.get("amount")) for capture in taken(order)]
    got = Money(sum(money.amount for money in moved), moved[0].currency) if moved else None
    held = authorization(order)
    if held is not None:
        state = _HELD.get(str(held.get("status")), PaymentState.PROCESSING)
        if got is not None and (state is not PaymentState.AUTHORIZED or got == amount):
            state, amount = PaymentState.CAPTURED, got
    elif got is not None:
        state, amount = PaymentState.CAPTURED, got
    elif any(capture.get("status") == "PENDING" for capture in made):
        state = PaymentState.PROCESSING
    elif made:
        # An order is captured once: after this another one is needed.
        state, reason = PaymentState.CANCELLED, "PayPal declined the payment."
    return PaymentReport(
        reference=text(order, "id"),
        state=state,
        amount=amount,
        checkout_id=parse_id(str(unit.get("custom_id", ""))),
        payment_id=parse_id(str(unit.get("invoice_id", ""))),
        reason=reason,
        captured=got,
    )


def authorization(order: dict[str, Any]) -> dict[str, Any] | None:
    """Return the newest reservation of the order's money, or None where there is none."""
    made = objects(_payments(order).get("authorizations"))
    return made[-1] if made else None


def captures(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the order's captures, oldest first."""
    return objects(_payments(order).get("captures"))


def taken(order: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the captures whose money has moved, whatever became of it later."""
    return [capture for capture in captures(order) if capture.get("status") in _TAKEN]


def is_whole(order: dict[str, Any]) -> bool:
    """Return whether an answer says what the order is for: one to a repetition may be shorter than was asked for."""
    units = objects(order.get("purchase_units"))
    return len(units) == 1 and {"amount", "custom_id", "invoice_id"} <= units[0].keys()


def has_refund(order: dict[str, Any], refund_id: UUID) -> bool:
    """Return whether the order knows a refund of ours under this id that has not failed."""
    return any(
        refund.get("custom_id") == str(refund_id) and refund.get("status") in {"COMPLETED", "PENDING"}
        for refund in objects(_payments(order).get("refunds"))
    )


def text(value: dict[str, Any], name: str) -> str:
    """Return a member that must be a text. Raises ProviderUnavailable."""
    found = value.get(name)
    if not isinstance(found, str) or not found:
        raise ProviderUnavailable(f"paypal answered without a usable '{name}'")
    return found


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list; whatever else is there is left out."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _unit(order: dict[str, Any]) -> dict[str, Any]:
    units = objects(order.get("purchase_units"))
    if len(units) != 1:
        raise ProviderUnavailable(f"paypal answered with an order of {len(units)} purchase units")
    return units[0]


def _payments(order: dict[str, Any]) -> dict[str, Any]:
    payments = _unit(order).get("payments")
    return payments if isinstance(payments, dict) else {}
