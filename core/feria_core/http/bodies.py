"""Reading what a client sends: JSON within bounds, into a model, with every problem named."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from quart import Request
from werkzeug.exceptions import RequestEntityTooLarge

from feria_core.errors import BadRequest, FeriaError, Invalid

M = TypeVar("M", bound=BaseModel)
MAX_DEPTH = 32


class UnsupportedMediaType(FeriaError):
    code, status, title = "unsupported_media_type", 415, "The body has another content type"


class TooLarge(FeriaError):
    code, status, title = "body_too_large", 413, "The body is too large"


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Return the raw body. Raises TooLarge past `max_bytes`, before all of it was read."""
    chunks = bytearray()
    async for chunk in body_chunks(request, max_bytes):
        chunks += chunk
    return bytes(chunks)


async def body_chunks(request: Request, max_bytes: int) -> AsyncIterator[bytes]:
    """Give the body piece by piece, for uploads that should not fill the memory. Raises TooLarge."""
    too_large = TooLarge(f"The body may hold at most {max_bytes} bytes.")
    if (request.content_length or 0) > max_bytes:
        raise too_large
    received = 0
    try:
        async for chunk in request.body:
            received += len(chunk)
            if received > max_bytes:
                raise too_large
            yield chunk
    except RequestEntityTooLarge as error:
        raise too_large from error


def parse_json(request: Request, raw: bytes) -> Any:
    """Return the JSON document. Raises UnsupportedMediaType, or BadRequest naming what is wrong with it."""
    if request.mimetype != "application/json" and not request.mimetype.endswith("+json"):
        raise UnsupportedMediaType("Send the body as application/json.")
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise BadRequest(
            f"The body is not JSON in UTF-8: {error.msg}, line {error.lineno}, column {error.colno}."
        ) from error
    check_document(document)
    return document


def check_document(document: Any) -> None:
    """Raise BadRequest for nesting past MAX_DEPTH, and Invalid for text that PostgreSQL cannot store (NUL)."""
    level: list[tuple[tuple[str | int, ...], Any]] = [((), document)]
    for _ in range(MAX_DEPTH + 1):
        deeper: list[tuple[tuple[str | int, ...], Any]] = []
        for loc, value in level:
            if isinstance(value, str):
                _check_text(loc, value)
            elif isinstance(value, dict):
                for key in value:
                    _check_text(loc, key)
                deeper += [((*loc, key), inner) for key, inner in value.items()]
            elif isinstance(value, list):
                deeper += [((*loc, index), inner) for index, inner in enumerate(value)]
        if not deeper:
            return
        level = deeper
    raise BadRequest(f"The body nests deeper than {MAX_DEPTH} levels.")


def validate(model: type[M], document: Any, *, where: str) -> M:
    """Return the document as `model`. Raises Invalid with the path and the reason of every problem."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        problems = [
            {"loc": [where, *problem["loc"]], "code": problem["type"], "message": problem["msg"]}
            for problem in error.errors(include_url=False, include_input=False, include_context=False)
        ]
        first = ".".join(str(part) for part in problems[0]["loc"])
        raise Invalid(f"{first}: {problems[0]['message']}.", problems) from error


def read_query(model: type[M], request: Request) -> M:
    """Return the query string as `model`; a name given twice is a list. Raises Invalid."""
    values: dict[str, Any] = {}
    for name, given in request.args.lists():
        for text in (name, *given):
            _check_text((name,), text)
        values[name] = given[0] if len(given) == 1 else given
    return validate(model, values, where="query")


def _check_text(loc: tuple[str | int, ...], text: str) -> None:
    if "\x00" in text:
        raise Invalid.field(*loc, code="nul_character", message="Text may not hold the NUL character.")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Invalid.field(*loc, code="lone_surrogate", message="Text must be valid Unicode.") from error
