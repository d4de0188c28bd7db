"""What staff do with an order: parcels, cancelling, money back, notes, payments."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from feria_core.auth import staff
from feria_core.http.blueprint import ApiBlueprint
from feria_core.http.request import locale
from feria_core.http.responses import Answer
from feria_core.ids import parse_id
from feria_orders import cancelling, paying, reads, service
from feria_orders.access import known_number
from feria_orders.documents import parcels, staff_document, to_json
from feria_orders.domain import ParcelStatus
from feria_orders.errors import FulfilmentUnknown, OrderNotFound
from feria_orders.fulfilments import service as fulfilments
from feria_orders.invoices import service as invoices
from feria_orders.invoices.answers import pdf_answer
from feria_orders.refunds import repository as refund_rows
from feria_orders.refunds import service as refunds
from feria_orders.schemas import FulfilmentOut, StaffOrderOut
from feria_orders.schemas_actions import (
    CaptureIn,
    FulfilmentChange,
    FulfilmentIn,
    NoteIn,
    RefundIn,
    RefundOut,
    StaffCancelIn,
)

blueprint = ApiBlueprint("orders_admin_actions", __name__)
PATH = "/api/admin/orders/<number>"


@blueprint.endpoint(
    "POST", f"{PATH}/fulfilments", access=staff("orders.write"), body=FulfilmentIn, returns=FulfilmentOut, status=201,
    optional_body=True,
)  # fmt: skip
async def add_fulfilment(number: str, body: FulfilmentIn) -> bytes:
    """Put pieces of an order into a parcel: those that are named, else all that are left."""
    known = known_number(number)
    tracking = body.model_dump(include=set(fulfilments.TRACKING))
    fulfilment_id = await fulfilments.create(
        known, body.units(), status=ParcelStatus(body.status), tracking=tracking, notify=body.notify
    )
    return to_json(await _parcel(known, fulfilment_id))


@blueprint.endpoint(
    "PATCH", f"{PATH}/fulfilments/<fulfilment_id>", access=staff("orders.write"), body=FulfilmentChange,
    returns=FulfilmentOut,
)  # fmt: skip
async def change_fulfilment(number: str, fulfilment_id: str, body: FulfilmentChange) -> bytes:
    """Change a parcel's tracking, or say that it is shipped, delivered or cancelled."""
    known, parcel_id = known_number(number), parse_id(fulfilment_id)
    if parcel_id is None:
        raise FulfilmentUnknown("of that id")
    changes = body.model_dump(exclude_unset=True, exclude={"notify"})
    await fulfilments.change(known, parcel_id, changes, notify=body.notify)
    return to_json(await _parcel(known, parcel_id))


@blueprint.endpoint(
    "POST", f"{PATH}/cancel", access=staff("orders.write"), body=StaffCancelIn, returns=StaffOrderOut,
    idempotent=True,
)  # fmt: skip
async def cancel_pieces(number: str, body: StaffCancelIn) -> bytes:
    """Cancel pieces that are in no parcel, or all of them; their money and stock go back as is wanted."""
    known = known_number(number)
    what = cancelling.Cancelling(body.units(), body.reason, body.restock, body.refund, body.notify)
    await cancelling.cancel(known, what)
    return await _order(known)


@blueprint.endpoint(
    "POST", f"{PATH}/refunds", access=staff("orders.refund"), body=RefundIn, returns=RefundOut, status=201,
    idempotent=True,
)  # fmt: skip
async def refund(number: str, body: RefundIn) -> bytes:
    """Give money back: for pieces, an amount, or all that is left."""
    known = known_number(number)
    wanted = refunds.Wanted(
        units=body.units(),
        amount=body.amount.to_money() if body.amount else None,
        shipping=body.include_shipping,
        restock=body.restock,
        reason=body.reason,
    )
    return to_json(await _refund(known, await refunds.refund(known, wanted)))


@blueprint.endpoint(
    "POST", f"{PATH}/payments/received", access=staff("orders.write"), returns=StaffOrderOut, idempotent=True
)
async def note_received(number: str) -> bytes:
    """Note that the money of an order on invoice has arrived."""
    known = known_number(number)
    await paying.note_received(known)
    return await _order(known)


@blueprint.endpoint(
    "POST", f"{PATH}/payments/capture", access=staff("orders.write"), body=CaptureIn, returns=StaffOrderOut,
    idempotent=True, optional_body=True,
)  # fmt: skip
async def capture(number: str, body: CaptureIn) -> bytes:
    """Take authorised money; the order becomes paid once the provider has said so."""
    known = known_number(number)
    await paying.capture(known, body.amount.to_money() if body.amount else None)
    return await _order(known)


@blueprint.endpoint(
    "POST", f"{PATH}/notes", access=staff("orders.write"), body=NoteIn, returns=StaffOrderOut, status=201
)
async def add_note(number: str, body: NoteIn) -> bytes:
    """Write a note into the order's timeline, for staff alone or for the buyer too."""
    row = await service.add_note(known_number(number), body.text, public=body.public)
    return to_json(staff_document(row, locale()))


@blueprint.endpoint("GET", f"{PATH}/invoice.pdf", access=staff("orders.read"), media_types=("application/pdf",))
async def get_any_invoice(number: str) -> Answer:
    """An order's invoice as PDF."""
    return pdf_answer(await invoices.invoice((await _row(known_number(number)))["id"]))


@blueprint.endpoint(
    "GET", f"{PATH}/credit-notes/<refund_id>.pdf", access=staff("orders.read"), media_types=("application/pdf",)
)
async def get_any_credit_note(number: str, refund_id: str) -> Answer:
    """The credit note of a refund as PDF."""
    row = await _row(known_number(number))
    return pdf_answer(await invoices.credit_note(row["id"], refund_id))


async def _row(number: str) -> Any:
    row = await reads.by_number(number)
    if row is None:
        raise OrderNotFound(number)
    return row


async def _order(number: str) -> bytes:
    return to_json(staff_document(await _row(number), locale()))


async def _parcel(number: str, fulfilment_id: UUID) -> dict[str, Any]:
    return next(parcel for parcel in parcels(await _row(number)) if parcel["id"] == str(fulfilment_id))


async def _refund(number: str, refund_id: UUID) -> dict[str, Any]:
    """Return the refund with where its order is now."""
    document = staff_document(await _row(number), locale())
    row = await refund_rows.get(refund_id)
    assert row is not None  # noqa: S101 - written a moment ago, and refunds are never deleted
    currency = document["currency"]
    return {
        **next(each for each in document["refunds"] if each["id"] == str(refund_id)),
        "shipping": {"amount": row["shipping"], "currency": currency},
        "tax": {"amount": row["tax"], "currency": currency},
        "order_number": number,
        "payment_status": document["payment_status"],
        "refunded_total": document["refunded_total"],
    }
