"""How a module taxes a cart in place of the shop's own zones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol
from uuid import UUID

from feria_core.contracts.cart import CartLine
from feria_core.ports import Port


@dataclass(frozen=True)
class TaxRequest:
    """What is sold to whom and where it goes."""

    address: Mapping[str, Any]
    lines: tuple[CartLine, ...]
    customer_id: UUID | None
    is_exempt: bool


@dataclass(frozen=True)
class AppliedRate:
    """A rate ("0.13" is 13 percent) and the name that shoppers read."""

    rate: Decimal
    name: str


@dataclass(frozen=True)
class TaxAnswer:
    """The rate of each line, in their order, and of shipping; None where that is not taxed."""

    lines: tuple[AppliedRate | None, ...]
    shipping: AppliedRate | None
    is_included: bool
    is_by_line: bool = False


class TaxProvider(Protocol):
    async def taxes(self, request: TaxRequest) -> TaxAnswer | None:
        """Return how the lines are taxed, or None to leave it to the shop's zones.

        Called on every pricing, inside transactions: without network. A service far away is asked ahead by a job.
        """
        ...


TAX_PROVIDERS: Port[TaxProvider] = Port("tax_providers", version="1.0")
