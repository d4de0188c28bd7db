"""Price lists, as staff send and get them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field, field_validator

from feria_catalog.admin_schemas import Label, Sku, Version, given
from feria_catalog.schemas import Slug
from feria_core.http import Body, Out
from feria_core.http.schemas import Moment
from feria_core.money import MoneyIn, MoneyOut

MAX_PRICES = 1000
Group = Annotated[str, Field(min_length=1, max_length=100, description="Code of a customer group; null for everybody")]
Least = Annotated[int, Field(ge=1, le=1_000_000, description="From so many of one variant on")]
Priority = Annotated[int, Field(ge=-1_000_000, le=1_000_000, description="The highest wins")]


class PriceListBody(Body):
    """A new price list; its end is excluded, null bounds nothing. Its prices follow with PUT."""

    code: Slug
    name: Label
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    customer_group: Group | None = None
    min_quantity: Least = 1
    priority: Priority = 0
    is_active: bool = True


class PriceListPatch(Body):
    """What shall change of a price list; what is not named stays."""

    name: Label | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    customer_group: Group | None = None
    min_quantity: Least | None = None
    priority: Priority | None = None
    is_active: bool | None = None
    version: Version | None = None

    @field_validator("name", "min_quantity", "priority", "is_active")
    @classmethod
    def _not_null(cls, value: Any) -> Any:
        return given(value)


class AdminPriceList(Out):
    """A price list; `price_count` are the variants that have a price in it."""

    id: UUID
    code: str
    name: str
    starts_at: datetime | None
    ends_at: datetime | None
    customer_group: str | None
    min_quantity: int
    priority: int
    is_active: bool
    version: int
    price_count: int

    @property
    def is_public(self) -> bool:
        """Whether its prices stand on cards and pages while its window is open."""
        return self.is_active and self.customer_group is None and self.min_quantity == 1


class AdminPriceLists(Out):
    items: list[AdminPriceList]
    next_cursor: str | None


class PricesBody(Body):
    """Prices by SKU; null takes a price out of the list, those that are not named stay."""

    prices: Annotated[dict[Sku, MoneyIn | None], Field(min_length=1, max_length=MAX_PRICES)]
    version: Version | None = None


class AdminListPrice(Out):
    """A variant's price in a list; `base_price` is its own."""

    variant_id: UUID
    sku: str
    price: MoneyOut
    base_price: MoneyOut


class AdminListPrices(Out):
    items: list[AdminListPrice]
    next_cursor: str | None
