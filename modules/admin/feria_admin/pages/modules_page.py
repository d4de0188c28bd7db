"""What runs here: modules with their versions, queues and schedules."""

from __future__ import annotations

from quart import Response

from feria_admin.pages.drawing import missing, page
from feria_admin.pages.signing_in import blueprint
from feria_admin.pages.visits import Visit, staff_page
from feria_core.plugins import discover
from feria_core.runtime import current

SUMMARY = "/api/admin/jobs/summary"


@blueprint.get("/admin/modules")
@staff_page
async def modules(visit: Visit) -> Response:
    if visit.viewer.may("GET", SUMMARY) is None:
        return missing(visit)
    answer = await visit.ask("GET", SUMMARY)
    running = {each.name: each for each in current().modules}
    known = [
        {
            "name": name,
            "version": each.version,
            "is_on": name in running,
            "needs": ", ".join(each.hard_needs),
            "uses": ", ".join(each.soft_needs),
        }
        for name, each in sorted(discover().items())
    ]
    return page(
        "modules.html", visit, modules=known, jobs=answer.json if answer.ok else {"queues": [], "schedules": []}
    )
