"""What an order is: its machines as data, its number, and whether a draft adds up. No I/O."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from feria_core.contracts.money import Money
from feria_core.contracts.orders import OrderDraft
from feria_orders.errors import IllegalMove

NUMBER_PREFIX = "F"
_NUMBER = re.compile(r"F-?([0-9A-HJKMNP-TV-Z]{4})-?([0-9A-HJKMNP-TV-Z]{4})")
# Crockford's base 32 has no O, I and L: who types one means the digit.
_MISREAD = str.maketrans("OIL", "011")
_LONGEST_NUMBER = 11


class OrderState(StrEnum):
    """The life of the order itself; a draft is seen by nobody."""

    DRAFT = "draft"
    OPEN = "open"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class PaymentStatus(StrEnum):
    """Where the money is."""

    PENDING = "pending"
    AUTHORIZED = "authorized"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    FAILED = "failed"


class FulfilmentStatus(StrEnum):
    """Where the goods are."""

    UNFULFILLED = "unfulfilled"
    PARTIAL = "partial"
    FULFILLED = "fulfilled"
    RETURNED = "returned"


class ParcelStatus(StrEnum):
    """Where one parcel is."""

    PENDING = "pending"
    SHIPPED = "shipped"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"


class ReturnStatus(StrEnum):
    """How far a return has come."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REJECTED = "rejected"
    RECEIVED = "received"


@dataclass(frozen=True)
class Machine:
    """A machine as data: from each state the states that may follow; staying is no move."""

    name: str
    moves: Mapping[str, frozenset[str]]

    def check(self, before: str, after: str) -> bool:
        """Return whether there is anything to do. Raises IllegalMove for a move that the machine does not have."""
        if before == after:
            return False
        if after not in self.moves[before]:
            raise IllegalMove(self.name, before, after, sorted(self.moves[before]))
        return True


def _moves(**moves: Iterable[StrEnum]) -> Mapping[str, frozenset[str]]:
    return {before: frozenset(after) for before, after in moves.items()}


ORDER = Machine(
    "order",
    _moves(
        draft=[OrderState.OPEN],
        open=[OrderState.COMPLETED, OrderState.CANCELLED],
        completed=[],
        cancelled=[],
    ),
)
PAYMENT = Machine(
    "payment",
    _moves(
        pending=[PaymentStatus.AUTHORIZED, PaymentStatus.PAID, PaymentStatus.FAILED],
        # What was authorised and let go, of a cancelled order, is pending again: nothing has been paid.
        authorized=[PaymentStatus.PAID, PaymentStatus.FAILED, PaymentStatus.PENDING],
        failed=[PaymentStatus.PENDING, PaymentStatus.AUTHORIZED, PaymentStatus.PAID],
        paid=[PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED],
        # Back, where the provider refuses a refund for good.
        partially_refunded=[PaymentStatus.REFUNDED, PaymentStatus.PAID],
        refunded=[PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.PAID],
    ),
)
FULFILMENT = Machine(
    "fulfilment",
    _moves(
        unfulfilled=[FulfilmentStatus.PARTIAL, FulfilmentStatus.FULFILLED],
        # Back, where a parcel is cancelled; forward without one, where the rest of the order is cancelled.
        partial=[FulfilmentStatus.FULFILLED, FulfilmentStatus.UNFULFILLED, FulfilmentStatus.RETURNED],
        fulfilled=[FulfilmentStatus.PARTIAL, FulfilmentStatus.UNFULFILLED, FulfilmentStatus.RETURNED],
        returned=[],
    ),
)
PARCEL = Machine(
    "parcel",
    _moves(
        pending=[ParcelStatus.SHIPPED, ParcelStatus.DELIVERED, ParcelStatus.CANCELLED],
        shipped=[ParcelStatus.DELIVERED, ParcelStatus.CANCELLED],
        delivered=[],
        cancelled=[],
    ),
)
RETURN = Machine(
    "return",
    _moves(
        requested=[ReturnStatus.APPROVED, ReturnStatus.REJECTED],
        # What was approved and never sent can still be closed.
        approved=[ReturnStatus.RECEIVED, ReturnStatus.REJECTED],
        rejected=[],
        received=[],
    ),
)
MONEY_IN = frozenset({PaymentStatus.PAID, PaymentStatus.PARTIALLY_REFUNDED, PaymentStatus.REFUNDED})


