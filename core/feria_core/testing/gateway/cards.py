"""The test payment methods: what each does when a payment is confirmed with it."""

from __future__ import annotations

from enum import StrEnum

from feria_core.testing.gateway.errors import InvalidParam
from feria_core.testing.gateway.records import CardError


class Outcome(StrEnum):
    """What the card's bank answers."""

    APPROVED = "approved"
    DECLINED = "declined"
    ACTION_REQUIRED = "action_required"


# Names and outcomes of https://docs.stripe.com/testing, as far as a shop can tell them apart.
_APPROVED = {
    "pm_card_visa",
    "pm_card_visa_debit",
    "pm_card_mastercard",
    "pm_card_amex",
    "pm_card_discover",
    "pm_card_us",
}
_ACTION_REQUIRED = {
    "pm_card_authenticationRequired",
    "pm_card_authenticationRequiredOnSetup",
    "pm_card_threeDSecure2Required",
    "pm_card_threeDSecureRequired",
}
GENERIC_DECLINE = CardError(code="card_declined", decline_code="generic_decline", message="Your card was declined.")
AUTHENTICATION_FAILURE = CardError(
    code="payment_intent_authentication_failure",
    message="The provided PaymentMethod has failed authentication. You can provide payment_method_data or a "
    "new PaymentMethod to attempt to fulfill this PaymentIntent again.",
)
_DECLINED = {
    "pm_card_chargeDeclined": GENERIC_DECLINE,
    "pm_card_visa_chargeDeclined": GENERIC_DECLINE,
    "pm_card_visa_chargeDeclinedInsufficientFunds": CardError(
        code="card_declined", decline_code="insufficient_funds", message="Your card has insufficient funds."
    ),
    "pm_card_visa_chargeDeclinedLostCard": CardError(
        code="card_declined", decline_code="lost_card", message="Your card was declined."
    ),
    "pm_card_visa_chargeDeclinedStolenCard": CardError(
        code="card_declined", decline_code="stolen_card", message="Your card was declined."
    ),
    "pm_card_chargeDeclinedExpiredCard": CardError(code="expired_card", message="Your card has expired."),
    "pm_card_chargeDeclinedIncorrectCvc": CardError(
        code="incorrect_cvc", message="Your card's security code is incorrect."
    ),
    "pm_card_chargeDeclinedProcessingError": CardError(
        code="processing_error",
        message="An error occurred while processing your card. Try again in a little bit.",
    ),
}


def outcome_of(payment_method: str) -> Outcome:
    """Return what confirming with the method leads to. Raises InvalidParam for a method nobody knows."""
    if payment_method in _APPROVED:
        return Outcome.APPROVED
    if payment_method in _ACTION_REQUIRED:
        return Outcome.ACTION_REQUIRED
    if payment_method in _DECLINED:
        return Outcome.DECLINED
    raise InvalidParam(f"No such PaymentMethod: '{payment_method}'", code="resource_missing", param="payment_method")


def decline_of(payment_method: str) -> CardError:
    """Return the reason a declined card gives; the general one where the decline was forced."""
    return _DECLINED.get(payment_method, GENERIC_DECLINE)
