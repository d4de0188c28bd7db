"""The problems that a route can answer: one response for each status, naming its codes."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from feria_core import errors, idempotency
from feria_core.errors import FeriaError
from feria_core.http.blueprint import Endpoint
from feria_core.http.documents import PROBLEM
from feria_core.http.openapi.headers import LIMITS, header
from feria_core.http.openapi.reach import Reach
from feria_core.http.problems import CODES

Json = dict[str, Any]
# Of every route, whatever it does.
ALWAYS = {500: "internal_error", 503: errors.Unavailable.code}
TITLES = {500: "A bug: it is in the logs under this request's id", 503: errors.Unavailable.title}


def answers_of(spec: Endpoint | None, found: Reach, *, ref: Json) -> Json:
    """Return the problem responses by status; `ref` is the schema of a problem."""
    codes: dict[int, dict[str, str]] = defaultdict(dict)
    for kind in {*found.errors, *_declared(spec)}:
        if kind is not FeriaError:
            codes[kind.status][kind.code] = kind.title
    if spec is not None and (spec.body is not None or spec.raw_body):
        codes[413][CODES[413]] = "The body is too large"
    for status, code in ALWAYS.items():
        codes[status][code] = TITLES[status]
    answers = {str(status): _answer(status, named, ref) for status, named in sorted(codes.items())}
    answers["default"] = {"description": "Any other problem", "content": {PROBLEM: {"schema": ref}}}
    return answers


def share(paths: Json) -> Json:
    """Replace the problems that many routes answer by references; return them by the name of their codes."""
    shared: Json = {}
    for operation in (each for path in paths.values() for each in path.values()):
        for status, answer in operation["responses"].items():
            if PROBLEM not in answer.get("content", {}):
                continue
            name = _name(status, answer["content"][PROBLEM]["schema"])
            shared[name] = answer
            operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    return dict(sorted(shared.items()))


def _name(status: str, schema: Json) -> str:
    """Return a name that says all: the status and its codes."""
    if "allOf" not in schema:
        return "AnyProblem"
    codes: list[str] = schema["allOf"][1]["properties"]["code"]["enum"]
    return f"Problem{status}." + ".".join(codes)


def _declared(spec: Endpoint | None) -> set[type[FeriaError]]:
    """Return what the declaration alone brings."""
    kinds: set[type[FeriaError]] = {errors.Unauthenticated}  # a credential that does not hold, on public routes too
    if spec is None:
        return kinds
    if spec.access.kind != "public":
        kinds.add(errors.Forbidden)
    if spec.access.in_person:
        kinds.add(errors.ActingStaff)
    if spec.body is not None or spec.query is not None:
        kinds |= {errors.BadRequest, errors.Invalid}
    if spec.limit is not None:
        kinds.add(errors.RateLimited)
    if spec.idempotent:
        kinds |= {errors.BadRequest, idempotency.KeyRequired, idempotency.KeyReused, idempotency.InProgress}
    return kinds


def _answer(status: int, codes: dict[str, str], ref: Json) -> Json:
    text = "; ".join(f"`{code}`: {title}" for code, title in sorted(codes.items()))
    named = {"type": "object", "properties": {"code": {"type": "string", "enum": sorted(codes)}}}
    answer: Json = {"description": text, "content": {PROBLEM: {"schema": {"allOf": [ref, named]}}}}
    sent = _headers(status)
    return {**answer, "headers": sent} if sent else answer


def _headers(status: int) -> Json:
    if status == errors.RateLimited.status:
        waits = {"Retry-After": header("Seconds", required=True, integer=True)}
        return waits | {name: header(text, integer=True) for name, text in LIMITS.items()}
    if status == errors.Unavailable.status:
        return {"Retry-After": header("Seconds", integer=True)}
    if status == errors.Unauthenticated.status:
        return {"WWW-Authenticate": header("Bearer")}
    return {}
