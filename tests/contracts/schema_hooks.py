"""What schemathesis is told beside the document: why a request that fits its schema may be refused."""

from __future__ import annotations

import typing
from typing import Any

import schemathesis
from pydantic_core import core_schema

# pydantic's own codes speak of what the schema says as well; the first two are rules written by hand, and an integer
# written as 1.0 is one for JSON Schema, which API.md rules out: money and quantities are strict.
SAYABLE = frozenset(typing.get_args(core_schema.ErrorType)) - {"value_error", "assertion_error", "int_type"}
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
        told = _codes(response, case) & SAYABLE
        assert not told, f"the schema could say what the server refuses: {sorted(told)}"
    if response.status_code == 400:
        problem = response.json()
        is_cursor = "cursor" in problem["detail"].lower()
        assert problem["code"] in UNSAYABLE_400 or is_cursor, (
            f"a request that fits its schema cannot be read: {problem}"
        )


def _codes(response: Any, case: Any) -> set[str]:
    """Return the codes of what is wrong, but for what no schema says of a value of its type."""
    problems = response.json().get("errors", [])
    # A moment out of range is told for each branch of a union: a day, or a time with its zone.
    unsayable = [p["loc"][:2] for p in problems if _is_unsayable(p, case.body)]
    return {p["code"] for p in problems if not _is_unsayable(p, case.body) and p["loc"][:2] not in unsayable}


def _is_unsayable(problem: Any, body: Any) -> bool:
    code, message, sent = problem["code"], problem["message"], _value_at(body, problem["loc"][1:])
    return (
        # Missing because of another field: pydantic's own sentence is another.
        (code == "missing" and message != "Field required")
        # JSON Schema knows no first and last moment.
        or "datetime.date" in message
        # Text is trimmed first: what is left may be too short, or no word of a list.
        or (isinstance(sent, str) and sent != sent.strip())
        # One value against a union: each branch says what it is not, an integer written as 1.0 to all of them.
        or (isinstance(sent, float) and sent.is_integer())
    )


def _value_at(body: Any, place: Any) -> Any:
    """Return what was sent at the place, None where that leads nowhere, as into the branches of a union."""
    for key in place:
        try:
            body = body[key]
        except (KeyError, IndexError, TypeError):
            return body if isinstance(body, (str, float)) else None
    return body
