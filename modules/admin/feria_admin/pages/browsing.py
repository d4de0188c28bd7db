"""Looking: the home page, lists with search and filters, one thing."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from quart import Response, request

from feria_admin.pages.drawing import missing, page
from feria_admin.pages.drawn import address, route
from feria_admin.pages.fields import Field, fields_of, titled
from feria_admin.pages.signing_in import blueprint
from feria_admin.pages.things import thing_of
from feria_admin.pages.visits import Visit, staff_page
from feria_core.contracts.admin import AdminSection

DASHBOARD = "/api/admin/dashboard"
DATE_LENGTH = 10


@blueprint.get("/admin")
@staff_page
async def home(visit: Visit) -> Response:
    figures: Mapping[str, Any] = {}
    if visit.viewer.may("GET", DASHBOARD):
        answer = await visit.ask("GET", DASHBOARD)
        figures = answer.json if answer.ok else {}
    return page("home.html", visit, figures=figures)


@blueprint.get("/admin/s/<name>")
@staff_page
async def section_list(visit: Visit, name: str) -> Response:
    section = visit.viewer.section(name)
    if section is None:
        return missing(visit)
    fields = titled(filters_of(section), section, visit.locale)
    chosen = {each.name: request.args.get(each.name, "") for each in fields}
    cursor = request.args.get("cursor", "")
    query = [(each.name, _sent(each, chosen[each.name])) for each in fields if chosen[each.name]]
    answer = await visit.ask("GET", section.list_path, query=[*query, *([("cursor", cursor)] if cursor else [])])
    found = answer.json if answer.ok else {"items": []}
    kept = {name: value for name, value in chosen.items() if value}
    following = found.get("next_cursor")
    return page(
        "list.html",
        visit,
        status=answer.status,
        section=section,
        fields=fields,
        chosen=chosen,
        things=found["items"],
        problem=None if answer.ok else answer.json,
        start=address(section) + ("?" + urlencode(kept) if kept else ""),
        following=f"{address(section)}?{urlencode({**kept, 'cursor': following})}" if following else None,
        is_first=not cursor,
        is_done=bool(request.args.get("done")),
    )


@blueprint.get("/admin/s/<name>/i/<key>")
@staff_page
async def thing_page(visit: Visit, name: str, key: str) -> Response:
    section = visit.viewer.section(name)
    thing = await thing_of(visit, section, key) if section else None
    if section is None or thing is None:
        return missing(visit)
    return page("thing.html", visit, section=section, key=key, thing=thing, is_done=bool(request.args.get("done")))


@blueprint.get("/admin/<path:rest>")
@staff_page
async def unknown(visit: Visit, rest: str) -> Response:
    del rest
    return missing(visit)


def filters_of(section: AdminSection) -> tuple[Field, ...]:
    """Return the search field and the filters, as the list's query declares them."""
    listed = route("GET", section.list_path)
    wanted = (*((section.search,) if section.search else ()), *section.filters)
    if listed is None or listed.query is None or not wanted:
        return ()
    return tuple(each for each in fields_of(listed.query, wanted) if each.name in wanted)


def _sent(each: Field, value: str) -> str:
    """Return a filter's value as the route takes it: a day begins at midnight in UTC."""
    if each.kind != "moment" or len(value) != DATE_LENGTH:
        return value
    try:
        return f"{date.fromisoformat(value)}T00:00:00Z"
    except ValueError:
        return value
