"""The sections as one of the staff may see them: admin knows no module, only what is declared and its routes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from quart import current_app

from feria_core.contracts.admin import ADMIN_SECTIONS, Act, AdminSection
from feria_core.http.blueprint import Endpoint, endpoint_of
from feria_core.http.openapi import path_of
from feria_core.runtime import registry

GROUPS = ("sales", "catalog", "people", "marketing", "content", "system")
_VARIABLE = re.compile(r"\{([^}]*)\}")


@dataclass(frozen=True)
class Viewer:
    """Whose eyes these are: the permissions held now."""

    permissions: AbstractSet[str]

    def may(self, method: str, path: str) -> Endpoint | None:
        """Return the route's declaration where it exists and this person may call it."""
        found = route(method, path)
        if found is None or (found.access.kind == "staff" and found.access.permission not in self.permissions):
            return None
        return found

    def sections(self) -> list[AdminSection]:
        """Return what this person may list, in the order in which modules contribute."""
        return [section for section in registry().all(ADMIN_SECTIONS) if self.may("GET", section.list_path)]

    def section(self, name: str) -> AdminSection | None:
        """Return the section of that name, or None where it is unknown or not for these eyes."""
        return next((section for section in self.sections() if section.name == name), None)

    def menu(self) -> list[tuple[str, list[AdminSection]]]:
        """Return the groups that hold something, with their sections."""
        shown = self.sections()
        grouped = [(group, [section for section in shown if section.group == group]) for group in GROUPS]
        return [(group, sections) for group, sections in grouped if sections]

    def acts(self, section: AdminSection, thing: Mapping[str, Any]) -> list[Act]:
        """Return what can be done now with this thing."""
        candidates = [act for act in (section.edit, *section.acts) if act is not None and is_about_one(act)]
        return [act for act in candidates if applies(act, thing) and self.may(act.method, act.path)]

    def section_acts(self, section: AdminSection) -> list[Act]:
        """Return what can be done with no thing in particular."""
        return [act for act in section.acts if not is_about_one(act) and self.may(act.method, act.path)]


def route(method: str, path: str) -> Endpoint | None:
    """Return the declaration of the route with this rule; its variables may have other names."""
    wanted = _VARIABLE.sub("{}", path)
    for rule in current_app.url_map.iter_rules():
        if method in (rule.methods or ()) and _VARIABLE.sub("{}", path_of(rule.rule)) == wanted:
            return endpoint_of(current_app.view_functions[rule.endpoint])
    return None


def is_about_one(act: Act) -> bool:
    """Return True where the act's path names a thing."""
    return _VARIABLE.search(act.path) is not None


def applies(act: Act, thing: Mapping[str, Any]) -> bool:
    """Return True where the thing stands as the act wants it."""
    return act.when is None or str(member(thing, act.when[0])) in act.when[1]


def filled(path: str, thing: Mapping[str, Any]) -> str | None:
    """Return the path about this thing; None where a member is missing or would lead elsewhere."""
    values = {name: str(member(thing, name) or "") for name in _VARIABLE.findall(path)}
    if any(not value or value in (".", "..") or "/" in value for value in values.values()):
        return None
    return _VARIABLE.sub(lambda found: values[found[1]], path)


def member(thing: Any, path: str) -> Any:
    """Return the member at `path`, into objects by dots; None where there is none."""
    for name in path.split("."):
        if not isinstance(thing, Mapping):
            return None
        thing = thing.get(name)
    return thing


def address(section: AdminSection, *parts: str) -> str:
    """Return a page's address below its section."""
    return "/".join(["/admin/s", *(quote(part, safe="") for part in (section.name, *parts))])
