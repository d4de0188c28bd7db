"""The report of what reminders have brought back, for staff."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feria_cart.reminders.report import report
from feria_cart.reminders.schemas import AbandonedQuery, AbandonedReportOut
from feria_core.auth import staff
from feria_core.http import ApiBlueprint

blueprint = ApiBlueprint("cart_abandoned", __name__)


@blueprint.endpoint(
    "GET", "/api/admin/carts/abandoned", access=staff("cart.read"), query=AbandonedQuery, returns=AbandonedReportOut
)
async def abandoned_carts(query: AbandonedQuery) -> Mapping[str, Any]:
    """Carts that were reminded of, and what came back: sums by the number of mails, and the carts."""
    return await report(query)