@dataclass(frozen=True)
class Line:
    """A line and how many of its pieces have come how far; `tax` is that of all of them."""

    id: UUID
    variant_id: UUID
    product_id: UUID
    sku: str
    name: str
    quantity: int
    total: int
    tax: int
    cancelled: int = 0
    shipped: int = 0
    delivered: int = 0
    in_return: int = 0
    returned: int = 0
    refunded: int = 0
    restocked: int = 0

    @property
    def kept(self) -> int:
        """The pieces that were not cancelled."""
        return self.quantity - self.cancelled

    @property
    def unsent(self) -> int:
        """The pieces that are in no parcel and not cancelled."""
        return self.kept - self.shipped

    @property
    def unrefunded(self) -> int:
        """The pieces whose money has not gone back."""
        return self.quantity - self.refunded

    @property
    def unrestocked(self) -> int:
        """The pieces that are not in the stock again."""
        return self.quantity - self.restocked


def fulfilment_of(lines: Sequence[Line]) -> FulfilmentStatus:
    """Return where the goods of these lines are."""
    if not any(line.shipped for line in lines):
        return FulfilmentStatus.UNFULFILLED
    if all(line.returned == line.kept for line in lines):
        return FulfilmentStatus.RETURNED
    if all(line.unsent == 0 for line in lines):
        return FulfilmentStatus.FULFILLED
    return FulfilmentStatus.PARTIAL


def state_of(lines: Sequence[Line], payment: PaymentStatus) -> OrderState:
    """Return what a placed order is: cancelled as a whole, completed once all is delivered and paid, else open."""
    if all(line.kept == 0 for line in lines):
        return OrderState.CANCELLED
    is_delivered = all(line.delivered == line.kept for line in lines)
    return OrderState.COMPLETED if is_delivered and payment in MONEY_IN else OrderState.OPEN


def payment_after_refund(before: PaymentStatus, *, refunded: int, captured: int) -> PaymentStatus:
    """Return the payment status once `refunded` of `captured` has gone back or is on its way."""
    if refunded <= 0:
        return PaymentStatus.PAID if before in MONEY_IN else before
    return PaymentStatus.REFUNDED if refunded >= captured else PaymentStatus.PARTIALLY_REFUNDED


PLACEABLE = frozenset({PaymentStatus.PENDING, PaymentStatus.AUTHORIZED, PaymentStatus.PAID})


def parse_number(text: str) -> str | None:
    """Return the order number that `text` spells, in its printed form, or None where it spells none.

    Small letters, missing hyphens and the usual misreadings (O for 0, I or L for 1) are understood.
    """
    if len(text) > _LONGEST_NUMBER or not text.isascii():
        return None
    match = _NUMBER.fullmatch(text.upper().translate(_MISREAD))
    return f"{NUMBER_PREFIX}-{match[1]}-{match[2]}" if match else None


def check_draft(draft: OrderDraft) -> None:
    """Raise ValueError where the draft does not add up: the fault of the module that made it, not of its buyer."""
    if not draft.lines:
        raise ValueError(f"the draft of checkout {draft.checkout_id} has no lines: an order needs one at least")
    _check_currency(draft)
    for line in draft.lines:
        if line.quantity < 1 or line.total != line.unit_price * line.quantity - line.discount:
            raise ValueError(f"line {line.sku} does not add up: total = unit price * quantity - discount")
    lines = sum(line.unit_price.amount * line.quantity for line in draft.lines)
    if draft.subtotal.amount != lines:
        raise ValueError(f"subtotal {draft.subtotal.amount} is not the {lines} of the lines before discounts")
    if draft.grand_total != _grand_total(draft):
        raise ValueError(f"grand total {draft.grand_total.amount} is not {_grand_total(draft).amount}, its parts' sum")


def _grand_total(draft: OrderDraft) -> Money:
    """Return what the parts add up to; tax that the prices include is not added again."""
    total = draft.subtotal - draft.discount_total + draft.shipping_total
    return total if draft.tax_included else total + draft.tax_total


def _check_currency(draft: OrderDraft) -> None:
    amounts = [draft.subtotal, draft.discount_total, draft.shipping_total, draft.tax_total, draft.grand_total]
    amounts += [line.amount for line in draft.tax_lines]
    for line in draft.lines:
        amounts += [line.unit_price, line.discount, line.tax, line.total]
    if len({money.currency for money in amounts}) != 1:
        raise ValueError(f"the draft of checkout {draft.checkout_id} mixes currencies: an order has one")
