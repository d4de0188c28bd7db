"""What other modules may ask of, and hear from, the cart."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Protocol
from uuid import UUID

from feria_core.contracts.events import Event
from feria_core.contracts.money import Money
from feria_core.contracts.pricing import Adjustment
from feria_core.ports import Port


@dataclass(frozen=True)
class CartOwner:
    """Whose cart: a customer's, or that of the guest who holds the token. One of the two is set."""

    customer_id: UUID | None = None
    cart_token: str | None = None


@dataclass(frozen=True)
class CartLine:
    """One line as it is priced now."""

    item_id: UUID
    variant_id: UUID
    product_id: UUID
    sku: str
    name: str
    options: dict[str, str]
    quantity: int
    unit_price: Money
    discount: Money
    total: Money
    weight_g: int
    tax_class: str
    image_url: str | None
    card: str


@dataclass(frozen=True)
class CartSnapshot:
    """A cart, re-priced from the catalog at the moment of asking; lines in the order they were added.

    `adjustments` are those that its prices come from.
    """

    id: UUID
    currency: str
    version: int
    lines: tuple[CartLine, ...]
    codes: tuple[str, ...]
    subtotal: Money
    discount_total: Money
    total: Money
    adjustments: tuple[Adjustment, ...] = ()


class Carts(Protocol):
    async def find(self, owner: CartOwner) -> UUID | None:
        """Return the id of the owner's open cart, or None where there is none; one statement, nothing is priced."""
        ...

    async def snapshot(self, owner: CartOwner) -> CartSnapshot | None:
        """Return the owner's cart, or None where there is none; lines no longer sold are left out."""
        ...

    async def snapshot_by_id(
        self, cart_id: UUID, *, lock: bool = False, holder: UUID | None = None, shipping: Money | None = None
    ) -> CartSnapshot | None:
        """Return the cart of that id; with `lock` its row stays locked for the caller's transaction.

        `holder` is the checkout that asks: discounts that it has claimed are still its own. `shipping` is what it
        would pay for shipping.
        """
        ...

    async def consume(self, cart_id: UUID, *, order_number: str) -> None:
        """Close the cart in the caller's transaction: it has become an order, its owner starts with an empty one."""
        ...


CARTS: Port[Carts] = Port("carts", version="1.0")


@dataclass(frozen=True)
class CartItemAdded(Event):
    """Somebody has put pieces into a cart; `guest` is the SHA-256 of a guest's cart token in hex, never the token."""

    name: ClassVar[str] = "cart.item_added"

    cart_id: UUID
    customer_id: UUID | None
    guest: str | None
    variant_id: UUID
    product_id: UUID
    quantity: int
