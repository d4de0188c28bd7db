"""Looking: lists with search and filters, one thing with its parts, their files."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from typing import Any
from urllib.parse import urlencode

from quart import Response, request

from feria_admin.pages.drawing import missing, page
from feria_admin.pages.drawn import address, filled, route
from feria_admin.pages.fields import Field, fields_of, titled
from feria_admin.pages.signing_in import blueprint
from feria_admin.pages.things import Refused, rows_of, thing_of
from feria_admin.pages.visits import Visit, guard, staff_page
from feria_core.contracts.admin import AdminReport, AdminSection, Part

DATE_LENGTH = 10
NO_ROWS: Mapping[str, Any] = {"items": []}


@blueprint.get("/admin/s/<name>")
@staff_page
async def section_list(visit: Visit, name: str) -> Response:
    section = visit.viewer.section(name)
    if section is None:
        return missing(visit)
    fields, chosen = asked(visit, section)
    cursor = request.args.get("cursor", "")
    query = sent_query(fields, chosen)
    answer = await visit.ask("GET", section.list_path, query=[*query, *([("cursor", cursor)] if cursor else [])])
    found = answer.json if answer.ok else NO_ROWS
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
        start=_with(address(section), kept),
        export=_with(address(section, "export.csv"), kept),
        following=_with(address(section), {**kept, "cursor": following}) if following else None,
        is_first=not cursor,
        done=_done(visit, section),
    )


@blueprint.get("/admin/s/<name>/i/<key>")
@staff_page
async def thing_page(visit: Visit, name: str, key: str) -> Response:
    section = visit.viewer.section(name)
    thing = await thing_of(visit, section, key) if section else None
    if section is None or thing is None:
        return missing(visit)
    parts = await _parts(visit, section, thing)
    done = _done(visit, section)
    return page("thing.html", visit, section=section, key=key, thing=thing, parts=parts, done=done)


@blueprint.get("/admin/s/<name>/file/<download>")
@staff_page
async def section_file(visit: Visit, name: str, download: str) -> Response:
    return await _file(visit, visit.viewer.section(name), download, None)


@blueprint.get("/admin/s/<name>/i/<key>/file/<download>")
@staff_page
async def thing_file(visit: Visit, name: str, key: str, download: str) -> Response:
    section = visit.viewer.section(name)
    thing = await thing_of(visit, section, key) if section else None
    return await _file(visit, section if thing is not None else None, download, thing)


@blueprint.get("/admin/<path:rest>")
@staff_page
async def unknown(visit: Visit, rest: str) -> Response:
    del rest
    return missing(visit)


def asked(visit: Visit, section: AdminSection | AdminReport) -> tuple[tuple[Field, ...], dict[str, str]]:
    """Return the filters of a list or of figures, and what the address chose of them."""
    fields = titled(filters_of(section), section, visit.locale)
    return fields, {each.name: request.args.get(each.name, "") for each in fields}


def sent_query(fields: tuple[Field, ...], chosen: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return the query for the API of what was chosen."""
    return [(each.name, _sent(each, chosen[each.name])) for each in fields if chosen[each.name]]


def filters_of(section: AdminSection | AdminReport) -> tuple[Field, ...]:
    """Return the search field and the filters, as the query declares them."""
    path = section.list_path if isinstance(section, AdminSection) else section.path
    search = (section.search,) if isinstance(section, AdminSection) and section.search else ()
    listed, wanted = route("GET", path), (*search, *section.filters)
    if listed is None or listed.query is None or not wanted:
        return ()
    return tuple(each for each in fields_of(listed.query, wanted) if each.name in wanted)


async def _parts(visit: Visit, section: AdminSection, thing: Mapping[str, Any]) -> list[tuple[Part, Mapping[str, Any]]]:
    found = await asyncio.gather(*(_rows(visit, part, thing) for part in section.parts))
    return [(part, rows) for part, rows in zip(section.parts, found, strict=True) if rows is not None]


async def _rows(visit: Visit, part: Part, thing: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A part that fails leaves the rest of the page standing."""
    cursor = request.args.get(f"{part.name}_cursor", "")
    try:
        return await rows_of(visit, part, thing, cursor)
    except Refused as refused:
        return {"items": [], "problem": {"title": refused.title, "detail": str(refused)}}


async def _file(
    visit: Visit, section: AdminSection | None, name: str, thing: Mapping[str, Any] | None
) -> Response:  # fmt: skip
    known = visit.viewer.downloads(section, thing) if section else []
    download = next((each for each in known if each.name == name), None)
    path = filled(download.path, thing or {}) if download else None
    if path is None:
        return missing(visit)
    answer = await visit.ask("GET", path)
    if not answer.ok:
        raise Refused(answer.status, answer.json)
    kind = answer.headers.get("content-type", "application/octet-stream")
    response = guard(Response(answer.body, content_type=kind))
    # Never shown in the shop's own name, whatever it holds.
    response.headers["Content-Disposition"] = answer.headers.get("content-disposition", "attachment").replace(
        "inline", "attachment", 1
    )
    return response


def _done(visit: Visit, section: AdminSection) -> str | None:
    """Return the title of the act that led here, by which staff see that it was done."""
    name = request.args.get("done")
    if not name:
        return None
    acts = (section.create, section.edit, *section.acts)
    of_parts = (act for part in section.parts for act in (part.create, part.edit, *part.acts))
    act = next((act for act in (*acts, *of_parts) if act is not None and act.name == name), None)
    return (act.title.get(visit.locale) or act.title["en"]) if act else ""


def _with(path: str, query: Mapping[str, Any]) -> str:
    return f"{path}?{urlencode(query)}" if query else path


def _sent(each: Field, value: str) -> str:
    """Return a filter's value as the route takes it: a day begins at midnight in UTC."""
    if each.kind != "moment" or len(value) != DATE_LENGTH:
        return value
    try:
        return f"{date.fromisoformat(value)}T00:00:00Z"
    except ValueError:
        return value
