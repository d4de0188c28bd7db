"""What other modules may ask of, and hear from, the cart."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Protocol
from uuid import UUID

from feria_core.contracts.catalog import StockLine
from feria_core.contracts.events import Event
from feria_core.contracts.money import Money
from feria_core.contracts.pricing import Adjustment
from feria_core.errors import Conflict
from feria_core.ports import Port


@dataclass(frozen=True)
class CartOwner:
    """Whose cart: a customer's, or that of the guest who holds the token. One of the two is set."""

    customer_id: UUID | None = None
    cart_token: str | None = None


class CartLine(NamedTuple):
    """One line as it is priced now."""

    item_id: UUID
    variant_id: UUID
    product_id: UUID
    sku: str
    name: str
    options: Mapping[str, str]
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

    `adjustments` are those that its prices come from. `minimum_missing` is what the lines before discounts lack of
    the shop's least order, None where nothing is missing.
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
    minimum_missing: Money | None = None


class MinimumOrderNotMet(Conflict):
    """The cart holds less than the least order of the shop."""

    code, title = "minimum_order_not_met", "Below the least order"

    def __init__(self, missing: Money) -> None:
        members = {"missing": {"amount": missing.amount, "currency": missing.currency}}
        super().__init__(
            f"{missing.amount} minor units of {missing.currency} are missing to the least order: add something.",
            members=members,
        )


class ProductLimitReached(Conflict):
    """More of a product than each customer may buy; what was bought before counts."""

    code, title = "product_limit_reached", "The limit of this product is reached"

    def __init__(self, product_id: UUID, name: str, *, most: int, left: int) -> None:
        super().__init__(
            f"Each customer may buy {most} of {name}, {left} are left for you: lower the quantity.",
            members={"product_id": str(product_id), "limit": most, "left": left},
        )


@dataclass(frozen=True)
class CartAddition:
    """How many pieces of a variant were added; where not all were, `refusal` is the code that says why."""

    variant_id: UUID
    quantity: int
    refusal: str | None = None


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

    async def add(self, owner: CartOwner, lines: Sequence[StockLine]) -> tuple[CartAddition, ...]:
        """Add what is sold of these lines to the owner's cart, as many of each as there are; one answer a line.

        A guest's token must be one that the cart has given out: else every line is refused as `cart_unknown`.
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
