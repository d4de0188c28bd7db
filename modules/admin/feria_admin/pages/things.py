"""One thing of a section, and lists of them, as the API answers them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feria_admin.pages.drawn import filled, member
from feria_admin.pages.visits import Visit
from feria_core.contracts.admin import AdminSection, Part

# A thing without a route of its own is looked for in its list, so far.
LOOKED_THROUGH, PAGE = 10, "100"


class Refused(Exception):
    """What the API refused, to be shown as a page."""

    def __init__(self, status: int, problem: Mapping[str, Any]) -> None:
        super().__init__(str(problem.get("detail", "")))
        self.status = status
        self.title = str(problem.get("title", ""))


async def thing_of(visit: Visit, section: AdminSection, key: str) -> Mapping[str, Any] | None:
    """Return the thing, or None where there is none for these eyes. Raises Refused."""
    if not has_page(visit, section) or section.item_path is None:
        return await _listed(visit, section, key)
    name = section.item_path.partition("{")[2].partition("}")[0]
    path = filled(section.item_path, {name: key})
    if path is None:
        return None
    answer = await visit.ask("GET", path)
    if answer.status in (404, 422):
        return None
    if not answer.ok:
        raise Refused(answer.status, answer.json)
    found: Mapping[str, Any] = answer.json
    return found


def has_page(visit: Visit, section: AdminSection) -> bool:
    """Return True where the API answers one thing by itself, to this person."""
    return section.item_path is not None and visit.viewer.may("GET", section.item_path) is not None


async def rows_of(visit: Visit, part: Part, thing: Mapping[str, Any], cursor: str = "") -> Mapping[str, Any] | None:
    """Return `{"items": ..., "next_cursor": ...}` of a part of a thing, or None where it is not for these eyes."""
    if part.list_path is None:
        return {"items": member(thing, part.member or part.name) or []}
    path = filled(part.list_path, thing)
    if path is None or not visit.viewer.may("GET", part.list_path):
        return None
    answer = await visit.ask("GET", path, query=[("cursor", cursor)] if cursor else [])
    if not answer.ok:
        raise Refused(answer.status, answer.json)
    found: Mapping[str, Any] = answer.json
    return found


async def row_of(visit: Visit, part: Part, thing: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    """Return the row of that key, or None where the part has none. Raises Refused."""
    cursor = ""
    for _ in range(LOOKED_THROUGH):
        rows = await rows_of(visit, part, thing, cursor)
        for row in rows["items"] if rows else ():
            if str(member(row, part.key)) == key:
                found: Mapping[str, Any] = row
                return found
        cursor = (rows or {}).get("next_cursor") or ""
        if not cursor:
            return None
    return None


async def _listed(visit: Visit, section: AdminSection, key: str) -> Mapping[str, Any] | None:
    query = [("limit", PAGE)]
    for _ in range(LOOKED_THROUGH):
        answer = await visit.ask("GET", section.list_path, query=query)
        if answer.status == 422 and query[:1] == [("limit", PAGE)]:  # noqa: PLR2004 - a list that is not paged
            query = query[1:]
            answer = await visit.ask("GET", section.list_path, query=query)
        if not answer.ok:
            raise Refused(answer.status, answer.json)
        for thing in answer.json["items"]:
            if str(member(thing, section.key)) == key:
                found: Mapping[str, Any] = thing
                return found
        cursor = answer.json.get("next_cursor")
        if not cursor:
            return None
        query = [*(pair for pair in query if pair[0] != "cursor"), ("cursor", cursor)]
    return None
