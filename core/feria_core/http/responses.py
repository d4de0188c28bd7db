"""Answers: bytes, a model, a dataclass or plain values, always as JSON with an ETag where it may be kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any

import orjson
from pydantic import BaseModel
from quart import Request, Response

JSON = "application/json"


@dataclass(frozen=True)
class Answer:
    """What a handler returns to add headers or choose the status by itself."""

    value: Any = None
    status: int | None = None
    headers: dict[str, str] = field(default_factory=dict)
    content_type: str = JSON


def to_bytes(value: Any) -> bytes:
    """Return the JSON of a model, a dataclass, plain values, or bytes and text that are JSON already."""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, BaseModel):
        return value.model_dump_json().encode()
    return orjson.dumps(value, default=_plain, option=orjson.OPT_UTC_Z)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


def etag_of(body: bytes) -> str:
    """Return a strong entity tag (RFC 9110, 8.8.3)."""
    return f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'


def matches(if_none_match: str | None, etag: str) -> bool:
    """Return True where the client has this very answer."""
    if not if_none_match:
        return False
    return any(part.strip().removeprefix("W/") in (etag, "*") for part in if_none_match.split(","))


def respond(result: Any, default_status: int) -> Response:
    """Return the response of a handler's result."""
    if isinstance(result, Response):
        return result
    answer = result if isinstance(result, Answer) else Answer(result)
    status = answer.status or default_status
    body = b"" if answer.value is None and status in (204, 304) else to_bytes(answer.value)
    return Response(
        body, status=status, headers=answer.headers or None, content_type=answer.content_type if body else None
    )


def conditional(request: Request, response: Response, body: bytes, cache_control: str) -> Response:
    """Add ETag and Cache-Control to a public answer, and make it a 304 where the client has it."""
    response.headers["ETag"] = etag_of(body)
    response.headers["Cache-Control"] = cache_control
    if matches(request.headers.get("If-None-Match"), response.headers["ETag"]):
        response.status_code = 304
        response.set_data(b"")
        response.headers.pop("Content-Type", None)
    return response
