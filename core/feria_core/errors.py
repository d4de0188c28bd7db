"""Errors that a client is told about: a class per reason, a stable code, a status, a sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class FeriaError(Exception):
    """An expected refusal, answered as problem+json.

    `detail` is one sentence with the value and the way out. `members` are added to the problem document,
    `headers` to the answer. Subclasses set `code`, `status` and `title`.
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request was refused"

    def __init__(
        self, detail: str, *, members: Mapping[str, Any] | None = None, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(detail)
        self.detail = detail
        self.members = dict(members or {})
        self.headers = dict(headers or {})


class BadRequest(FeriaError):
    code, status, title = "bad_request", 400, "The request cannot be read"


class Invalid(FeriaError):
    """The body or the query was read but does not hold what the route takes.

    `errors` is a list of `{"loc": [...], "code": str, "message": str}`.
    """

    code, status, title = "validation_failed", 422, "Some values are not acceptable"

    def __init__(self, detail: str, errors: list[dict[str, Any]]) -> None:
        super().__init__(detail, members={"errors": errors})

    @classmethod
    def field(cls, *loc: str | int, code: str, message: str) -> Invalid:
        """Return the error for one field, named by its path in the body."""
        return cls(message, [{"loc": list(loc), "code": code, "message": message}])


class Unauthenticated(FeriaError):
    code, status, title = "unauthenticated", 401, "Sign in first"

    def __init__(
        self, detail: str = "This call needs a valid access token: sign in and send it as a bearer token."
    ) -> None:
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(FeriaError):
    code, status, title = "forbidden", 403, "Not allowed"


class ActingStaff(Forbidden):
    """Staff act for a customer, and asked for what only the customer may do."""

    code, title = "acting_staff", "Only the customer may do this"

    def __init__(self) -> None:
        super().__init__("You act for a customer: this is for the customer alone to do.")


class NotFound(FeriaError):
    code, status, title = "not_found", 404, "Not found"


class ModuleDisabled(FeriaError):
    code, status, title = "module_disabled", 404, "This part of the shop is switched off"

    def __init__(self, module: str) -> None:
        super().__init__(
            f"The module '{module}' is not enabled here: enable it in plugins.toml to use this path.",
            members={"module": module},
        )


class Conflict(FeriaError):
    code, status, title = "conflict", 409, "The request meets another state"


class StaleVersion(Conflict):
    code, title = "stale_version", "Somebody else was faster"


class RateLimited(FeriaError):
    code, status, title = "rate_limited", 429, "Too many requests"


class Unavailable(FeriaError):
    """A part that the request needs cannot answer now; asking again later may work."""

    code, status, title = "temporarily_unavailable", 503, "Temporarily unavailable"


class StartRefused(Exception):
    """The configuration cannot be started; the sentence names the thing, the value and the way out.

    Commands answer it with exit code 2.
    """
