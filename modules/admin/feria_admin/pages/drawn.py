"""The sections as one of the staff may see them: admin knows no module, only what is declared and its routes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote
from weakref import WeakKeyDictionary

from quart import Quart, current_app

from feria_core.contracts.admin import (
    ADMIN_REPORTS,
    ADMIN_SECTIONS,
    Act,
    AdminReport,
    AdminSection,
    Download,
    Look,
    Part,
)
from feria_core.http.blueprint import Endpoint, endpoint_of
from feria_core.http.openapi import path_of
from feria_core.runtime import registry

GROUPS = ("sales", "catalog", "people", "marketing", "content", "system")
_VARIABLE = re.compile(r"\{([^}]*)\}")
_ROUTES: WeakKeyDictionary[Quart, dict[tuple[str, str], Endpoint | None]] = WeakKeyDictionary()


@dataclass
class Viewer:
    """Whose eyes these are: the permissions held now."""

    permissions: AbstractSet[str]

    def may(self, method: str, path: str) -> Endpoint | None:
        """Return the route's declaration where it exists and this person may call it."""
        found = route(method, path)
        if found is None or (found.access.kind == "staff" and self.permissions.isdisjoint(found.access.permissions)):
            return None
        return found

    @cached_property
    def sections(self) -> list[AdminSection]:
        """What this person may list, in the order in which modules contribute."""
        return [section for section in registry().all(ADMIN_SECTIONS) if self.may("GET", section.list_path)]

    @cached_property
    def reports(self) -> list[AdminReport]:
        """The pages of figures that this person may see."""
        return [report for report in registry().all(ADMIN_REPORTS) if self.may("GET", report.path)]

    def report(self, name: str) -> AdminReport | None:
        """Return the page of figures of that name, or None where it is unknown or not for these eyes."""
        return next((report for report in self.reports if report.name == name), None)

    def section(self, name: str) -> AdminSection | None:
        """Return the section of that name, or None where it is unknown or not for these eyes."""
        return next((section for section in self.sections if section.name == name), None)

    def menu(self) -> list[tuple[str, list[AdminSection | AdminReport]]]:
        """Return the groups that hold something, with their sections and pages of figures."""
        shown: list[AdminSection | AdminReport] = [*self.sections, *self.reports]
        grouped = [(group, [each for each in shown if each.group == group]) for group in GROUPS]
        return [(group, entries) for group, entries in grouped if entries]

    def acts(self, section: AdminSection, thing: Mapping[str, Any]) -> list[Act]:
        """Return what can be done now with this thing."""
        candidates = [act for act in (section.edit, *section.acts) if act is not None and is_about_one(act)]
        open_to = [act for act in candidates if applies(act, thing) and self.may(act.method, act.path)]
        # What the state of the thing calls for stands before its correction.
        due = [act for act in open_to if act.when and act.method == "POST"][:1]
        return [*due, *(act for act in open_to if act not in due)]

    def bulk_acts(self, section: AdminSection) -> list[Act]:
        """Return what can be done with many things at once."""
        if self.may("POST", "/api/admin/bulk") is None:
            return []
        candidates = [*section.acts, *((section.edit,) if section.edit else ())]
        return [act for act in candidates if act.bulk and self.may(act.method, act.path)]

    def row_acts(self, part: Part, about: Mapping[str, Any]) -> list[Act]:
        """Return what can be done now with a row of a part; `about` is the thing with its `row`."""
        candidates = [act for act in (part.edit, *part.acts) if act is not None]
        return [act for act in candidates if applies(act, about["row"]) and self.may(act.method, act.path)]

    def downloads(self, section: AdminSection, thing: Mapping[str, Any] | None) -> list[Download]:
        """Return the files about this thing, or about none in particular."""
        return [
            each
            for each in section.downloads
            if bool(_VARIABLE.search(each.path)) == (thing is not None)
            and (thing is None or applies(each, thing))
            and self.may("GET", each.path)
        ]

    def looks(self, section: AdminSection) -> list[Look]:
        """Return what can be looked at about one thing of the section."""
        return [each for each in section.looks if self.may("GET", each.path)]

    def section_acts(self, section: AdminSection) -> list[Act]:
        """Return what can be done with no thing in particular."""
        return [act for act in section.acts if not is_about_one(act) and self.may(act.method, act.path)]


def route(method: str, path: str) -> Endpoint | None:
    """Return the declaration of the route with this rule; its variables may have other names."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - the proxy cannot be held weakly
    known = _ROUTES.get(app)
    if known is None:
        known = _ROUTES[app] = {
            (method, _VARIABLE.sub("{}", path_of(rule.rule))): endpoint_of(app.view_functions[rule.endpoint])
            for rule in app.url_map.iter_rules()
            for method in rule.methods or ()
        }
    return known.get((method, _VARIABLE.sub("{}", path)))


def heading(section: AdminSection, thing: Mapping[str, Any], key: str) -> str:
    """Return what a thing is called on its page."""
    columns = section.details or section.columns
    wanted = section.heading or next((column.path for column in columns if column.kind == "text"), section.key)
    value = member(thing, wanted)
    return str(value) if isinstance(value, str | int) and value != "" else key


def is_about_one(act: Act) -> bool:
    """Return True where the act's path names a thing."""
    return _VARIABLE.search(act.path) is not None


def variables(path: str) -> tuple[str, ...]:
    """Return the members that a path names."""
    return tuple(_VARIABLE.findall(path))


def applies(act: Act | Download, thing: Mapping[str, Any]) -> bool:
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


def address(section: AdminSection | AdminReport, *parts: str) -> str:
    """Return a page's address below its section."""
    kind = "/admin/r" if isinstance(section, AdminReport) else "/admin/s"
    return "/".join([kind, *(quote(part, safe="") for part in (section.name, *parts))])
