"""The shapes of staff's drafts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Self
from uuid import UUID

from pydantic import Field, Strict, model_validator

from feria_checkout.schemas import EMAIL, Address, CheckoutOut, Line
from feria_core.http import Body, Out
from feria_core.money import MoneyIn

MAX_LINES = 100
LONGEST_H = 720
# JSON has no ids: here text is what one comes as.
Id = Annotated[UUID, Strict(strict=False)]


class DraftLine(Body):
    """So many of a variant, at the catalog's price of now or at another."""

    variant_id: Id
    quantity: Annotated[int, Field(strict=True, ge=1, le=100_000)]
    unit_price: Annotated[MoneyIn | None, Field(description="Null: what the catalog asks")] = None


class DraftShipping(Body):
    """What shipping is called and costs."""

    label: Annotated[Line, Field(examples=["By our own van"])]
    price: MoneyIn


class DraftBody(Body):
    """An order that staff make for a buyer, who pays it by a link."""

    email: Annotated[str, Field(max_length=254, pattern=EMAIL, description="Who is to pay")]
    customer_id: Annotated[Id | None, Field(description="The account that the order will belong to")] = None
    lines: Annotated[list[DraftLine], Field(min_length=1, max_length=MAX_LINES)]
    shipping: Annotated[DraftShipping | None, Field(description="Null: the buyer chooses a way to ship")] = None
    shipping_address: Address | None = None
    billing_address: Address | None = None
    note: Annotated[str | None, Field(max_length=2000)] = None
    locale: Annotated[str | None, Field(min_length=2, max_length=10, description="The language of its mails")] = None
    valid_hours: Annotated[
        int, Field(strict=True, ge=1, le=LONGEST_H, description="How long it can be paid and its stock is held")
    ] = 72
    send_link: Annotated[bool, Field(strict=True, description="Mail the link to the buyer")] = True

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        variants = [line.variant_id for line in self.lines]
        if len(set(variants)) != len(variants):
            raise ValueError("two lines are of the same variant: add their quantities")
        return self


class LinkBody(Body):
    """Whether a new link is mailed."""

    send_link: Annotated[bool, Field(strict=True)] = True


class LinkOut(Out):
    """A link by which the buyer pays; it is shown once, and links given before open nothing."""

    id: str
    pay_link: Annotated[str, Field(examples=["https://shop.example/checkout/0190...?token=..."])]
    expires_at: datetime


class DraftOut(LinkOut):
    """A draft that was made just now."""

    checkout: CheckoutOut


class DraftRow(Out):
    """A draft in staff's list."""

    id: UUID
    status: Annotated[str, Field(description="open, completing, completed or expired")]
    email: str | None
    customer_id: UUID | None
    order_number: str | None
    expires_at: datetime
    created_at: datetime
