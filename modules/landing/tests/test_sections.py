"""The sections of the staff's pages name routes, members and filters that there are."""

from __future__ import annotations

import re

import pytest

from feria_core.http.blueprint import endpoint_of
from feria_landing.sections import SECTIONS


def endpoint(app, method, path):
    wanted = re.sub(r"\{[^}]+\}", "<>", path)
    for rule in app.url_map.iter_rules():
        if re.sub(r"<[^>]+>", "<>", rule.rule) == wanted and method in rule.methods:
            return endpoint_of(app.view_functions[rule.endpoint])
    raise AssertionError(f"there is no route {method} {path}")


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_a_section_names_what_there_is(app, section):
    query = endpoint(app, "GET", section.list_path).query
    for name in (*section.filters, *filter(None, [section.search])):
        assert name in query.model_fields
    assert endpoint(app, "GET", section.item_path)
    for act in (section.create, section.edit, *section.acts):
        if act is not None:
            body = endpoint(app, act.method, act.path).body
            assert all(name in body.model_fields for name in act.fields)
    for text in (section.title, section.empty, *(column.title for column in (*section.columns, *section.details))):
        assert set(text) == {"en", "es"}
