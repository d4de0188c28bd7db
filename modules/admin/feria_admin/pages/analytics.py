"""The reports of what was sold, looked at and searched for: as charts, as tables, as CSV."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from quart import Response, request

from feria_admin.pages.drawing import missing, page
from feria_admin.pages.signing_in import blueprint
from feria_admin.pages.visits import Visit, guard, staff_page

REPORTS, REPORT = "/api/admin/analytics", "/api/admin/analytics/{report}"
ASKED = ("from", "to", "interval", "tz", "by")
DRAWN_AT_MOST, EARNED = 2, ("total", "revenue", "net")


@blueprint.get("/admin/analytics")
@staff_page
async def analytics_start(visit: Visit) -> Response:
    return await _report(visit, None)


@blueprint.get("/admin/analytics/<name>")
@staff_page
async def analytics_report(visit: Visit, name: str) -> Response:
    return await _report(visit, name)


@blueprint.get("/admin/analytics/<name>/export.csv")
@staff_page
async def analytics_export(visit: Visit, name: str) -> Response:
    if visit.viewer.may("GET", REPORT) is None or "/" in name:
        return missing(visit)
    answer = await visit.ask("GET", f"{REPORTS}/{name}", query=[*_chosen().items(), ("format", "csv")])
    if not answer.ok:
        return missing(visit)
    response = guard(Response(answer.body, content_type="text/csv; charset=utf-8"))
    response.headers["Content-Disposition"] = 'attachment; filename="analytics.csv"'
    return response


async def _report(visit: Visit, name: str | None) -> Response:
    if visit.viewer.may("GET", REPORT) is None:
        return missing(visit)
    known = (await visit.ask("GET", REPORTS)).json.get("items") or []
    wanted = name or (known[0]["name"] if known else "")
    if not any(each["name"] == wanted for each in known):
        return missing(visit)
    chosen = _chosen()
    answer = await visit.ask("GET", f"{REPORTS}/{wanted}", query=list(chosen.items()))
    told: dict[str, Any] = answer.json if answer.ok else {}
    return page(
        "analytics.html",
        visit,
        status=answer.status,
        reports=known,
        wanted=wanted,
        chosen=chosen,
        told=told,
        drawn_columns=drawn_of(told),
        problem=None if answer.ok else answer.json,
        export=f"/admin/analytics/{wanted}/export.csv?{urlencode(chosen)}",
    )


def _chosen() -> dict[str, str]:
    return {name: request.args[name] for name in ASKED if request.args.get(name)}


def drawn_of(told: Mapping[str, Any]) -> list[str]:
    """Return the columns that the chart shows: what was earned, and what is counted."""
    columns = told.get("columns", ())
    earned = [each["name"] for each in columns if each["kind"] == "money"]
    earned.sort(key=lambda name: EARNED.index(name) if name in EARNED else len(EARNED))
    counted = [each["name"] for each in columns if each["kind"] == "count"]
    return [*earned[:1], *counted[: 1 if earned else DRAWN_AT_MOST]]
