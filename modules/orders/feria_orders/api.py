"""What buyers call: their history, and one order by its number."""

from __future__ import annotations

from functools import partial

from quart import request

from feria_core import limits
from feria_core.auth import CUSTOMER, PUBLIC, current_principal, maybe_principal
from feria_core.http.blueprint import ApiBlueprint
from feria_core.http.lists import Page, PageQuery
from feria_core.http.request import client_address, locale
from feria_core.ids import token_hash
from feria_core.limits import Limit
from feria_orders import reads
from feria_orders.documents import order_document, to_json
from feria_orders.domain import parse_number
from feria_orders.errors import OrderNotFound
from feria_orders.paging import page_of, position_of
from feria_orders.schemas import OrderOut, ReadQuery

blueprint = ApiBlueprint("orders", __name__)
TOKEN_HEADER = "Order-Token"  # noqa: S105 - a header's name
# Only misses count: who reads what is his is never slowed down.
MISSES = Limit("orders.misses", limit=20, window_s=600)


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
    known = parse_number(number)
    token = query.token or request.headers.get(TOKEN_HEADER)
    principal = maybe_principal()
    owner = principal.id if principal is not None and principal.kind != "api_key" else None
    row = None
    if known is not None and (owner is not None or token):
        row = await reads.for_reader(known, customer_id=owner, token_hash=token_hash(token) if token else None)
    if row is None:
        await limits.hit(MISSES, _who())
        raise OrderNotFound(known or "of that number")
    return to_json(order_document(row, locale()))


def _who() -> str:
    """Return whose guesses are counted: the account's, else the address's."""
    principal = maybe_principal()
    return f"{principal.kind}:{principal.id}" if principal else limits.address_key(client_address() or "")
