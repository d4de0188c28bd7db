"""PayPal's refusals, in the shape of https://developer.paypal.com/api/rest/responses/."""

from __future__ import annotations

import secrets
from typing import Any

from feria_core.testing.gateway.errors import (
    GatewayError,
    IdempotencyInUse,
    IdempotencyMismatch,
    ServerFault,
)


class PayPalError(Exception):
    """A refusal `{"name", "message", "details": [{"issue", "description"}], "debug_id"}`."""

    status, name, message = 422, "UNPROCESSABLE_ENTITY", "The requested action could not be performed."

    def __init__(self, issue: str, description: str, *, field: str | None = None) -> None:
        super().__init__(description)
        self.issue = issue
        self.description = description
        self.field = field

    def body(self) -> dict[str, Any]:
        """Return the JSON of the answer."""
        detail = {"issue": self.issue, "description": self.description}
        if self.field:
            detail["field"] = self.field
        return {
            "name": self.name,
            "message": self.message,
            "debug_id": secrets.token_hex(7),
            "details": [detail],
            "links": [],
        }


class BadRequest(PayPalError):
    status, name = 400, "INVALID_REQUEST"
    message = "Request is not well-formed, syntactically incorrect, or violates schema."


class NotFound(PayPalError):
    status, name, message = 404, "RESOURCE_NOT_FOUND", "The specified resource does not exist."

    def __init__(self, what: str) -> None:
        super().__init__("INVALID_RESOURCE_ID", f"No such {what}.")


class Busy(PayPalError):
    status, name, message = 409, "RESOURCE_CONFLICT", "The server has detected a conflict."


class Fault(PayPalError):
    status, name, message = 500, "INTERNAL_SERVER_ERROR", "An internal server error has occurred."


class Unauthorized(Exception):
    """No token, or one that ended; answered in OAuth's shape."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error

    def body(self) -> dict[str, Any]:
        """Return the JSON of the answer."""
        return {"error": self.error, "error_description": str(self)}


def in_paypals_words(error: GatewayError) -> PayPalError:
    """Return what PayPal says where a part that both halves share refuses."""
    if isinstance(error, IdempotencyMismatch):
        return PayPalError(
            "DUPLICATE_REQUEST_ID",
            "The value of PayPal-Request-Id header has already been used. Please specify a different value and try "
            "again.",
        )
    if isinstance(error, IdempotencyInUse):
        return Busy("PREVIOUS_REQUEST_IN_PROGRESS", "A previous request on this resource is currently in progress.")
    if isinstance(error, ServerFault):
        return Fault("INTERNAL_SERVICE_ERROR", error.message)
    return BadRequest("INVALID_PARAMETER_VALUE", error.message)
