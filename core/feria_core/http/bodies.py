"""Reading what a client sends: JSON within bounds, into a model, with every problem named."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from typing import Any, TypeVar

import orjson
from pydantic import BaseModel, ValidationError
from quart import Request
from werkzeug.exceptions import RequestEntityTooLarge

from feria_core.errors import BadRequest, FeriaError, Invalid

M = TypeVar("M", bound=BaseModel)
MAX_DEPTH = 32
# A client mends some mistakes at a time; listing each of 80,000 would take a second and seven megabytes.
TOLD_PROBLEMS, LISTABLE_PROBLEMS = 100, 1000
TOLD_CHARACTERS = 200


class UnsupportedMediaType(FeriaError):
    code, status, title = "unsupported_media_type", 415, "The body has another content type"


class TooLarge(FeriaError):
    code, status, title = "body_too_large", 413, "The body is too large"


async def read_body(request: Request, max_bytes: int) -> bytes:
    """Return the raw body. Raises TooLarge past `max_bytes`, before all of it was read."""
    if request.content_length is not None and request.content_length <= max_bytes:
        return bytes(await request.body)  # no longer than it was announced to be, and mostly here
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
    # Both looks cost their time only where the bytes say that there may be something to find.
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _check_depth(document)
    if b"\\u0000" in raw:
        _check_nul(document)
    return document


def _check_depth(document: Any) -> None:
    """Raise BadRequest for nesting past MAX_DEPTH."""
    level = [document]
    for _ in range(MAX_DEPTH):
        inside = (value.values() if isinstance(value, dict) else value for value in level)
        level = [inner for values in inside for inner in values if isinstance(inner, (dict, list))]
        if not level:
            return
    raise BadRequest(f"The body nests deeper than {MAX_DEPTH} levels.")


def _check_nul(document: Any) -> None:
    """Raise Invalid for text that PostgreSQL cannot store, naming its place; lone surrogates are no JSON for orjson."""
    loc = _place_of_nul(document)
    if loc is not None:
        raise _nul(loc)


def _place_of_nul(value: Any) -> list[str | int] | None:
    """Return the way to the first text with a NUL, to the object where it is a name, None without any."""
    if isinstance(value, str):
        return [] if "\x00" in value else None
    entries: Any = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in entries:
        if isinstance(key, str) and "\x00" in key:
            return []
        if isinstance(inner, (str, dict, list)) and (found := _place_of_nul(inner)) is not None:
            return [key, *found]
    return None


def validate(model: type[M], document: Any, *, where: str) -> M:
    """Return the document as `model`. Raises Invalid with the path and the reason of every problem."""
    try:
        return model.model_validate(document)
    except ValidationError as error:
        problems = _problems(error, where)
        first = ".".join(str(part) for part in problems[0]["loc"])
        raise Invalid(f"{first}: {problems[0]['message']}.", problems) from error


def _problems(error: ValidationError, where: str) -> list[dict[str, Any]]:
    """Return the first problems, each with place, code and message, or one for all of a great many."""
    if error.error_count() > LISTABLE_PROBLEMS:
        message = f"{error.error_count()} values are not acceptable"
        return [{"loc": [where], "code": "too_many_problems", "message": message}]
    return [
        {
            "loc": [where, *map(_shown, filter(_is_place, problem["loc"]))],
            "code": problem["type"],
            "message": _shown(problem["msg"]),
        }
        for problem in error.errors(include_url=False, include_input=False, include_context=False)[:TOLD_PROBLEMS]
    ]


def _is_place(part: str | int) -> bool:
    """Return False for what pydantic puts into a place to name a branch of a union by its functions and addresses."""
    return not (isinstance(part, str) and part.startswith("function-"))


def _shown(part: str | int) -> str | int:
    return part[:TOLD_CHARACTERS] if isinstance(part, str) else part


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
        raise _nul(loc)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise Invalid.field(*loc, code="lone_surrogate", message="Text must be valid Unicode.") from error


def _nul(loc: Iterable[str | int]) -> Invalid:
    return Invalid.field(*map(_shown, loc), code="nul_character", message="Text may not hold the NUL character.")
