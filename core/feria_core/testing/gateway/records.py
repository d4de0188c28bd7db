"""What the fake gateway remembers: payments, charges, refunds, bookings and events."""

from __future__ import annotations

from enum import StrEnum
from typing import Any, Literal

import msgspec

from feria_core.testing.gateway.paypal.records import PayPalState


class Status(StrEnum):
    """The states of a PaymentIntent (https://docs.stripe.com/payments/paymentintents/lifecycle)."""

    REQUIRES_PAYMENT_METHOD = "requires_payment_method"
    REQUIRES_CONFIRMATION = "requires_confirmation"
    REQUIRES_ACTION = "requires_action"
    PROCESSING = "processing"
    REQUIRES_CAPTURE = "requires_capture"
    SUCCEEDED = "succeeded"
    CANCELED = "canceled"


class CardError(msgspec.Struct):
    """Why a card was refused, in Stripe's words."""

    code: str
    message: str
    decline_code: str | None = None
    charge: str | None = None
    payment_method: str | None = None


class Intent(msgspec.Struct):
    """One PaymentIntent; amounts in minor units, times in Unix seconds."""

    id: str
    client_secret: str
    amount: int
    currency: str
    created: int
    capture_method: Literal["automatic", "automatic_async", "manual"] = "automatic"
    status: Status = Status.REQUIRES_PAYMENT_METHOD
    metadata: dict[str, str] = {}
    description: str | None = None
    receipt_email: str | None = None
    automatic_payment_methods: bool = True
    multicapture: bool = False
    payment_method: str | None = None
    return_url: str | None = None
    latest_charge: str | None = None
    capturable: int = 0
    received: int = 0
    last_error: CardError | None = None
    canceled_at: int | None = None
    cancellation_reason: str | None = None


class Charge(msgspec.Struct):
    """One attempt to take money: held or taken when `succeeded`, nothing when `failed`."""

    id: str
    payment_intent: str
    amount: int
    currency: str
    created: int
    payment_method: str
    status: Literal["succeeded", "failed"] = "succeeded"
    captured: bool = False
    amount_captured: int = 0
    amount_refunded: int = 0
    failure: CardError | None = None


class Refund(msgspec.Struct):
    """Money that went back to the shopper."""

    id: str
    payment_intent: str
    charge: str
    amount: int
    currency: str
    created: int
    reason: str | None = None
    metadata: dict[str, str] = {}
    status: Literal["succeeded", "failed"] = "succeeded"
    failure_reason: str | None = None


class Session(msgspec.Struct):
    """One Checkout Session: a hosted page for one payment, whose PaymentIntent is made at its first try."""

    id: str
    amount: int
    currency: str
    created: int
    expires_at: int
    title: str
    success_url: str
    cancel_url: str | None = None
    status: Literal["open", "complete", "expired"] = "open"
    payment_intent: str | None = None
    metadata: dict[str, str] = {}
    intent_metadata: dict[str, str] = {}
    description: str | None = None
    capture_method: Literal["automatic", "automatic_async", "manual"] = "automatic"
    multicapture: bool = False
    client_reference_id: str | None = None
    customer_email: str | None = None


EntryKind = Literal["authorized", "captured", "released", "declined", "refunded", "refund_failed"]


class Entry(msgspec.Struct, frozen=True):
    """One booking of the ledger: what moved, never changed afterwards.

    `authorized` money is only held, `captured` money is taken, `released` money was held and let go; of `refund_failed`
    money was given back and returned, since the bank could not take it. Of PayPal's
    `payment_intent` is the order.
    """

    kind: EntryKind
    payment_intent: str
    reference: str
    amount: int
    currency: str
    at: int


class Event(msgspec.Struct):
    """Something that the shop is told about, with the object as it was at that moment."""

    id: str
    type: str
    created: int
    payment_intent: str
    object: dict[str, Any]
    delivered: bool = False
    provider: Literal["stripe", "paypal"] = "stripe"


class LedgerState(msgspec.Struct):
    """All that the ledger keeps, as one JSON document."""

    intents: dict[str, Intent] = {}
    charges: dict[str, Charge] = {}
    refunds: dict[str, Refund] = {}
    sessions: dict[str, Session] = {}
    entries: list[Entry] = []
    events: dict[str, Event] = {}
    paypal: PayPalState = msgspec.field(default_factory=PayPalState)


class IntentTotals(msgspec.Struct, frozen=True):
    """Where the money of one payment stands, in minor units."""

    id: str
    status: str
    amount: int
    currency: str
    capturable: int
    captured: int
    refunded: int
    charges: int
    metadata: dict[str, str]


class LedgerView(msgspec.Struct, frozen=True):
    """All payments, PayPal's orders among them, and bookings; minor units are added up per currency."""

    payment_intents: list[IntentTotals]
    entries: list[Entry]
    captured: dict[str, int]
    refunded: dict[str, int]

    def totals(self, payment_intent: str) -> IntentTotals:
        """Return where one payment stands. Raises KeyError for an unknown id."""
        for totals in self.payment_intents:
            if totals.id == payment_intent:
                return totals
        raise KeyError(payment_intent)
