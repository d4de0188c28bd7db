"""Bulk acts, for staff who do one thing to many."""

from __future__ import annotations

from quart import Response

from feria_admin import csv_rows
from feria_admin.bulk import service
from feria_admin.bulk.schemas import BulkBody, BulkErrorOut, BulkErrorQuery, BulkOut
from feria_core.http import ApiBlueprint, Page, PageQuery, staff
from feria_core.ids import parse_id

blueprint = ApiBlueprint("admin_bulk", __name__)
ACCESS = staff("bulk.write")


@blueprint.endpoint("GET", "/api/admin/bulk", access=ACCESS, query=PageQuery, returns=Page[BulkOut])
async def admin_list_bulk(query: PageQuery) -> Page[BulkOut]:
    """Acts on many things with how far they are, the latest first."""
    return await service.listed(query.cursor, query.limit)


@blueprint.endpoint(
    "POST", "/api/admin/bulk", access=ACCESS, body=BulkBody, returns=BulkOut, status=202, idempotent=True
)  # fmt: skip
async def admin_begin_bulk(body: BulkBody) -> BulkOut:
    """Do an act of a section to many things, as a job; it needs the permission of the act too."""
    return await service.begin(body)


@blueprint.endpoint("GET", "/api/admin/bulk/<bulk_id>", access=ACCESS, returns=BulkOut)
async def admin_get_bulk(bulk_id: str) -> BulkOut:
    """How far it is."""
    return await service.find(parse_id(bulk_id))


@blueprint.endpoint(
    "GET", "/api/admin/bulk/<bulk_id>/errors", access=ACCESS, query=BulkErrorQuery, returns=Page[BulkErrorOut]
)  # fmt: skip
async def admin_bulk_errors(bulk_id: str, query: BulkErrorQuery) -> Page[BulkErrorOut] | Response:
    """What failed, with its reason; with `format=csv` all of it."""
    if csv_rows.is_wanted(query.format):
        known = (await service.find(parse_id(bulk_id))).id
        return csv_rows.answer("bulk-errors", tuple(BulkErrorOut.model_fields), service.exported(known))
    return await service.errors(parse_id(bulk_id), query.cursor, query.limit)


@blueprint.endpoint("POST", "/api/admin/bulk/<bulk_id>/cancel", access=ACCESS, returns=BulkOut)
async def admin_cancel_bulk(bulk_id: str) -> BulkOut:
    """Leave undone what is not done yet."""
    return await service.cancel(parse_id(bulk_id))
