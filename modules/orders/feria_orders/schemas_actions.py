"""What the routes that move an order take and give."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, AliasChoices, Field, Strict, model_validator

from feria_core.http.lists import PageQuery
from feria_core.http.schemas import Body, Out
from feria_core.money import MoneyIn, MoneyOut
from feria_orders.schemas import FulfilmentOut, StaffRefundOut

MAX_ITEMS, MAX_PIECES = 1000, 1_000_000
# Bodies are strict, and JSON has no ids: text is what one comes as.
Id = Annotated[UUID, Strict(strict=False)]
_ITEM_ID = AliasChoices("item_id", "line_id", "id")
_ITEMS = AliasChoices("items", "lines")
Reason = Annotated[str | None, Field(min_length=1, max_length=500)]


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("must be one line of visible characters")
    return text


def _web_address(url: str) -> str:
    if not url.startswith(("https://", "http://")) or any(mark in url for mark in " <>\"'"):
        raise ValueError("must be an address that begins with https://")
    return _printable(url)


Tracking = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_printable)]


class Pieces(Body):
    """So many pieces of an item of the order."""

    item_id: Annotated[Id, Field(validation_alias=_ITEM_ID, description="`id` of the item in the order; `line_id` too")]
    quantity: Annotated[int, Field(ge=1, le=MAX_PIECES)]


def units_of(items: Iterable[Pieces]) -> dict[UUID, int]:
    """Return the pieces by item; one that is named twice adds up."""
    units: dict[UUID, int] = {}
    for piece in items:
        units[piece.item_id] = units.get(piece.item_id, 0) + piece.quantity
    return units


class _OfPieces(Body):
    items: Annotated[
        list[Pieces],
        Field(
            default_factory=list,
            max_length=MAX_ITEMS,
            validation_alias=_ITEMS,
            description="Nothing: all that is left; `lines` too",
        ),
    ]

    def units(self) -> dict[UUID, int]:
        """Return the named pieces by item."""
        return units_of(self.items)


class TrackingIn(Body):
    """Where a parcel is shown."""

    carrier: Annotated[Tracking | None, Field(description="Known ones get a link: DHL, UPS, Correos CR, ...")] = None
    tracking_number: Tracking | None = None
    tracking_url: Annotated[
        Annotated[str, Field(max_length=500), AfterValidator(_web_address)] | None,
        Field(description="Instead of the carrier's own", examples=["https://carrier.example/parcel/1"]),
    ] = None
    notify: Annotated[bool, Field(description="Whether the buyer gets a mail")] = True


class FulfilmentIn(TrackingIn, _OfPieces):
    """A parcel with pieces of the order."""

    status: Annotated[
        Literal["pending", "shipped"], Field(description="pending: being packed, the buyer is not told yet")
    ] = "shipped"


class FulfilmentChange(TrackingIn):
    """What becomes of a parcel; fields that are left away stay."""

    status: Literal["pending", "shipped", "delivered", "cancelled"] | None = None


class CancelIn(Body):
    """Why the buyer cancels."""

    reason: Reason = None


class StaffCancelIn(_OfPieces):
    """Which pieces staff cancel; without any, all that is in no parcel."""

    reason: Reason = None
    restock: Annotated[bool, Field(description="Put the pieces back into the stock")] = True
    refund: Annotated[bool, Field(description="Give back what was paid for them")] = True
    notify: bool = True


class RefundIn(_OfPieces):
    """What goes back: pieces, an amount, so much for these pieces, or with neither all that is left."""

    amount: Annotated[MoneyIn | None, Field(description="Instead of what the pieces cost")] = None
    include_shipping: Annotated[bool, Field(description="With the pieces' share of shipping")] = True
    restock: Annotated[bool, Field(description="Put the pieces into the stock again")] = False
    reason: Reason = None


class RefundOut(StaffRefundOut):
    """The refund that is on its way, and where the order is now."""

    shipping: Annotated[MoneyOut, Field(description="What of the amount is shipping")]
    tax: Annotated[MoneyOut, Field(description="The tax in the amount")]
    order_number: str
    payment_status: Literal["pending", "authorized", "paid", "partially_refunded", "refunded", "failed"]
    refunded_total: MoneyOut


class ReturnIn(Body):
    """What the buyer wants to send back."""

    items: Annotated[list[Pieces], Field(min_length=1, max_length=MAX_ITEMS, validation_alias=_ITEMS)]
    reason: Annotated[
        str, Field(min_length=1, max_length=50, description="One of the shop's `return_reasons`", examples=["other"])
    ]
    note: Annotated[str | None, Field(max_length=2000, description="For the shop")] = None
    wish: Annotated[
        Literal["refund", "exchange"], Field(description="exchange: something else instead, ordered anew")
    ] = "refund"


class DecisionIn(Body):
    """What the buyer is told with the decision."""

    message: Annotated[
        str | None,
        Field(min_length=1, max_length=2000, validation_alias=AliasChoices("message", "reason", "note")),
    ] = None


class ArrivedIn(Body):
    """What has arrived of an item; a bare `quantity` is resellable."""

    item_id: Annotated[Id, Field(validation_alias=_ITEM_ID)]
    resellable: Annotated[int, Field(ge=0, le=MAX_PIECES, validation_alias=AliasChoices("resellable", "quantity"))] = 0
    damaged: Annotated[int, Field(ge=0, le=MAX_PIECES)] = 0


class ReceiveIn(Body):
    """What has arrived, and what becomes of it and its money."""

    items: Annotated[
        list[ArrivedIn],
        Field(
            default_factory=list,
            max_length=MAX_ITEMS,
            validation_alias=_ITEMS,
            description="Nothing: all of it, resellable",
        ),
    ]
    restock: Annotated[bool, Field(description="Put the resellable pieces into the stock")] = True
    refund: Annotated[bool, Field(description="Give back what the pieces cost; needs orders.refund")] = True
    include_shipping: Annotated[bool, Field(description="With the pieces' share of shipping")] = False
    amount: Annotated[MoneyIn | None, Field(description="Instead of what the pieces cost")] = None

    @model_validator(mode="after")
    def _once(self) -> Self:
        if len({item.item_id for item in self.items}) != len(self.items):
            raise ValueError("an item is named twice")
        return self


class ReturnsQuery(PageQuery):
    """Which returns staff look for."""

    status: Literal["requested", "approved", "rejected", "received"] | None = None


class ReturnItemOut(Out):
    """Pieces in a return, and what has arrived of them."""

    item_id: UUID
    variant_id: UUID
    sku: str
    name: str
    quantity: int
    resellable: int
    damaged: int


class ReturnRefundOut(Out):
    """Money that went back for a return."""

    id: UUID
    status: Literal["pending", "succeeded", "failed"]
    amount: MoneyOut


class ReturnOut(Out):
    """A return."""

    id: UUID
    order_number: str
    status: Literal["requested", "approved", "rejected", "received"]
    wish: Literal["refund", "exchange"]
    reason: str
    note: str | None
    answer: Annotated[str | None, Field(description="What the shop said")]
    items: list[ReturnItemOut]
    refunds: list[ReturnRefundOut]
    requested_at: datetime
    decided_at: datetime | None
    received_at: datetime | None


class ReturnsOut(Out):
    """The returns of an order, the newest first."""

    items: list[ReturnOut]


class TrackingOut(Out):
    """Where the parcels of an order are."""

    number: str
    fulfilment_status: Literal["unfulfilled", "partial", "fulfilled", "returned"]
    items: Annotated[list[FulfilmentOut], Field(description="The parcels, the oldest first")]


class NoteIn(Body):
    """A note for the timeline."""

    text: Annotated[str, Field(min_length=1, max_length=2000)]
    public: Annotated[bool, Field(description="Whether the buyer reads it")] = False


class CaptureIn(Body):
    """How much of the authorised money to take."""

    amount: Annotated[MoneyIn | None, Field(description="Nothing: all of it, less what was cancelled")] = None


class ReorderIn(Body):
    """Nothing: the whole order is put into the cart."""


class ReorderedLine(Out):
    """What of a line is in the cart now."""

    variant_id: UUID
    sku: str
    requested: int
    added: int
    code: Annotated[str | None, Field(description="Why not all of it: variant_unknown, out_of_stock, cart_full, ...")]


class ReorderOut(Out):
    """What of the order is in the caller's cart now."""

    lines: list[ReorderedLine]
