"""What staff do with customers."""

from __future__ import annotations

from uuid import UUID

from feria_core.errors import BadRequest
from feria_core.http import ApiBlueprint, Page, decode_cursor, encode_cursor, staff
from feria_core.ids import parse_id
from feria_users.schemas_admin import ActingOut, CustomerOut, CustomerPatch, CustomerQuery
from feria_users.service import acting, customers
from feria_users.service.acting import ACT_AS

blueprint = ApiBlueprint("users_admin", __name__)


@blueprint.endpoint(
    "GET", "/api/admin/customers", access=staff("users.read"), query=CustomerQuery, returns=Page[CustomerOut]
)
async def admin_list_customers(query: CustomerQuery) -> Page[CustomerOut]:
    """Customers, the latest first; `q` finds them by the beginning of an address or of words of a name."""
    rows = await customers.page(
        q=query.q, group=query.group, status=query.status, before=after(query.cursor), limit=query.limit + 1
    )
    shown = [CustomerOut(**row) for row in rows[: query.limit]]
    return Page(items=shown, next_cursor=encode_cursor(shown[-1].id) if len(rows) > query.limit else None)


@blueprint.endpoint("GET", "/api/admin/customers/<customer_id>", access=staff("users.read"), returns=CustomerOut)
async def admin_get_customer(customer_id: str) -> CustomerOut:
    """One customer."""
    return CustomerOut(**await customers.find(parse_id(customer_id)))


@blueprint.endpoint(
    "PATCH",
    "/api/admin/customers/<customer_id>",
    access=staff("users.write"),
    body=CustomerPatch,
    returns=CustomerOut,
)
async def admin_change_customer(customer_id: str, body: CustomerPatch) -> CustomerOut:
    """Put a customer into a group, disable or enable; what is left out stays."""
    given = body.model_dump(include=body.model_fields_set)
    return CustomerOut(**await customers.change(parse_id(customer_id), given))


@blueprint.endpoint(
    "POST", "/api/admin/customers/<customer_id>/act-as", access=staff(ACT_AS), returns=ActingOut, status=201
)
async def admin_act_as_customer(customer_id: str) -> ActingOut:
    """Get a short token to act for the customer with: no password, address or second factor can be changed by it."""
    return ActingOut.model_validate(await acting.act_as(parse_id(customer_id)))


@blueprint.endpoint("DELETE", "/api/admin/customers/<customer_id>/act-as", access=staff(ACT_AS), status=204)
async def admin_stop_acting_as_customer(customer_id: str) -> None:
    """End what this session of yours opened to act for the customer: its tokens open nothing any more."""
    await acting.end(parse_id(customer_id))


def after(cursor: str | None) -> UUID | None:
    """Return the id behind a cursor of a list of accounts. Raises BadRequest."""
    position = decode_cursor(cursor, 1)
    before = parse_id(str(position[0])) if position else None
    if position and before is None:
        raise BadRequest("The cursor is not one that this list gave out: leave it away to begin at the start.")
    return before
