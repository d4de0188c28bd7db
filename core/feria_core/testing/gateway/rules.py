"""What the state of a payment allows (https://docs.stripe.com/payments/paymentintents/lifecycle)."""

from __future__ import annotations

from typing import NoReturn

from feria_core.money import Money, format_money
from feria_core.testing.gateway.errors import GatewayError, InvalidParam, UnexpectedState
from feria_core.testing.gateway.records import Charge, Intent, Status

CONFIRMABLE = (Status.REQUIRES_PAYMENT_METHOD, Status.REQUIRES_CONFIRMATION, Status.REQUIRES_ACTION)
CANCELABLE = (
    Status.REQUIRES_PAYMENT_METHOD,
    Status.REQUIRES_CAPTURE,
    Status.REQUIRES_CONFIRMATION,
    Status.REQUIRES_ACTION,
)


def refuse(verb: str, done: str, intent: Intent, allowed: tuple[Status, ...]) -> NoReturn:
    """Raise UnexpectedState naming the state the payment is in and those that would do."""
    raise UnexpectedState(
        f"You cannot {verb} this PaymentIntent because it has a status of {intent.status}. Only a "
        f"PaymentIntent with one of the following statuses may be {done}: {', '.join(allowed)}."
    )


def method_to_confirm(intent: Intent, method: str | None) -> str:
    """Return the payment method to confirm with. Raises UnexpectedState where there is none."""
    chosen = method or intent.payment_method
    if chosen is None:
        raise UnexpectedState(
            "You cannot confirm this PaymentIntent because it's missing a payment method. You can either "
            "update the PaymentIntent with a payment method and then confirm it again, or confirm it again "
            "directly with a payment method."
        )
    return chosen


def check_capture(intent: Intent, amount: int, *, is_final: bool) -> None:
    """Raise GatewayError unless `amount` is held and the payment may be captured that way.

    Nothing may be captured only as the last of several captures, to let the rest go.
    """
    if amount > intent.capturable:
        raise GatewayError(
            f"The amount to capture ({amount}) is greater than what can be captured ({intent.capturable}).",
            code="amount_too_large",
            param="amount_to_capture",
        )
    if amount == 0 and not (is_final and intent.received):
        raise InvalidParam("This value must be greater than or equal to 1.", param="amount_to_capture")
    if not is_final and not intent.multicapture:
        raise InvalidParam(
            "This PaymentIntent was not created for more than one capture: set "
            "payment_method_options[card][request_multicapture] to if_available.",
            param="final_capture",
        )


def check_refund(charge: Charge, amount: int, left: int) -> None:
    """Raise GatewayError unless `amount` of the `left` captured money can go back."""
    if not charge.amount_captured:
        raise UnexpectedState(
            f"This PaymentIntent ({charge.payment_intent}) does not have a successful charge to refund."
        )
    if left == 0:
        raise GatewayError(f"Charge {charge.id} has already been refunded.", code="charge_already_refunded")
    if amount > left:
        asked, rest = (format_money(Money(value, charge.currency.upper())) for value in (amount, left))
        raise GatewayError(
            f"Refund amount ({asked}) is greater than unrefunded amount on charge ({rest})",
            code="amount_too_large",
            param="amount",
        )
