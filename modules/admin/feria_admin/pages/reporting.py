"""The home page, and pages of figures: what a route answers as one object, with charts of its tables."""

from __future__ import annotations

from quart import Response

from feria_admin.pages.browsing import asked, sent_query
from feria_admin.pages.drawing import missing, page
from feria_admin.pages.drawn import address
from feria_admin.pages.signing_in import blueprint
from feria_admin.pages.visits import Visit, staff_page


@blueprint.get("/admin/r/<name>")
@staff_page
async def report_page(visit: Visit, name: str) -> Response:
    report = visit.viewer.report(name)
    if report is None:
        return missing(visit)
    fields, chosen = asked(visit, report)
    answer = await visit.ask("GET", report.path, query=sent_query(fields, chosen))
    return page(
        "report.html",
        visit,
        status=answer.status,
        section=report,
        fields=fields,
        chosen=chosen,
        told=answer.json if answer.ok else {},
        problem=None if answer.ok else answer.json,
        start=address(report),
    )
