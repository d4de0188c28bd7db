"""Why a checkout refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from feria_core.contracts.money import Money
from feria_core.errors import BadRequest, Conflict, FeriaError, NotFound, Unavailable
from feria_core.money import format_money


class CheckoutNotFound(NotFound):
    """There is no such checkout, or it is another's: both look the same."""

    def __init__(self) -> None:
        super().__init__("There is no such checkout for you: send its Checkout-Token, or sign in as its owner.")


class CartEmpty(Conflict):
    """There is nothing to check out."""

    code, title = "cart_empty", "The cart is empty"

    def __init__(self) -> None:
        super().__init__("The cart holds nothing that is sold: add a product first.")


class CheckoutClosed(Conflict):
    """The checkout has expired or has become an order: it cannot change any more."""

    code, title = "checkout_closed", "The checkout is over"

    def __init__(self, state: str) -> None:
        super().__init__(
            f"This checkout is {state}: start a new one with POST /api/checkouts.", members={"checkout_status": state}
        )


class VariantUnknown(Conflict):
    """A line of a draft is of a variant that the catalog does not know."""

    code, title = "variant_unknown", "There is no such variant"

    def __init__(self, variant_id: UUID) -> None:
        super().__init__(
            f"The catalog knows no variant {variant_id}: take its id from the product.",
            members={"variant_id": str(variant_id)},
        )


class CheckoutIncomplete(Conflict):
    """Something is still needed before this step; `missing` names it."""

    code, title = "checkout_incomplete", "Something is missing"

    def __init__(self, missing: Sequence[str]) -> None:
        super().__init__(f"Still needed: {', '.join(missing)}.", members={"missing": list(missing)})


class CartChanged(Conflict):
    """The total is not the one that the shopper agreed to; the document carries the present totals."""

    code, title = "cart_changed", "The total has changed"

    def __init__(self, expected: str, present: str, totals: Mapping[str, Any]) -> None:
        super().__init__(
            f"You expected {expected}, the total is {present} now: show it to the shopper and confirm that.",
            members=totals,
        )


class PaymentFailed(FeriaError):
    """No money was taken; the shopper may try again."""

    code, status, title = "payment_failed", 402, "The payment did not succeed"


class PaymentPending(Unavailable):
    """Whether the payment succeeded is not known yet; nothing is lost, ask again."""

    code, title = "payment_pending", "The payment is not settled yet"

    def __init__(self, provider: str) -> None:
        super().__init__(
            f"'{provider}' has not answered for this payment yet: repeat this call in a few seconds, nothing is lost.",
            headers={"Retry-After": "5"},
        )


class PaymentReturned(Conflict):
    """Money arrived that cannot become an order; it goes back by itself."""

    code, title = "payment_returned", "The payment is being returned"

    def __init__(self, detail: str, members: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail, members=members)


class ZoneNotFound(NotFound):
    """There is no such zone, or no such exemption."""

    def __init__(self, code: str) -> None:
        super().__init__(f"There is nothing named '{code[:40]}' here.")


class RefundTooLarge(Conflict):
    """More was asked back than is left to refund; nothing is owed."""

    code, title = "refund_too_large", "More than is left to refund"

    def __init__(self, asked: Money, left: Money) -> None:
        super().__init__(
            f"{format_money(asked)} cannot be refunded: {_left(left)} is left to refund.",
            members={"refundable": {"amount": left.amount, "currency": left.currency}},
        )


class CaptureTooLarge(Conflict):
    """More was to be captured than is reserved; nothing is captured."""

    code, title = "capture_too_large", "More than is reserved"

    def __init__(self, asked: Money | None, left: Money) -> None:
        wanted = format_money(asked) if asked else "Nothing"
        super().__init__(
            f"{wanted} can be captured: {_left(left)} is reserved for this order."
            if asked is None
            else f"{wanted} cannot be captured: {_left(left)} is reserved for this order.",
            members={"capturable": {"amount": left.amount, "currency": left.currency}},
        )


class WebhookRefused(BadRequest):
    """A webhook that the provider did not sign, or that is not one of its events."""

    code, title = "invalid_webhook", "Not a webhook of this provider"


def _left(amount: Money) -> str:
    return format_money(amount) if amount.amount else "nothing"
