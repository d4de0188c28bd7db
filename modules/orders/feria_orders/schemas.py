"""What the routes take and give."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from feria_core.http.lists import PageQuery
from feria_core.http.schemas import Body, Moment, Out, Query, as_written_time
from feria_core.money import MoneyOut

FIRST_YEAR, LAST_YEAR = 1970, 2999
# HTML's definition of an e-mail address: no control characters, commas or brackets that a mail header would read.
EMAIL = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"


# Within the years of a Moment.
Day = Annotated[date, BeforeValidator(as_written_time), Field(ge=date(FIRST_YEAR, 1, 1), le=date(LAST_YEAR, 12, 31))]


class ReadQuery(Query):
    """The guest's token."""

    token: Annotated[
        str | None, Field(max_length=200, description="Of the e-mail's link; the header Order-Token is as good")
    ] = None


class AdminOrdersQuery(PageQuery):
    """What staff look for; filters add up."""

    status: Literal["open", "completed", "cancelled"] | None = None
    payment_status: (
        Literal["pending", "authorized", "paid", "partially_refunded", "refunded", "failed"] | None
    ) = None  # fmt: skip
    fulfilment_status: Literal["unfulfilled", "partial", "fulfilled", "returned"] | None = None
    since: Annotated[
        Moment | Day | None,
        Field(alias="from", description="Placed then or later: a day in UTC, or a time with its zone"),
    ] = None
    until: Annotated[
        Moment | Day | None,
        Field(alias="to", description="Placed before that time; a day in UTC is included as a whole"),
    ] = None
    customer: Annotated[UUID | None, Field(description="Id of the account")] = None
    q: Annotated[str | None, Field(max_length=200, description="Part of the number or of the e-mail address")] = None

    def first_moment(self) -> datetime | None:
        """Return the inclusive beginning."""
        return _midnight(self.since, days=0)

    def end(self) -> datetime | None:
        """Return the exclusive end."""
        return _midnight(self.until, days=1)


class CorrectionIn(Body):
    """What staff may correct; fields that are left away stay."""

    email: Annotated[str, Field(max_length=254, pattern=EMAIL, description="Gets the confirmation again")] = ""
    note: Annotated[str | None, Field(max_length=2000, description="The buyer's note; the buyer sees it")] = None
    staff_note: Annotated[str | None, Field(max_length=5000, description="Seen by staff alone")] = None


class ImageOut(Out):
    """A picture of what was ordered."""

    url: str
    alt: str


class OrderItemOut(Out):
    """A line as it was sold."""

    id: UUID
    variant_id: UUID
    product_id: UUID
    sku: str
    name: str
    options: dict[str, str]
    quantity: int
    cancelled: Annotated[int, Field(description="Pieces that were cancelled before they were sent")]
    shipped: Annotated[int, Field(description="Pieces that are or were in a parcel")]
    delivered: int
    returned: int
    refunded: Annotated[int, Field(description="Pieces whose money went back or is on its way")]
    unit_price: MoneyOut
    discount: MoneyOut
    tax: MoneyOut
    total: Annotated[MoneyOut, Field(description="unit_price * quantity - discount")]
    image: ImageOut | None


class TaxLineOut(Out):
    """The tax of one rate."""

    rate: Annotated[str, Field(description='"0.13" is 13 percent')]
    label: str
    amount: MoneyOut


class AddressOut(Out):
    """Where to."""

    name: str
    company: str | None = None
    line1: str
    line2: str | None = None
    city: str
    region: str | None = None
    postal_code: str | None = None
    country: str
    phone: str | None = None


class EventOut(Out):
    """What happened to the order, in the reader's language."""

    at: datetime
    kind: Annotated[str, Field(description="placed, authorized, paid, shipped, refunded, ...")]
    message: str
    by: Annotated[Literal["buyer", "shop", "system"], Field(description="Who did it")]


class StaffEventOut(EventOut):
    """The same, who of the staff it was, and whether the buyer sees it."""

    public: bool
    actor_kind: Literal["customer", "staff", "api_key", "system"]
    actor_id: UUID | None


class PiecesOut(Out):
    """Pieces of an item."""

    item_id: UUID
    quantity: int


class ParcelItemOut(PiecesOut):
    """Pieces in a parcel."""

    sku: str
    name: str


class FulfilmentOut(Out):
    """A parcel."""

    id: UUID
    status: Literal["pending", "shipped", "delivered", "cancelled"]
    items: list[ParcelItemOut]
    carrier: str | None
    tracking_number: str | None
    tracking_url: Annotated[str | None, Field(description="Where the carrier shows the parcel")]
    created_at: datetime
    shipped_at: datetime | None
    delivered_at: datetime | None


class OrderRefundOut(Out):
    """Money that went back, or is on its way (`pending`)."""

    id: UUID
    status: Literal["pending", "succeeded", "failed"]
    kind: Annotated[
        Literal["refund", "cancellation", "return", "provider"],
        Field(description="What it was for; provider: made in the provider's own pages"),
    ]
    amount: MoneyOut
    items: list[PiecesOut]
    created_at: datetime


class StaffRefundOut(OrderRefundOut):
    """The same, and what staff gave as its reason."""

    reason: str | None


class _OrderOut(Out):
    id: UUID
    number: Annotated[str, Field(description="Random, to print and dictate", examples=["F-7K3M-9QXP"])]
    status: Literal["open", "completed", "cancelled"]
    payment_status: Literal["pending", "authorized", "paid", "partially_refunded", "refunded", "failed"]
    fulfilment_status: Literal["unfulfilled", "partial", "fulfilled", "returned"]
    placed_at: datetime
    email: str
    currency: str
    items: list[OrderItemOut]
    codes: list[str]
    subtotal: MoneyOut
    discount_total: MoneyOut
    shipping_total: MoneyOut
    tax_total: MoneyOut
    tax_lines: list[TaxLineOut]
    tax_included: bool
    grand_total: MoneyOut
    refunded_total: MoneyOut
    shipping_address: AddressOut | None
    billing_address: AddressOut | None
    shipping_method: str | None
    shipping_label: str | None
    note: str | None
    fulfilments: list[FulfilmentOut]


class OrderOut(_OrderOut):
    """An order as its buyer sees it."""

    refunds: list[OrderRefundOut]
    timeline: list[EventOut]


class StaffOrderOut(_OrderOut):
    """An order as staff see it."""

    customer_id: UUID | None
    payment_provider: str | None
    locale: str
    staff_note: str | None
    refunds: list[StaffRefundOut]
    timeline: list[StaffEventOut]


def _midnight(value: date | datetime | None, *, days: int) -> datetime | None:
    """Return a time as it is, a day as its beginning in UTC, `days` later."""
    if value is None or isinstance(value, datetime):
        return value
    return datetime.combine(value, time(), UTC) + timedelta(days=days)
