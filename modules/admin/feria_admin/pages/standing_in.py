"""Ending what the banner says: that one acts for a customer."""

from __future__ import annotations

from quart import Response, redirect

from feria_admin.pages.drawing import missing
from feria_admin.pages.drawn import filled
from feria_admin.pages.incoming import typed
from feria_admin.pages.signing_in import blueprint
from feria_admin.pages.things import Refused
from feria_admin.pages.visits import Visit, guard, local_path, staff_page
from feria_core.ids import new_id

ACT_AS = "/api/admin/customers/{id}/act-as"


@blueprint.post("/admin/acting/end")
@staff_page
async def end_acting(visit: Visit) -> Response:
    sent = await typed(visit)
    path = filled(ACT_AS, {"id": sent.get("customer_id")})
    if path is None or visit.viewer.may("DELETE", ACT_AS) is None:
        return missing(visit)
    answer = await visit.ask("DELETE", path, key=str(new_id()))
    if not answer.ok:
        raise Refused(answer.status, answer.json)
    return guard(redirect(local_path(sent.get("next", "")), 303))  # type: ignore[arg-type]
