"""How modules take part in a checkout: each contributes a step, with data of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from feria_core.contracts.cart import CartSnapshot
from feria_core.contracts.privacy import Json
from feria_core.ports import Port


@dataclass(frozen=True)
class CheckoutView:
    """A checkout as far as steps judge by it; `cart` is priced now."""

    id: UUID
    customer_id: UUID | None
    cart: CartSnapshot
    email: str | None
    shipping_address: Mapping[str, Any] | None
    shipping_method: str | None
    locale: str


class CheckoutStep(Protocol):
    """Something more that a checkout asks of its shopper, e.g. a gift note or a day of delivery.

    What the shopper gives is kept with the checkout under the step's name, and answered under `steps`; it is part of
    a person's data, which the checkout exports and erases.
    """

    @property
    def name(self) -> str:
        """Return the step's member of `steps`: a-z, 0-9 and single underscores."""
        ...

    async def check(self, value: Json, checkout_id: UUID) -> Json:
        """Return what the shopper has given as it is to be kept, at most some kilobytes. Raises Invalid."""
        ...

    async def missing(self, value: Json | None, checkout: CheckoutView) -> Sequence[str]:
        """Return what is still needed before the shopper can pay, e.g. `("gift_note",)`; part of `missing`.

        Called on every pricing, inside transactions: quick, without network.
        """
        ...

    async def placed(self, value: Json | None, *, checkout_id: UUID, order_id: UUID) -> None:
        """Act on the order that is being placed, in its transaction; nothing of it stays where that fails."""
        ...


CHECKOUT_STEPS: Port[CheckoutStep] = Port("checkout_steps", version="1.0")
