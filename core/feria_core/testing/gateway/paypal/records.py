"""What the fake PayPal remembers; amounts in minor units, currencies in small letters, times in Unix seconds."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

import msgspec

Intent = Literal["CAPTURE", "AUTHORIZE"]


class OrderStatus(StrEnum):
    """The states of an order (https://developer.paypal.com/docs/api/orders/v2/)."""

    CREATED = "CREATED"
    PAYER_ACTION_REQUIRED = "PAYER_ACTION_REQUIRED"
    APPROVED = "APPROVED"
    COMPLETED = "COMPLETED"


class Order(msgspec.Struct):
    """One order of one purchase unit."""

    id: str
    intent: Intent
    amount: int
    currency: str
    created: int
    updated: int
    status: OrderStatus = OrderStatus.CREATED
    names_source: bool = False  # created with `payment_source.paypal`: its link is then `payer-action`
    custom_id: str | None = None
    invoice_id: str | None = None
    description: str | None = None
    return_url: str | None = None
    cancel_url: str | None = None


class Authorization(msgspec.Struct):
    """Money that is held for an order."""

    id: str
    order: str
    amount: int
    currency: str
    created: int
    status: Literal["CREATED", "PARTIALLY_CAPTURED", "CAPTURED", "VOIDED"] = "CREATED"
    captured: int = 0


class Capture(msgspec.Struct):
    """Money that was taken for an order."""

    id: str
    order: str
    amount: int
    currency: str
    created: int
    authorization: str | None = None
    is_final: bool = True
    refunded: int = 0

    @property
    def status(self) -> str:
        """Return PayPal's word for it."""
        if not self.refunded:
            return "COMPLETED"
        return "REFUNDED" if self.refunded == self.amount else "PARTIALLY_REFUNDED"


class Refund(msgspec.Struct):
    """Money that went back."""

    id: str
    order: str
    capture: str
    amount: int
    currency: str
    created: int
    custom_id: str | None = None
    invoice_id: str | None = None


class PayPalState(msgspec.Struct):
    """All that the fake PayPal keeps, a part of the ledger's document."""

    orders: dict[str, Order] = {}
    authorizations: dict[str, Authorization] = {}
    captures: dict[str, Capture] = {}
    refunds: dict[str, Refund] = {}
