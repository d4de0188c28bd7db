"""What staff send about flash sales, and what is answered."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, model_validator

from feria_core.http import Body, Out, PageQuery
from feria_core.http.schemas import Moment, ProductCard
from feria_core.money import MoneyIn, MoneyOut
from feria_promotions.schemas import MAX_INT, Id

_MAX_ITEMS = 500


class FlashItemBody(Body):
    """A variant at another price, for so many pieces; without `cap` as long as the sale lasts."""

    variant_id: Id
    price: MoneyIn
    cap: Annotated[int | None, Field(ge=1, le=MAX_INT, description="Pieces in all")] = None
    cap_per_customer: Annotated[
        int | None, Field(ge=1, le=MAX_INT, description="Pieces of one account; guests get none then")
    ] = None


class FlashSaleBody(Body):
    """A flash sale: from its first instant up to, not including, its last."""

    name: Annotated[str, Field(min_length=1, max_length=200, examples=["Friday"])]
    starts_at: Annotated[Moment, Field(examples=["2026-11-27T00:00:00Z"])]
    ends_at: Annotated[Moment, Field(examples=["2026-11-28T00:00:00Z"])]
    active: bool = True
    items: Annotated[list[FlashItemBody], Field(min_length=1, max_length=_MAX_ITEMS)]

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if self.starts_at >= self.ends_at:
            raise ValueError("`ends_at` comes after `starts_at`")
        if len({item.variant_id for item in self.items}) < len(self.items):
            raise ValueError("a variant stands in a sale once")
        return self


class FlashSalePatch(Body):
    """What of a sale changes; `items` replaces the items, and what was sold of those that stay is kept."""

    version: Annotated[int | None, Field(ge=1, le=MAX_INT)] = None
    name: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    starts_at: Moment | None = None
    ends_at: Moment | None = None
    active: bool | None = None
    items: Annotated[list[FlashItemBody] | None, Field(min_length=1, max_length=_MAX_ITEMS)] = None


class FlashSaleQuery(PageQuery):
    """Which sales."""

    archived: bool = False


class FlashItemOut(Out):
    """An item as staff see it."""

    variant_id: UUID
    sku: str
    price: MoneyOut
    cap: int | None
    cap_per_customer: int | None
    sold: Annotated[int, Field(description="Pieces of orders, and of checkouts that are being paid")]


class FlashSaleOut(Out):
    """A sale as staff see it."""

    id: UUID
    name: str
    starts_at: datetime
    ends_at: datetime
    active: bool
    items: list[FlashItemOut]
    archived_at: datetime | None
    created_at: datetime
    version: int


class PublicFlashItem(Out):
    """An item as shoppers see it."""

    variant_id: UUID
    sku: str
    product: ProductCard
    price: MoneyOut
    regular_price: MoneyOut
    cap: int | None
    left: Annotated[int | None, Field(description="null where there is no cap")]
    share_sold: Annotated[str | None, Field(description="Of the cap: 0.00 to 1.00", examples=["0.42"])]


class PublicFlashSale(Out):
    """A running or announced sale."""

    id: UUID
    name: str
    status: Annotated[str, Field(description="running or announced")]
    starts_at: datetime
    ends_at: datetime
    seconds_left: Annotated[int, Field(description="Until it ends, or until an announced one begins; as of `now`")]
    items: list[PublicFlashItem]


class PublicFlashSales(Out):
    """Running and announced sales, soonest first; `now` is the server's clock."""

    now: datetime
    items: list[PublicFlashSale]
    next_cursor: str | None = None
