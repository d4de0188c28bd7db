"""Looks: what a route tells of one thing, chosen by its query; nothing is done by them."""

from __future__ import annotations

from dataclasses import replace

from quart import Response, request

from feria_admin.pages.drawing import missing, page
from feria_admin.pages.drawn import address, filled, route
from feria_admin.pages.fields import Field, fields_of, titled
from feria_admin.pages.signing_in import blueprint
from feria_admin.pages.things import thing_of
from feria_admin.pages.visits import Visit, staff_page
from feria_core.contracts.admin import AdminSection, Look
from feria_core.runtime import core_settings


@blueprint.get("/admin/s/<name>/i/<key>/look/<look>")
@staff_page
async def look_page(visit: Visit, name: str, key: str, look: str) -> Response:
    section = visit.viewer.section(name)
    found = next((each for each in visit.viewer.looks(section) if each.name == look), None) if section else None
    thing = await thing_of(visit, section, key) if section and found else None
    path = filled(found.path, thing) if found and thing is not None else None
    if section is None or found is None or thing is None or path is None:
        return missing(visit)
    fields = _fields(found, section, visit.locale)
    chosen = {each.name: request.args.get(each.name, str(each.default or "")) for each in fields}
    answer = await visit.ask("GET", path, query=[pair for pair in chosen.items() if pair[1]])
    return page(
        "look.html",
        visit,
        status=answer.status,
        section=section,
        look=found,
        key=key,
        thing=thing,
        fields=fields,
        chosen=chosen,
        told=answer.json if answer.ok else {},
        problem=None if answer.ok else answer.json,
        target=address(section, "i", key, "look", look),
    )


def _fields(look: Look, section: AdminSection, locale: str) -> tuple[Field, ...]:
    """Return what can be chosen; a language is one of the shop's."""
    spec = route("GET", look.path)
    if spec is None or spec.query is None or not look.fields:
        return ()
    fields = titled(fields_of(spec.query, look.fields), section, locale)
    return tuple(
        replace(each, kind="choice", choices=core_settings().locales)
        if each.name == "locale"
        else replace(each, is_required=each.default is not None)
        for each in fields
    )
