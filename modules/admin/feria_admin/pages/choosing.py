"""What can be chosen in a field: the things of another list, as the API gives them to this person."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from feria_admin.pages.drawn import member
from feria_admin.pages.visits import Visit
from feria_core.contracts.admin import Choices

PAGE = "100"


@dataclass(frozen=True)
class Options:
    """Values with what they are called; `is_all` where the list holds no others, else these are what `found` found."""

    known: tuple[tuple[str, str], ...]
    is_all: bool
    can_search: bool = False
    found: str = ""


async def options_of(visit: Visit, wanted: Mapping[str, Choices]) -> dict[str, Options]:
    """Return the options by field; a list that this person may not see, or that fails, gives none: one types then."""
    found = await asyncio.gather(*(_options(visit, choices) for choices in wanted.values()))
    return {name: options for name, options in zip(wanted, found, strict=True) if options}


async def found_of(visit: Visit, wanted: Mapping[str, tuple[Choices, str]]) -> dict[str, Options]:
    """Return by control what its list gives for the text that was searched for."""
    found = await asyncio.gather(*(_options(visit, choices, text) for choices, text in wanted.values()))
    return {name: options for name, options in zip(wanted, found, strict=True) if options}


async def _options(visit: Visit, choices: Choices, text: str = "") -> Options | None:
    listed = visit.viewer.may("GET", choices.list_path)
    if listed is None:
        return None
    is_paged = listed.query is not None and "limit" in listed.query.model_fields
    query = [("limit", PAGE)] if is_paged else []
    if choices.search and text:
        query.append((choices.search, text))
    answer = await visit.ask("GET", choices.list_path, query=query)
    if not answer.ok:
        return None
    pairs = ((member(one, choices.value), member(one, choices.label)) for one in answer.json["items"])
    known = tuple((str(value), str(label or value)) for value, label in pairs if value is not None)
    is_all = not text and not answer.json.get("next_cursor")
    return Options(known, is_all=is_all, can_search=choices.search is not None, found=text)
