"""What staff call: every placed order, to find, read and correct."""

from __future__ import annotations

from functools import partial

from feria_core.auth import staff
from feria_core.http.blueprint import ApiBlueprint
from feria_core.http.lists import Page
from feria_core.http.request import locale
from feria_orders import previews, reads, service
from feria_orders.access import known_number
from feria_orders.documents import staff_document, to_json
from feria_orders.errors import OrderNotFound
from feria_orders.paging import page_of, position_of
from feria_orders.reads import Filter
from feria_orders.schemas import AdminOrdersQuery, CorrectionIn, StaffOrderOut
from feria_orders.schemas_mail import MailPreviewOut, MailPreviewQuery

blueprint = ApiBlueprint("orders_admin", __name__)


@blueprint.endpoint(
    "GET", "/api/admin/orders", access=staff("orders.read"), query=AdminOrdersQuery, returns=Page[StaffOrderOut]
)
async def list_all_orders(query: AdminOrdersQuery) -> bytes:
    """List placed orders, newest first, by status, date, customer and text."""
    wanted = Filter(
        status=query.status,
        payment_status=query.payment_status,
        fulfilment_status=query.fulfilment_status,
        customer_id=query.customer,
        since=query.first_moment(),
        until=query.end(),
        text=query.q or None,
    )
    rows = await reads.matching(wanted, position_of(query.cursor), query.limit + 1)
    return page_of(rows, query.limit, partial(staff_document, locale=locale()))


@blueprint.endpoint("GET", "/api/admin/orders/<number>", access=staff("orders.read"), returns=StaffOrderOut)
async def get_any_order(number: str) -> bytes:
    """Show one placed order with its whole timeline."""
    known = known_number(number)
    row = await reads.by_number(known)
    if row is None:
        raise OrderNotFound(known)
    return to_json(staff_document(row, locale()))


@blueprint.endpoint(
    "PATCH", "/api/admin/orders/<number>", access=staff("orders.write"), body=CorrectionIn, returns=StaffOrderOut
)
async def correct_order(number: str, body: CorrectionIn) -> bytes:
    """Correct the e-mail address or the notes of a placed order."""
    row = await service.correct(known_number(number), body.model_dump(exclude_unset=True))
    return to_json(staff_document(row, locale()))


@blueprint.endpoint(
    "GET",
    "/api/admin/orders/<number>/mail-preview",
    access=staff("orders.read"),
    query=MailPreviewQuery,
    returns=MailPreviewOut,
)
async def preview_mail(number: str, query: MailPreviewQuery) -> dict[str, str]:
    """Show how one of the mails to the buyer reads for this order; nothing is sent."""
    return await previews.preview(known_number(number), query)
