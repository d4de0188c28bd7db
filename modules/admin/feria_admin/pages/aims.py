"""What a form is about: the act, the thing or the row that it is done with, and what stands there now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from feria_admin.pages.drawn import address, heading, is_about_one
from feria_admin.pages.things import row_of, thing_of
from feria_admin.pages.visits import Visit
from feria_core.contracts.admin import Act, AdminSection, Part
from feria_core.http.blueprint import Endpoint

NOTHING: Mapping[str, Any] = {}


@dataclass(frozen=True)
class Aim:
    """An act of a section, or of a part of one thing; `about` fills its path, `standing` its form if it is a change."""

    section: AdminSection
    act: Act
    spec: Endpoint
    key: str | None = None
    part: Part | None = None
    about: Mapping[str, Any] = field(default_factory=dict)
    standing: Mapping[str, Any] | None = None

    @property
    def is_change(self) -> bool:
        """True where the form shows what stands there, and sends what differs."""
        return self.standing is not None

    @property
    def is_replaced(self) -> bool:
        """True where the thing is written whole: what is not sent would be lost."""
        return self.act.method == "PUT"

    @property
    def called(self) -> str:
        """What the thing is called."""
        return "" if self.key is None else heading(self.section, self.about, self.key)

    @property
    def back(self) -> str:
        """The page from which one came."""
        return address(self.section) if self.key is None else address(self.section, "i", self.key)


async def aim_at(
    visit: Visit, name: str, act: str | None = None, key: str | None = None, part: str | None = None,
    row: str | None = None,
) -> Aim | None:  # fmt: skip
    """Return what an address means, or None where there is nothing of it for these eyes. Raises Refused."""
    section = visit.viewer.section(name)
    if section is None:
        return None
    thing = await thing_of(visit, section, key) if key is not None else NOTHING
    if thing is None:
        return None
    if part is not None:
        return await _at_part(visit, section, thing, str(key), part, row, act)
    found = section.create if act is None else _named(section, act, about_one=key is not None)
    spec = visit.viewer.may(found.method, found.path) if found else None
    if found is None or spec is None:
        return None
    return Aim(section, found, spec, key, about=thing, standing=thing if found is section.edit else None)


async def _at_part(
    visit: Visit, section: AdminSection, thing: Mapping[str, Any], key: str, name: str, row: str | None, act: str | None
) -> Aim | None:
    part = next((each for each in section.parts if each.name == name), None)
    if part is None:
        return None
    found = next((each for each in (part.edit, *part.acts) if each and each.name == act), None)
    if row is None:
        found = part.create if part.create and part.create.name == act else None
    spec = visit.viewer.may(found.method, found.path) if found else None
    standing = await row_of(visit, part, thing, row) if row is not None else None
    if found is None or spec is None or (row is not None and standing is None):
        return None
    about = {**thing, "row": standing} if standing is not None else thing
    return Aim(section, found, spec, key, part, about, standing if found is part.edit else None)


def _named(section: AdminSection, name: str, *, about_one: bool) -> Act | None:
    known = [act for act in (section.edit, *section.acts) if act is not None]
    return next((act for act in known if act.name == name and is_about_one(act) == about_one), None)
