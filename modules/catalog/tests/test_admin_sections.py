"""The catalog's sections of the staff's pages speak of routes, members and fields that there are."""

from __future__ import annotations

from typing import Any

import pytest

from feria_catalog.admin_sections import SECTIONS
from feria_core.contracts.admin import ADMIN_SECTIONS
from feria_core.runtime import registry


@pytest.fixture
async def described(client) -> dict[str, Any]:
    return (await client.get("/openapi.json")).json


def properties(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """Return the members of an object's schema, of the first object where it may be several things, or a list's."""
    for choice in (schema, *schema.get("anyOf", ()), schema.get("items", {})):
        name = choice.get("$ref", "").rpartition("/")[2]
        found = document["components"]["schemas"][name] if name else choice
        if "properties" in found:
            return found["properties"]
    return {}


def answered(document: dict[str, Any], path: str) -> dict[str, Any]:
    answer = operation(document, "GET", path)["responses"]["200"]
    return properties(document, answer["content"]["application/json"]["schema"])


def operation(document: dict[str, Any], method: str, path: str) -> dict[str, Any]:
    """Return what is said of a route, whatever its variables are called."""
    for rule, methods in document["paths"].items():
        parts, wanted = rule.split("/"), path.split("/")
        same = len(parts) == len(wanted) and all(
            a == b or a[:1] == b[:1] == "{" for a, b in zip(parts, wanted, strict=True)
        )
        if same and method.lower() in methods:
            return methods[method.lower()]
    raise AssertionError(f"there is no {method} {path}")


def has(document: dict[str, Any], members: dict[str, Any], path: str) -> bool:
    first, _, rest = path.partition(".")
    return first in members and (not rest or has(document, properties(document, members[first]), rest))


async def test_every_section_is_contributed(database):
    assert [each for each in registry().all(ADMIN_SECTIONS) if each in SECTIONS] == list(SECTIONS)


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
async def test_a_section_speaks_of_what_there_is(described, section):
    items = answered(described, section.list_path)["items"]["items"]
    members = properties(described, items)
    assert section.key in members
    assert [column.path for column in section.columns if not has(described, members, column.path)] == []
    if section.item_path:
        one = answered(described, section.item_path)
        assert [column.path for column in section.details if not has(described, one, column.path)] == []
    asked = operation(described, "GET", section.list_path).get("parameters", [])
    queries = {parameter["name"] for parameter in asked if parameter["in"] == "query"}
    assert {*section.filters, *([section.search] if section.search else [])} <= queries
    of_parts = [act for part in section.parts for act in (part.create, part.edit, *part.acts)]
    for act in filter(None, (*section.acts, section.create, section.edit, *of_parts)):
        route = operation(described, act.method, act.path.replace("{row.", "{"))
        if act.fields and not act.upload:
            body = properties(described, route["requestBody"]["content"]["application/json"]["schema"])
            assert [name for name in act.fields if not has(described, body, name)] == [], act.name
    for text in (section.title, section.empty, *(column.title for column in (*section.columns, *section.details))):
        assert {"en", "es"} <= set(text)
