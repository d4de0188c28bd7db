"""What an order is: its three machines, its number, and whether a draft adds up. No I/O."""

from __future__ import annotations

import re
from enum import StrEnum

from feria_core.contracts.money import Money
from feria_core.contracts.orders import OrderDraft

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


class EventKind(StrEnum):
    """What can stand in an order's timeline."""

    PLACED = "placed"
    AUTHORIZED = "authorized"
    PAID = "paid"
    CORRECTED = "corrected"


PLACEABLE = frozenset({PaymentStatus.PENDING, PaymentStatus.AUTHORIZED, PaymentStatus.PAID})

_TEXTS = {
    "en": {
        EventKind.PLACED: "Order placed",
        EventKind.AUTHORIZED: "Payment authorised",
        EventKind.PAID: "Payment received",
        EventKind.CORRECTED: "Order corrected",
    },
    "es": {
        EventKind.PLACED: "Pedido realizado",
        EventKind.AUTHORIZED: "Pago autorizado",
        EventKind.PAID: "Pago recibido",
        EventKind.CORRECTED: "Pedido corregido",
    },
}


def event_text(kind: str, locale: str) -> str:
    """Return what readers of `locale` (else of English) read for a kind of event; an unknown kind is its own text."""
    texts = _TEXTS.get(locale, _TEXTS["en"])
    return texts.get(EventKind(kind), kind) if kind in list(EventKind) else kind


def parse_number(text: str) -> str | None:
    """Return the order number that `text` spells, in its printed form, or None where it spells none.

    Small letters, missing hyphens and the usual misreadings (O for 0, I or L for 1) are understood.
    """
    if len(text) > _LONGEST_NUMBER or not text.isascii():
        return None
    match = _NUMBER.fullmatch(text.upper().translate(_MISREAD))
    return f"{NUMBER_PREFIX}-{match[1]}-{match[2]}" if match else None


def events_of_placing(status: PaymentStatus) -> tuple[EventKind, ...]:
    """Return what the timeline shows of placing an order in this payment status."""
    paid = {PaymentStatus.AUTHORIZED: EventKind.AUTHORIZED, PaymentStatus.PAID: EventKind.PAID}
    return (EventKind.PLACED, paid[status]) if status in paid else (EventKind.PLACED,)


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
