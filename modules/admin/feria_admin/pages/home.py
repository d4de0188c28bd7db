"""The home page: how the shop stands, and where to go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from quart import Response
from quart_schema import hide

from feria_admin.pages.drawing import page
from feria_admin.pages.signing_in import blueprint
from feria_admin.pages.visits import Visit, staff_page

DASHBOARD = "/api/admin/dashboard"


@blueprint.get("/admin")
@hide
@staff_page
async def home(visit: Visit) -> Response:
    figures: Mapping[str, Any] = {}
    if visit.viewer.may("GET", DASHBOARD):
        answer = await visit.ask("GET", DASHBOARD)
        figures = answer.json if answer.ok else {}
    return page("home.html", visit, figures=figures)
