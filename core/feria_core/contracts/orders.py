"""What other modules may ask of, and hear from, orders."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from feria_core.contracts.events import Event, personal
from feria_core.contracts.money import Money
from feria_core.ports import Port


@dataclass(frozen=True)
class OrderLine:
    """A line as it was sold; names and prices are copies, so that history stays what it was.

    `total` is `unit_price * quantity - discount`; `tax` comes on top of it unless the draft says `tax_included`.
    """

    variant_id: UUID
    product_id: UUID
    sku: str
    name: str
    options: Mapping[str, str]
    quantity: int
    unit_price: Money
    discount: Money
    tax: Money
    total: Money
    image_url: str | None


@dataclass(frozen=True)
class TaxLine:
    """The tax of one rate: "0.13" is 13 percent."""

    rate: str
    label: str
    amount: Money


@dataclass(frozen=True)
class OrderDraft:
    """All that an order is made of; `checkout_id` makes it at most one order."""

    checkout_id: UUID
    customer_id: UUID | None
    email: str
    locale: str
    lines: tuple[OrderLine, ...]
    subtotal: Money
    discount_total: Money
    shipping_total: Money
    tax_total: Money
    tax_lines: tuple[TaxLine, ...]
    tax_included: bool
    grand_total: Money
    shipping_address: Mapping[str, Any] | None
    billing_address: Mapping[str, Any] | None
    shipping_method: str | None
    shipping_label: str | None
    codes: tuple[str, ...]
    note: str | None
    cart_id: UUID | None = None


@dataclass(frozen=True)
class OrderRef:
    """An order's two names; `token` opens it for its guest and is known only when it is placed."""

    id: UUID
    number: str


@dataclass(frozen=True)
class PlacedOrder:
    """An order that was placed just now, with API.md's Order in JSON."""

    id: UUID
    number: str
    document: bytes


class Orders(Protocol):
    async def create(self, draft: OrderDraft) -> OrderRef:
        """Write the order as a draft that nobody sees yet, in the caller's transaction.

        Called again for the same checkout it returns the same order, with its lines and totals replaced by
        the draft's while it is still a draft. Raises Conflict once it is placed, ValueError where lines and
        totals do not add up.
        """
        ...

    async def place(self, order_id: UUID, *, payment_status: str, provider: str) -> bool:
        """Make the draft an open order in the caller's transaction, and announce it; False where it was placed before.

        `payment_status` is "pending" (pay on invoice), "authorized" or "paid". Raises NotFound where the draft
        was discarded meanwhile: money that has arrived for it must go back.
        """
        ...

    async def place_at_once(
        self, draft: OrderDraft, *, payment_status: str, provider: str, guest_token: bool
    ) -> PlacedOrder:
        """Write the order and place it in one go, in the caller's transaction: `create`, `place`, then `document`.

        For payments that nobody outside has to be asked about, so that no draft is ever seen. Raises Conflict where
        the checkout's order is placed already, ValueError where lines and totals do not add up.
        """
        ...

    async def mark_paid(self, order_id: UUID) -> bool:
        """Note that a placed order's money has arrived; False where it was noted before.

        Raises NotFound for a draft.
        """
        ...

    async def discard(self, order_id: UUID) -> None:
        """Drop a draft whose payment failed for good; a placed order stays."""
        ...

    async def document(self, order_id: UUID, *, guest_token: bool) -> bytes:
        """Return the placed order as API.md's Order in JSON; `guest_token` adds a fresh `token` for a guest's link."""
        ...


ORDERS: Port[Orders] = Port("orders", version="1.1")


@dataclass(frozen=True)
class PastLine:
    """A line of a placed order, as it was before any discount."""

    variant_id: UUID
    product_id: UUID
    quantity: int
    unit_price: Money


@dataclass(frozen=True)
class PastOrder:
    """A placed order as far as others compute with it; nothing of the person but the account's id."""

    id: UUID
    placed_at: datetime
    customer_id: UUID | None
    codes: tuple[str, ...]
    shipping_total: Money
    discount_total: Money
    lines: tuple[PastLine, ...]


class OrderHistory(Protocol):
    """What was ordered: counted for a customer, or read through in batches."""

    async def count_of(self, customer_id: UUID) -> int:
        """Return how many orders the customer has placed, cancelled ones left out; one statement."""
        ...

    async def placed(self, since: datetime, *, after: UUID | None, limit: int) -> Sequence[PastOrder]:
        """Return orders placed since then and not cancelled, by ascending id, those after the id `after`."""
        ...

    async def count_placed(self, since: datetime) -> int:
        """Return how many orders `placed` would give in all."""
        ...


ORDER_HISTORY: Port[OrderHistory] = Port("order_history", version="1.0")


@dataclass(frozen=True)
class LineUnits:
    """So many pieces of a line of an order; `amount` is what they cost with their share of tax, in minor units."""

    variant_id: UUID
    product_id: UUID
    quantity: int
    amount: int = 0


@dataclass(frozen=True)
class OrderPlaced(Event):
    """A customer has ordered; it is paid or will be on invoice. `lines` is empty in events from before 0.2."""

    name: ClassVar[str] = "orders.placed"

    order_id: UUID
    number: str
    customer_id: UUID | None
    email: str = field(metadata=personal())
    total_amount: int
    currency: str
    variant_ids: tuple[UUID, ...]
    lines: tuple[LineUnits, ...] = ()
    placed_at: datetime | None = None
    cart_id: UUID | None = None


@dataclass(frozen=True)
class OrderPaid(Event):
    """The money of an order has arrived."""

    name: ClassVar[str] = "orders.paid"

    order_id: UUID
    number: str


@dataclass(frozen=True)
class OrderCancelled(Event):
    """An order was cancelled before it was fulfilled."""

    name: ClassVar[str] = "orders.cancelled"

    order_id: UUID
    number: str
    customer_id: UUID | None = None
    lines: tuple[LineUnits, ...] = ()


@dataclass(frozen=True)
class OrderDelivered(Event):
    """Pieces of an order have reached the customer: the lines of one parcel, or of the order where it has none."""

    name: ClassVar[str] = "orders.delivered"

    order_id: UUID
    number: str
    customer_id: UUID | None
    email: str = field(metadata=personal())
    locale: str
    delivered_at: datetime
    lines: tuple[LineUnits, ...]


@dataclass(frozen=True)
class OrderRefunded(Event):
    """Money went back: `lines` are the pieces that it was for, none where a mere amount was given back.

    `whole_products` are the products of which everything that was delivered has by now been refunded; `is_full` says
    that nothing of the order is left to refund.
    """

    name: ClassVar[str] = "orders.refunded"

    order_id: UUID
    number: str
    customer_id: UUID | None
    amount: int
    currency: str
    is_full: bool
    lines: tuple[LineUnits, ...]
    whole_products: tuple[UUID, ...]


@dataclass(frozen=True)
class OrdersAttached(Event):
    """Orders that a guest had placed are now those of an account."""

    name: ClassVar[str] = "orders.attached"

    customer_id: UUID
    count: int
