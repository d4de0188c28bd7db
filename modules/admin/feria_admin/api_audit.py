"""The audit log, for staff who look into it."""

from __future__ import annotations

from quart import Response

from feria_admin import csv_rows
from feria_admin.schemas_audit import AuditQuery, AuditRow
from feria_admin.service import audit_log
from feria_core.http import ApiBlueprint, Page, staff

blueprint = ApiBlueprint("admin_audit", __name__)


@blueprint.endpoint(
    "GET", "/api/admin/audit-log", access=staff("audit.read"), query=AuditQuery, returns=Page[AuditRow],
    media_types=(csv_rows.CSV,),
)  # fmt: skip
async def admin_audit_log(query: AuditQuery) -> Page[AuditRow] | Response:
    """Who changed what, when and from where, the latest first; with `format=csv` all of it, streamed."""
    if csv_rows.is_wanted(query.format):
        return csv_rows.answer("audit-log", audit_log.HEADER, audit_log.exported(query))
    return await audit_log.listed(query)
