"""How modules offer ways to ship beside the shop's own: a carrier's rates, a courier in town."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from feria_core.contracts.cart import CartLine
from feria_core.contracts.money import Money
from feria_core.ports import Port


@dataclass(frozen=True)
class ShippingRequest:
    """What is to be shipped where; lines that are not shipped are left out."""

    address: Mapping[str, Any]
    lines: tuple[CartLine, ...]
    weight_g: int
    total: Money


@dataclass(frozen=True)
class ShippingOffer:
    """A way to ship it; `code` is unique among all offers, days are counted from today."""

    code: str
    label: str
    price: Money
    min_days: int
    max_days: int


class ShippingProvider(Protocol):
    async def offers(self, request: ShippingRequest) -> Sequence[ShippingOffer]:
        """Return the ways to ship, none where it does not go there or its carrier does not answer in time.

        Called outside of any transaction when a shopper looks at or chooses a way; the chosen offer keeps its price
        for the checkout's `shipping_quote_minutes`, as long as cart and address stay the same.
        """
        ...


SHIPPING_PROVIDERS: Port[ShippingProvider] = Port("shipping_providers", version="1.0")
