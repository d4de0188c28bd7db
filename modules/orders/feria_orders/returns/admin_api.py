"""What staff do with returns."""

from __future__ import annotations

from uuid import UUID

from feria_core.auth import current_principal, staff
from feria_core.errors import BadRequest, Forbidden
from feria_core.http.blueprint import ApiBlueprint
from feria_core.http.lists import Page, decode_cursor, encode_cursor
from feria_core.ids import parse_id
from feria_orders.documents import to_json
from feria_orders.errors import ReturnUnknown
from feria_orders.returns import repository, service
from feria_orders.returns.documents import found_return, return_document
from feria_orders.schemas_actions import DecisionIn, ReceiveIn, ReturnOut, ReturnsQuery

blueprint = ApiBlueprint("orders_returns", __name__)


@blueprint.endpoint(
    "GET", "/api/admin/returns", access=staff("orders.read"), query=ReturnsQuery, returns=Page[ReturnOut]
)
async def list_all_returns(query: ReturnsQuery) -> bytes:
    """List returns of every order, the newest first."""
    rows = await repository.newest(query.status, _after(query.cursor), query.limit + 1)
    shown = rows[: query.limit]
    cursor = encode_cursor(str(shown[-1]["id"])) if len(rows) > query.limit else None
    return to_json({"items": [return_document(row) for row in shown], "next_cursor": cursor})


@blueprint.endpoint("GET", "/api/admin/returns/<return_id>", access=staff("orders.read"), returns=ReturnOut)
async def get_return(return_id: str) -> bytes:
    """Show one return."""
    return await _shown(_known(return_id))


@blueprint.endpoint(
    "POST", "/api/admin/returns/<return_id>/approve", access=staff("orders.write"), body=DecisionIn, returns=ReturnOut,
    optional_body=True,
)  # fmt: skip
async def approve_return(return_id: str, body: DecisionIn) -> bytes:
    """Approve a return; its buyer is told where to send it."""
    known = _known(return_id)
    await service.approve(known, body.message)
    return await _shown(known)


@blueprint.endpoint(
    "POST", "/api/admin/returns/<return_id>/reject", access=staff("orders.write"), body=DecisionIn, returns=ReturnOut,
    optional_body=True,
)  # fmt: skip
async def reject_return(return_id: str, body: DecisionIn) -> bytes:
    """Reject a return, or close an approved one that never arrived."""
    known = _known(return_id)
    await service.reject(known, body.message)
    return await _shown(known)


@blueprint.endpoint(
    "POST", "/api/admin/returns/<return_id>/receive", access=staff("orders.write"), body=ReceiveIn, returns=ReturnOut,
    optional_body=True,
)  # fmt: skip
async def receive_return(return_id: str, body: ReceiveIn) -> bytes:
    """Note what has arrived; put it back into the stock and give its money back, as is wanted."""
    known = _known(return_id)
    if body.refund and "orders.refund" not in current_principal().permissions:
        raise Forbidden("Giving money back needs the permission 'orders.refund': send `refund` as false without it.")
    receiving = service.Receiving(
        arrived={item.item_id: (item.resellable, item.damaged) for item in body.items},
        restock=body.restock,
        refund=body.refund,
        shipping=body.include_shipping,
        amount=body.amount.to_money() if body.amount else None,
    )
    await service.receive(known, receiving)
    return await _shown(known)


def _known(return_id: str) -> UUID:
    known = parse_id(return_id)
    if known is None:
        raise ReturnUnknown("of that id")
    return known


def _after(cursor: str | None) -> UUID | None:
    parts = decode_cursor(cursor, 1)
    if parts is None:
        return None
    known = parse_id(str(parts[0]))
    if known is None:
        raise BadRequest("The cursor is not one that this list gave out: leave it away to begin at the start.")
    return known


async def _shown(return_id: UUID) -> bytes:
    return to_json(return_document(await found_return(return_id)))
