"""How modules lower the prices of a cart: each contributes adjustments, the cart applies them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from feria_core.contracts.money import Money
from feria_core.ports import Port


@dataclass(frozen=True)
class BasketLine:
    """One line before any discount; `total` is `unit_price` times `quantity`."""

    item_id: UUID
    variant_id: UUID
    product_id: UUID
    quantity: int
    unit_price: Money
    total: Money


@dataclass(frozen=True)
class Basket:
    """What is to be priced: the lines that are sold now, the codes given, who buys (None: a guest)."""

    currency: str
    lines: tuple[BasketLine, ...]
    codes: tuple[str, ...]
    customer_id: UUID | None


@dataclass(frozen=True)
class Adjustment:
    """A reduction that shoppers see as one: `amounts` is what it takes off each line, by `item_id`, above zero.

    `promotion` names its origin for good (an id), `label` is what shoppers read.
    """

    promotion: str
    label: str
    amounts: Mapping[UUID, Money]


class PriceAdjuster(Protocol):
    """Contributed by modules that lower prices; called on every pricing of a cart, so it must be quick."""

    async def adjust(self, basket: Basket) -> Sequence[Adjustment]:
        """Return what applies to the basket now, in any order; the cart never lets a line fall below zero."""
        ...

    async def accept_code(self, code: str, basket: Basket) -> str | None:
        """Return the code in the spelling to keep, or None where this contributor knows no such code.

        Raises a FeriaError that says why a known code does not apply (expired, minimum not met).
        """
        ...


PRICE_ADJUSTERS: Port[PriceAdjuster] = Port("price_adjusters", version="1.0")
