"""What buyers call: their history, one order by its number, and what they may do with it."""

from __future__ import annotations

from functools import partial

from quart import request

from feria_core.auth import CUSTOMER, PUBLIC, current_principal, maybe_principal
from feria_core.contracts.cart import CartOwner
from feria_core.http.blueprint import ApiBlueprint
from feria_core.http.lists import Page, PageQuery
from feria_core.http.request import locale
from feria_core.http.responses import Answer
from feria_orders import cancelling, reads, reordering
from feria_orders.access import own_order
from feria_orders.documents import order_document, parcels, to_json
from feria_orders.invoices import service as invoices
from feria_orders.invoices.answers import pdf_answer
from feria_orders.paging import page_of, position_of
from feria_orders.returns import repository as return_rows
from feria_orders.returns import service as returns
from feria_orders.returns.documents import found_return, return_document
from feria_orders.schemas import OrderOut, ReadQuery
from feria_orders.schemas_actions import (
    CancelIn,
    ReorderedLine,
    ReorderIn,
    ReorderOut,
    ReturnIn,
    ReturnOut,
    ReturnsOut,
    TrackingOut,
    units_of,
)

blueprint = ApiBlueprint("orders", __name__)
CART_HEADER = "Cart-Token"


@blueprint.endpoint("GET", "/api/orders", access=CUSTOMER, query=PageQuery, returns=Page[OrderOut])
async def list_orders(query: PageQuery) -> bytes:
    """List the caller's orders, newest first."""
    rows = await reads.of_customer(current_principal().id, position_of(query.cursor), query.limit + 1)
    return page_of(rows, query.limit, partial(order_document, locale=locale()))


@blueprint.endpoint("GET", "/api/orders/<number>", access=PUBLIC, query=ReadQuery, returns=OrderOut)
async def get_order(number: str, query: ReadQuery) -> bytes:
    """Show one order to its buyer: signed in, or with the token of the e-mail's link.

    The token comes as `?token=` or in the header `Order-Token`.
    """
    return to_json(order_document(await own_order(number, query.token), locale()))


@blueprint.endpoint("GET", "/api/orders/<number>/tracking", access=PUBLIC, query=ReadQuery, returns=TrackingOut)
async def get_tracking(number: str, query: ReadQuery) -> bytes:
    """Show where the parcels of an order are, the oldest first."""
    row = await own_order(number, query.token)
    shown = {"number": row["number"], "fulfilment_status": row["fulfilment_status"], "items": parcels(row)}
    return to_json(shown)


@blueprint.endpoint(
    "POST", "/api/orders/<number>/cancel", access=PUBLIC, query=ReadQuery, body=CancelIn, returns=OrderOut,
    idempotent=True, optional_body=True,
)  # fmt: skip
async def cancel_order(number: str, query: ReadQuery, body: CancelIn) -> bytes:
    """Cancel an order before anything of it is sent; what was paid goes back."""
    row = await own_order(number, query.token)
    await cancelling.cancel_own(row["number"], reason=body.reason)
    return to_json(order_document(await own_order(number, query.token), locale()))


@blueprint.endpoint(
    "POST", "/api/orders/<number>/reorder", access=PUBLIC, query=ReadQuery, body=ReorderIn, returns=ReorderOut,
    optional_body=True,
)  # fmt: skip
async def reorder(number: str, query: ReadQuery, body: ReorderIn) -> ReorderOut:
    """Put what is still sold of an order into the caller's cart; a guest names his with `Cart-Token`."""
    del body
    row = await own_order(number, query.token)
    principal = maybe_principal()
    owner = CartOwner(customer_id=principal.id) if principal else CartOwner(cart_token=request.headers.get(CART_HEADER))
    return ReorderOut(lines=[ReorderedLine(**line) for line in await reordering.reorder(row["id"], owner)])


@blueprint.endpoint(
    "POST", "/api/orders/<number>/returns", access=PUBLIC, query=ReadQuery, body=ReturnIn, returns=ReturnOut,
    idempotent=True, status=201,
)  # fmt: skip
async def ask_for_return(number: str, query: ReadQuery, body: ReturnIn) -> bytes:
    """Ask to return pieces of an order."""
    row = await own_order(number, query.token)
    return_id = await returns.request(
        row["number"], units_of(body.items), wish=body.wish, reason=body.reason, note=body.note
    )
    return to_json(return_document(await found_return(return_id)))


@blueprint.endpoint("GET", "/api/orders/<number>/returns", access=PUBLIC, query=ReadQuery, returns=ReturnsOut)
async def list_returns(number: str, query: ReadQuery) -> bytes:
    """List the returns of an order, the newest first."""
    row = await own_order(number, query.token)
    return to_json({"items": [return_document(each) for each in await return_rows.of_order(row["id"])]})


@blueprint.endpoint(
    "GET", "/api/orders/<number>/invoice.pdf", access=PUBLIC, query=ReadQuery, media_types=("application/pdf",)
)
async def get_invoice(number: str, query: ReadQuery) -> Answer:
    """The order's invoice as PDF."""
    row = await own_order(number, query.token)
    return pdf_answer(await invoices.invoice(row["id"]))


@blueprint.endpoint(
    "GET",
    "/api/orders/<number>/credit-notes/<refund_id>.pdf",
    access=PUBLIC,
    query=ReadQuery,
    media_types=("application/pdf",),
)
async def get_credit_note(number: str, refund_id: str, query: ReadQuery) -> Answer:
    """The credit note of a refund of the order as PDF."""
    row = await own_order(number, query.token)
    return pdf_answer(await invoices.credit_note(row["id"], refund_id))
