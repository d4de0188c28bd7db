"""What the statements return: frozen rows, their JSON read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from feria_core import db
from feria_core.contracts.catalog import StockLine
from feria_core.contracts.money import Money


@dataclass(frozen=True)
class CheckoutRow:
    """One checkout; `held` is what the catalog holds for it, by ascending variant id.

    `rules` is the version of the zones of tax and shipping that it was read with. `has_payment` is False until a
    payment was ever opened for it. `draft` is what staff have agreed
    with its buyer; such a checkout has no cart, and `cart_id` is its own id.
    """

    id: UUID
    customer_id: UUID | None
    cart_id: UUID
    state: str
    email: str | None
    shipping_address: Mapping[str, Any] | None
    billing_address: Mapping[str, Any] | None
    shipping_method: str | None
    note: str | None
    locale: str
    currency: str
    version: int
    cart_version: int
    held: tuple[StockLine, ...]
    order_id: UUID | None
    order_number: str | None
    expires_at: datetime
    steps: Mapping[str, Any] = field(default_factory=dict)
    shipping_quote: Mapping[str, Any] | None = None
    rules: int = 0
    is_exempt: bool = False
    draft: Mapping[str, Any] | None = None
    has_payment: bool = False

    @property
    def is_open(self) -> bool:
        """True while it can change and become an order."""
        return self.state in {"open", "completing"}


@dataclass(frozen=True)
class PaymentRow:
    """One payment; `lines` is what it pays for."""

    id: UUID
    checkout_id: UUID
    order_id: UUID | None
    provider: str
    reference: str | None
    amount: Money
    lines: tuple[StockLine, ...]
    state: str
    failure: str | None
    created_at: datetime
    is_deferred: bool = False
    alias: str | None = None

    @property
    def is_settled(self) -> bool:
        """True where it belongs to a placed order."""
        return self.state in {"authorized", "captured", "released"}


def checkout_of(row: db.Row) -> CheckoutRow:
    """Return the row as it was selected by the columns of `checkouts`."""
    return CheckoutRow(
        **{name: row[name] for name in _PLAIN},
        shipping_address=_json(row["shipping_address"]),
        billing_address=_json(row["billing_address"]),
        held=stock_lines(row["held"]),
        steps=orjson.loads(row["steps"]),
        shipping_quote=_json(row["shipping_quote"]),
        draft=_json(row["draft"]),
    )


def payment_of(row: db.Row) -> PaymentRow:
    """Return the row as it was selected by the columns of `payments`."""
    return PaymentRow(
        id=row["id"],
        checkout_id=row["checkout_id"],
        order_id=row["order_id"],
        provider=row["provider"],
        reference=row["reference"],
        amount=Money(row["amount"], row["currency"]),
        lines=stock_lines(row["lines"]),
        state=row["state"],
        failure=row["failure"],
        created_at=row["created_at"],
        is_deferred=row["is_deferred"],
        alias=row["alias"],
    )


def stock_lines(text: str) -> tuple[StockLine, ...]:
    """Return the lines that `stock_text` wrote."""
    return tuple(StockLine(UUID(variant), quantity) for variant, quantity in orjson.loads(text))


def stock_text(lines: Sequence[StockLine]) -> str:
    """Return the lines as JSON text."""
    return orjson.dumps([[str(line.variant_id), line.quantity] for line in lines]).decode()


def json_text(value: Mapping[str, Any] | None) -> str | None:
    """Return the JSON text of a value, None for None."""
    return None if value is None else orjson.dumps(value).decode()


def _json(text: str | None) -> Mapping[str, Any] | None:
    return None if text is None else orjson.loads(text)


_PLAIN = (
    "id", "customer_id", "cart_id", "state", "email", "shipping_method", "note", "locale", "currency", "version",
    "cart_version", "order_id", "order_number", "expires_at", "rules", "is_exempt",
    "has_payment",
)  # fmt: skip
