"""The headers that a route reads and sends, as its declaration and its code tell."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from feria_core.http.blueprint import Endpoint
from feria_core.http.openapi.reach import Reach

Json = dict[str, Any]

READ = {
    "Cart-Token": "The guest's cart, as the first answer about it gave",
    "Checkout-Token": "The guest's checkout, from the answer that began it",
    "Order-Token": "The guest's order, from the answer that placed it or the link of a mail",
    "If-Match": "The ETag of what is changed: 412 where somebody else was faster",
}
SENT = {
    "Cart-Token": "Of a guest: keep it, the cart belongs to whoever holds it",
    "ETag": "Of this state, for If-Match and If-None-Match",
    "Location": "Where it is",
    "Content-Disposition": "The file's name",
}
IDEMPOTENCY_KEY = "1 to 255 visible ASCII, fresh for each act and the same when it is repeated; kept 24 hours"
LIMITS = {
    "RateLimit-Limit": "How many are answered in the window",
    "RateLimit-Remaining": "How many are left",
    "RateLimit-Reset": "Seconds until there are more",
}


def asked(spec: Endpoint | None, found: Reach) -> list[Json]:
    """Return the request's headers as parameters."""
    parameters = [_parameter(name, text) for name, text in READ.items() if name in found.reads and spec is not None]
    if spec is not None and spec.idempotent:
        parameters.append(
            _parameter("Idempotency-Key", IDEMPOTENCY_KEY, required=True, maxLength=255, pattern="^[!-~]+$")
        )
    if spec is not None and spec.cached is not None:
        parameters.append(_parameter("If-None-Match", "The ETag of the answer that is already there"))
    return parameters


def sent(spec: Endpoint | None, found: Reach) -> Json:
    """Return the headers of the answer when all is well."""
    described = {"X-Request-Id": header("Of this request, as in the logs", required=True)}
    if spec is None:
        return described
    if spec.cached is not None:
        described["ETag"] = header("Strong, for If-None-Match", required=True)
    described["Cache-Control"] = header("How long it may be kept", required=True)
    if spec.idempotent:
        described["Idempotent-Replayed"] = header("`true` where this is the first answer again")
    if spec.limit is not None:
        described |= {name: header(text, integer=True) for name, text in LIMITS.items()}
    for name, text in SENT.items():
        if name in found.sends and name != "Location":
            described.setdefault(name, header(text))
    return described


def without_body(spec: Endpoint | None, found: Reach) -> Json:
    """Return the answers that say where or that nothing changed."""
    answers: Json = {}
    if spec is not None and spec.cached is not None:
        answers["304"] = {"description": "What the caller has is right", "headers": {"ETag": header("The same")}}
    if spec is not None and spec.method == "GET" and "Location" in found.sends:
        status = "302" if spec.media_types else "301"
        answers[status] = {"description": "It is elsewhere now", "headers": {"Location": header(SENT["Location"])}}
    return answers


def header(description: str, *, required: bool = False, integer: bool = False) -> Json:
    """Return the description of one header of an answer."""
    described: Json = {"description": description, "schema": {"type": "integer" if integer else "string"}}
    return {**described, "required": True} if required else described


def share_headers(groups: Iterable[Json]) -> Json:
    """Replace the headers of answers by references; return them by name. One that says more of its own stays."""
    shared: Json = {}
    for answer in (each for group in groups for each in group.values()):
        for name, described in answer.get("headers", {}).items():
            if shared.setdefault(name, described) == described:
                answer["headers"][name] = {"$ref": f"#/components/headers/{name}"}
    return dict(sorted(shared.items()))


def _parameter(name: str, description: str, *, required: bool = False, **bounds: Any) -> Json:
    return {
        "name": name, "in": "header", "required": required, "description": description,
        "schema": {"type": "string", **bounds},
    }  # fmt: skip
