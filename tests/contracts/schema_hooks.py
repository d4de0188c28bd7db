"""What schemathesis is told beside the document: why a request that fits its schema may be refused."""

from __future__ import annotations

import typing
from typing import Any

import schemathesis
from pydantic_core import core_schema

# pydantic's own codes speak of what the schema says as well; these two are rules written by hand.
SAYABLE = frozenset(typing.get_args(core_schema.ErrorType)) - {"value_error", "assertion_error"}
# Secrets and files: only who gave them out, or looks into them, knows whether they hold.
UNSAYABLE_400 = frozenset({"invalid_token", "invalid_webhook"})


@schemathesis.check
def refused_only_for_what_no_schema_says(
    ctx: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case
) -> None:
    """A request that fits the schema is refused as 422 for a rule, as 400 for a token or cursor, never for its form."""
    if case.meta is None or case.meta.generation.mode.is_negative:
        return
    if response.status_code == 422:
        told = _codes(response) & SAYABLE
        assert not told, f"the schema could say what the server refuses: {sorted(told)}"
    if response.status_code == 400:
        problem = response.json()
        is_cursor = "cursor" in problem["detail"].lower()
        assert problem["code"] in UNSAYABLE_400 or is_cursor, (
            f"a request that fits its schema cannot be read: {problem}"
        )


def _codes(response: Any) -> set[str]:
    """Return the codes of what is wrong; what is missing only because of another field has a sentence of its own."""
    problems = response.json().get("errors", [])
    return {p["code"] for p in problems if p["code"] != "missing" or p["message"] == "Field required"}
