"""Every error as problem+json (RFC 9457), with nothing of the inside in it."""

from __future__ import annotations

from typing import Any

import asyncpg
import structlog
from quart import Quart, Response, request
from tortoise.exceptions import DBConnectionError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from feria_core.errors import FeriaError
from feria_core.http.documents import PROBLEM, document_of
from feria_core.http.request import request_id

# Names for what werkzeug raises by number.
CODES = {
    400: "bad_request",
    404: "not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    413: "body_too_large",
    414: "uri_too_long",
    415: "unsupported_media_type",
    431: "headers_too_large",
}
# What a database that is overloaded, restarting or locked answers: worth asking again, not a bug.
BUSY = (
    asyncpg.QueryCanceledError,
    asyncpg.LockNotAvailableError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.TooManyConnectionsError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.InterfaceError,
    ConnectionError,
    DBConnectionError,
)

log = structlog.get_logger("feria.http")


def problem(
    *,
    status: int,
    code: str,
    title: str,
    detail: str,
    members: dict[str, Any] | None = None,
    headers: dict[str, str] | None = None,
) -> Response:
    """Return the problem document as a response."""
    body = document_of(status, code, title, detail, request_id() or "", members)
    response = Response(body, status=status, content_type=PROBLEM)
    response.headers["Cache-Control"] = "no-store"
    for name, value in (headers or {}).items():
        response.headers[name] = value
    return response


def problem_of(error: FeriaError) -> Response:
    """Return the response of an expected refusal."""
    return problem(
        status=error.status, code=error.code, title=error.title, detail=error.detail,
        members=error.members, headers=error.headers,
    )  # fmt: skip


def install(app: Quart) -> None:
    """Let `app` answer every error as a problem."""

    @app.errorhandler(FeriaError)
    async def refused(error: FeriaError) -> Response:
        log.info("request.refused", code=error.code, status=error.status, path=request.path)
        return problem_of(error)

    @app.errorhandler(HTTPException)
    async def http_error(error: HTTPException) -> Response:
        return _from_werkzeug(error)

    @app.errorhandler(Exception)
    async def unexpected(error: Exception) -> Response:
        return problem_of_unexpected(error)


def problem_of_unexpected(error: Exception) -> Response:
    """Return the problem of an error that nobody expected, and log it: 503 where the database is away, else 500."""
    if isinstance(error, BUSY):
        log.warning("database.busy", error=type(error).__name__, path=request.path)
        return problem(
            status=503, code="temporarily_unavailable", title="Temporarily unavailable",
            detail="The database is busy or restarting: try again in a moment.", headers={"Retry-After": "1"},
        )  # fmt: skip
    log.error("request.failed", path=request.path, method=request.method, exc_info=error)
    return problem(
        status=500, code="internal_error", title="Something went wrong on our side",
        detail="The error is logged under this request id; trying again may work.",
    )  # fmt: skip


def _from_werkzeug(error: HTTPException) -> Response:
    status = error.code or 500
    if isinstance(error, RequestEntityTooLarge):
        detail = "The body is larger than this route takes."
    else:
        detail = (error.description or "").strip() or error.name
    headers = {
        name: value for name, value in error.get_headers() if name.lower() not in ("content-type", "content-length")
    }
    code = CODES.get(status, "http_error")
    return problem(status=status, code=code, title=error.name, detail=detail, headers=headers)
