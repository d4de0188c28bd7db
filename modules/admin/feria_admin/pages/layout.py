"""Where the members of a thing stand on its page: facts at the side, what is long or wide in the middle."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feria_admin.pages.drawn import member
from feria_core.contracts.admin import AdminSection, Column

WIDE, LONG = ("html", "table", "steps"), 90
FLAT_MEMBERS = 12
MAIN_ACTS = 3
MOVING = {"queued", "running", "waiting", "processing", "sending"}


def columns_of(section: AdminSection, thing: Mapping[str, Any]) -> tuple[list[Column], list[Column]]:
    """Return the columns of the middle and those of the side; where the middle would be empty, the facts fill it."""
    columns = [column for column in section.details or section.columns if column.path != "version"]
    middle = [column for column in columns if is_wide(column, member(thing, column.path))]
    side = [column for column in columns if column not in middle]
    return [column for column in middle if member(thing, column.path) not in (None, "", [], {})], side


def is_wide(column: Column, value: Any) -> bool:
    """Return True for what needs room."""
    if column.kind in WIDE:
        return True
    if column.kind == "json":
        return not _is_flat(value)
    return column.kind == "text" and isinstance(value, str) and len(value) > LONG


def badges(section: AdminSection, thing: Mapping[str, Any]) -> list[Any]:
    """Return the states of a thing, shown beside its name."""
    columns = section.details or section.columns
    states = [member(thing, column.path) for column in columns if column.kind == "status"]
    return [state for state in states if isinstance(state, str) and state]


def is_moving(section: AdminSection, thing: Mapping[str, Any]) -> bool:
    """Return True for what changes by itself: its page is asked for again."""
    return any(state in MOVING for state in badges(section, thing))


def _is_flat(value: Any) -> bool:
    if isinstance(value, Mapping):
        return len(value) <= FLAT_MEMBERS and not any(isinstance(each, Mapping | list) for each in value.values())
    return not isinstance(value, list) or (
        len(str(value)) <= LONG and not any(isinstance(each, Mapping) for each in value)
    )
