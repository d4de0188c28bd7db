"""The staff's sections speak of routes and members that there are."""

import re

import pytest

from feria_orders import sections
from feria_orders.schemas import StaffOrderOut
from feria_orders.schemas_actions import ReturnOut
from feria_orders.schemas_mail import MailPreviewOut, MailPreviewQuery


@pytest.mark.parametrize(
    ("section", "shape"), [(sections.ORDERS, StaffOrderOut), (sections.RETURNS, ReturnOut)], ids=["orders", "returns"]
)
def test_a_section_names_what_there_is(app, section, shape):
    rules = {
        (method, re.sub(r"<\w+>", "{}", rule.rule)) for rule in app.url_map.iter_rules() for method in rule.methods
    }
    assert {column.path for column in (*section.columns, *section.details)} <= set(shape.model_fields)
    assert section.key in shape.model_fields
    acts = [*section.acts, *([section.edit] if section.edit else [])]
    paths = [("GET", section.list_path), ("GET", section.item_path), *((act.method, act.path) for act in acts)]
    for method, path in paths:
        assert (method, re.sub(r"\{\w+\}", "{}", path)) in rules, path
    for look in section.looks:
        assert ("GET", re.sub(r"\{\w+\}", "{}", look.path)) in rules
        assert {column.path for column in look.columns} <= set(MailPreviewOut.model_fields)
        assert set(look.fields) <= set(MailPreviewQuery.model_fields)
    for act in acts:
        if act.when:
            assert act.when[0] in shape.model_fields
    texts = [
        section.title,
        section.empty,
        *(c.title for c in (*section.columns, *section.details)),
        *(a.title for a in acts),
    ]
    assert all(set(text) == {"en", "es"} for text in texts)
