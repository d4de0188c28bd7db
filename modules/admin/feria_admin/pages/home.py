"""The home page: how the shop stands, what waits for somebody, and where to go."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from quart import Response, request

from feria_admin.pages.analytics import drawn_of
from feria_admin.pages.drawing import page
from feria_admin.pages.signing_in import blueprint
from feria_admin.pages.visits import Visit, staff_page

DASHBOARD, SALES = "/api/admin/dashboard", "/api/admin/analytics/sales"
PERIODS = ("today", "7d", "30d")


@blueprint.get("/admin")
@staff_page
async def home(visit: Visit) -> Response:
    chosen = request.args.get("period", "30d")
    board, sales = await asyncio.gather(_asked(visit, DASHBOARD), _asked(visit, SALES))
    period = chosen if chosen in PERIODS else "30d"
    return page("home.html", visit, board=board, sales=sales, period=period, drawn_columns=drawn_of(sales or {}))


async def _asked(visit: Visit, path: str) -> Mapping[str, Any] | None:
    """Return what a route answers, or None where it is not for these eyes or fails: the rest of the page stands."""
    if visit.viewer.may("GET", path.replace("/sales", "/{report}")) is None:
        return None
    answer = await visit.ask("GET", path)
    found: Mapping[str, Any] | None = answer.json if answer.ok else None
    return found
