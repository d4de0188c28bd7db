"""Lists as CSV: everything that the filters leave, as the columns of the page show it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any

from quart import Response, stream_with_context

from feria_admin import csv_rows
from feria_admin.pages import cells
from feria_admin.pages.browsing import asked, sent_query
from feria_admin.pages.drawing import missing
from feria_admin.pages.drawn import member, route
from feria_admin.pages.signing_in import blueprint
from feria_admin.pages.texts import said, say
from feria_admin.pages.things import Refused
from feria_admin.pages.visits import Visit, guard, staff_page
from feria_core.contracts.admin import AdminSection, Column

PAGE = "100"


@blueprint.get("/admin/s/<name>/export.csv")
@staff_page
async def export(visit: Visit, name: str) -> Response:
    section = visit.viewer.section(name)
    if section is None:
        return missing(visit)
    query = sent_query(*asked(visit, section))
    listed = route("GET", section.list_path)
    if listed and listed.query and "limit" in listed.query.model_fields:
        query.append(("limit", PAGE))
    first = await visit.ask("GET", section.list_path, query=query)
    if not first.ok:
        raise Refused(first.status, first.json)
    columns = [column for column in section.columns if column.kind != "image"]
    rows = stream_with_context(_rows)(visit, section, columns, query, first.json)
    return guard(csv_rows.answer(section.name, _header(columns, visit.locale), rows))


async def _rows(
    visit: Visit, section: AdminSection, columns: Sequence[Column], query: list[tuple[str, str]], page: Any
) -> AsyncIterator[Sequence[Any]]:
    while True:
        for thing in page["items"]:
            yield [value for column in columns for value in _values(column, thing)]
        cursor = page.get("next_cursor")
        if not cursor:
            return
        answer = await visit.ask("GET", section.list_path, query=[*query, ("cursor", cursor)])
        if not answer.ok:
            raise Refused(answer.status, answer.json)
        page = answer.json


def _header(columns: Sequence[Column], locale: str) -> list[str]:
    header = []
    for column in columns:
        title = said(column.title, locale)
        header += [title, f"{title} ({say('currency', locale).lower()})"] if column.kind == "money" else [title]
    return header


def _values(column: Column, thing: Any) -> list[Any]:
    value = member(thing, column.path)
    if column.kind == "money":
        return [cells.decimal(value), value["currency"]] if cells.is_money(value) else [None, None]
    if value is None or isinstance(value, str | int | float):
        return [value]
    return [cells.text(value)]
