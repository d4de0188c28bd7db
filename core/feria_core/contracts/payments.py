"""The port of payment providers: one contract, passed by every provider."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, ClassVar, Protocol
from uuid import UUID

from feria_core.contracts.events import Event
from feria_core.contracts.money import Money
from feria_core.ports import Port


class PaymentState(StrEnum):
    """Where the money is, as the provider says."""

    PENDING = "pending"  # the shopper has to do something
    PROCESSING = "processing"  # the provider is at it
    APPROVED = "approved"  # the shopper agreed; `reserve` holds the money
    AUTHORIZED = "authorized"  # reserved, to be captured
    CAPTURED = "captured"
    FAILED = "failed"  # declined; the shopper may try again
    CANCELLED = "cancelled"


@dataclass(frozen=True)
class PaymentRequest:
    """What is to be paid. `payment_id` is the idempotency key of every call about this payment."""

    payment_id: UUID
    checkout_id: UUID
    amount: Money
    email: str | None
    return_url: str
    is_deferred: bool = False  # only reserve the money: it is captured later, by amount


@dataclass(frozen=True)
class PaymentSession:
    """An opened payment: the provider's reference, and what the frontend needs (`client_secret`, `approve_url`)."""

    reference: str
    state: PaymentState
    client_data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class PaymentReport:
    """What the provider knows of a payment; the caller compares amount, currency and checkout with its own."""

    reference: str
    state: PaymentState
    amount: Money
    checkout_id: UUID | None
    reason: str | None = None
    payment_id: UUID | None = None  # as it was given when the payment was opened, where the provider keeps it
    captured: Money | None = None  # what was taken so far, where less than `amount` was
    alias: str | None = None  # another name under which the provider tells of the same payment

    @property
    def taken(self) -> Money | None:
        """What was taken so far; None where nothing was."""
        return self.captured or (self.amount if self.state is PaymentState.CAPTURED else None)


@dataclass(frozen=True)
class WebhookNote:
    """A verified webhook: its unique event id and the payment it is about (None: of no interest).

    `dispute` is the provider's name of a dispute that it tells of: a shopper wants the money back through the bank.
    """

    event_id: str
    kind: str
    reference: str | None
    dispute: str | None = None


class PaymentDeclined(Exception):
    """The provider refuses for good; the sentence is fit for the shopper."""


class ProviderUnavailable(Exception):
    """The provider did not answer in time or not sensibly: whether it acted is unknown, ask again later."""


class InvalidWebhook(Exception):
    """Not signed by the provider, too old, or not what it sends."""


class PaymentProvider(Protocol):
    """One way to pay. No method is ever called inside a database transaction."""

    @property
    def name(self) -> str:
        """Return the name in the API: "manual", "stripe", "paypal"."""
        ...

    @property
    def label(self) -> str:
        """Return what shoppers read."""
        ...

    @property
    def is_immediate(self) -> bool:
        """True where completing needs no answer from outside (pay on invoice)."""
        ...

    async def authorise(self, request: PaymentRequest) -> PaymentSession:
        """Open the payment, or return the one opened before under the same id. Raises ProviderUnavailable."""
        ...

    async def reserve(self, reference: str, *, payment_id: UUID, amount: Money) -> PaymentReport:
        """Hold the money of a payment that is APPROVED; of any other its state is returned.

        Raises PaymentDeclined, ProviderUnavailable.
        """
        ...

    async def capture(
        self, reference: str, *, payment_id: UUID, amount: Money, capture_id: UUID | None = None, is_final: bool = True
    ) -> PaymentReport:
        """Take `amount` of the authorised money; a final capture lets the rest go.

        `capture_id` tells several captures of a payment apart: again under the same id nothing more is taken.
        Raises PaymentDeclined, ProviderUnavailable.
        """
        ...

    async def report(self, reference: str) -> PaymentReport:
        """Return what the provider knows now. Raises ProviderUnavailable."""
        ...

    async def void(self, reference: str, *, payment_id: UUID) -> PaymentReport:
        """Give up the payment, or what is left of it to capture; where money has moved the report says so.

        Raises ProviderUnavailable.
        """
        ...

    async def refund(self, reference: str, *, refund_id: UUID, amount: Money) -> None:
        """Give back `amount` of what was captured. Raises PaymentDeclined, ProviderUnavailable."""
        ...

    async def lost_refunds(self, reference: str) -> Mapping[UUID, str]:
        """Return the refunds of the payment that came to nothing after they were given, with the provider's reason.

        By `refund_id`. A bank may send money back days later. Raises ProviderUnavailable.
        """
        ...

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookNote | Awaitable[WebhookNote]:
        """Return what a webhook says, its signature checked on the raw body. Raises InvalidWebhook.

        A provider that has to ask its gateway about the signature returns it to be awaited, which raises
        InvalidWebhook, and ProviderUnavailable where the gateway does not answer.
        """
        ...

    async def close(self) -> None:
        """Close connections at the end of the process."""
        ...


PAYMENT_PROVIDERS: Port[PaymentProvider] = Port("payment_providers", version="1.1")


@dataclass(frozen=True)
class Balance:
    """What moved for an order, in its currency: taken, given back, and on its way back."""

    authorized: Money
    captured: Money
    refunded: Money
    refunding: Money

    @property
    def refundable(self) -> Money:
        """What can still be given back."""
        return self.captured - self.refunded - self.refunding


class OrderPayments(Protocol):
    """The money of placed orders; provided by the module that took it, asked by the one that keeps the orders.

    Each method works in the caller's transaction and calls nobody: what a provider has to do is done by a job after
    the commit, and told by PaymentRefunded, PaymentRefundFailed or orders' own `mark_paid`.
    """

    async def balance(self, order_id: UUID) -> Balance | None:
        """Return where the order's money is, or None for an order that has no payment here. Locks its payments."""
        ...

    async def refund(self, order_id: UUID, *, refund_id: UUID, amount: Money) -> None:
        """Owe `amount` back; again for the same refund it changes nothing.

        Raises Conflict with the code refund_too_large, owing nothing, where less is left to refund.
        """
        ...

    async def capture(self, order_id: UUID, *, amount: Money | None = None) -> None:
        """Take authorised money, all that is left or a part of it. Raises Conflict where there is less."""
        ...

    async def give_up(self, order_id: UUID) -> None:
        """Let go of what was authorised and never captured (a cancelled order); repeats safely."""
        ...

    async def note_received(self, order_id: UUID) -> bool:
        """Note that the money of an order on invoice has arrived; False where there is no such open payment."""
        ...


ORDER_PAYMENTS: Port[OrderPayments] = Port("order_payments", version="1.0")


@dataclass(frozen=True)
class PaymentRefunded(Event):
    """The provider has given money back; `refund_id` is the caller's."""

    name: ClassVar[str] = "payments.refunded"

    refund_id: UUID
    order_id: UUID
    amount: int
    currency: str


@dataclass(frozen=True)
class PaymentRefundFailed(Event):
    """The provider refuses a refund for good: the amount is refundable again, staff have to find another way."""

    name: ClassVar[str] = "payments.refund_failed"

    refund_id: UUID
    order_id: UUID
    reason: str


@dataclass(frozen=True)
class PaymentDisputed(Event):
    """A shopper wants money back through the bank: staff have to answer at the provider, within days.

    `order_id` is None where the payment is of no order here.
    """

    name: ClassVar[str] = "payments.disputed"

    provider: str
    dispute: str
    order_id: UUID | None
