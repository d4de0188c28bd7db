"""What the API refused, written to the fields that it is about."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from feria_admin.pages.fields import KEY
from feria_admin.pages.forms import Form


def explain(form: Form, problem: Mapping[str, Any]) -> None:
    """Write the API's refusal to the fields that it is about, and the rest above the form."""
    form.problem = problem
    names = set(form.names()) | {each.name for each in form.fields}
    for error in problem.get("errors") or ():
        place = _in_form(form, [str(part) for part in error.get("loc", ())][1:])
        message = str(error.get("message", ""))
        for length in range(len(place), 0, -1):
            name = ".".join(place[:length])
            if name in names:
                form.errors.setdefault(name, message)
                break
        else:
            form.general.append(": ".join(filter(None, (".".join(place), message))))


def _in_form(form: Form, place: list[str]) -> list[str]:
    """Return a place of the body as one of the form: rows that were left empty count there, keys are typed."""
    sent = form.sent.get(place[0], []) if place else []
    if len(place) < 2:  # noqa: PLR2004 - the list, and which of it
        return place
    list_name, which, *rest = place
    if any(each.name == list_name and each.is_keyed for each in form.fields):
        rows = [index for index in sent if form.values.get(f"{list_name}.{index}.{KEY}", "").strip() == which]
        return [list_name, str(rows[0]), *(KEY if part == "[key]" else part for part in rest)] if rows else place
    if which.isdecimal() and int(which) < len(sent):
        return [list_name, str(sent[int(which)]), *rest]
    return place
