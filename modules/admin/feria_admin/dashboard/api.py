"""The dashboard, for the staff's first page."""

from __future__ import annotations

from typing import Any

from feria_admin.dashboard import service
from feria_admin.dashboard.schemas import DashboardOut, DashboardQuery
from feria_core.http import ApiBlueprint, staff

blueprint = ApiBlueprint("admin_dashboard", __name__)


@blueprint.endpoint(
    "GET", "/api/admin/dashboard", access=staff("analytics.read"), query=DashboardQuery, returns=DashboardOut
)  # fmt: skip
async def admin_dashboard(query: DashboardQuery) -> Any:
    """How the shop stands: today, the last 7 and 30 days, and what waits for somebody."""
    found = await service.dashboard(query)
    return found.model_dump(by_alias=True)
