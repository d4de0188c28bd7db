"""The refusals of the fake gateway, in the shape of https://docs.stripe.com/api/errors."""

from __future__ import annotations

from typing import Any

from feria_core.testing.gateway.records import CardError, Intent


class GatewayError(Exception):
    """A refusal that the client reads as `{"error": {"type", "code", "message", "param"}}`.

    `is_replayed` says whether an idempotency key keeps it: Stripe keeps what an endpoint answered, not what
    was refused before the endpoint began (https://docs.stripe.com/api/idempotent_requests).
    """

    status = 400
    type = "invalid_request_error"
    is_replayed = True

    def __init__(self, message: str, *, code: str | None = None, param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.param = param
        self.extra: dict[str, Any] = {}

    def body(self) -> dict[str, Any]:
        """Return the JSON of the answer."""
        fields = {"code": self.code, "param": self.param, **self.extra}
        present = {name: value for name, value in fields.items() if value is not None}
        return {"error": {"type": self.type, "message": self.message, **present}}


class InvalidParam(GatewayError):
    """The request itself is wrong; nothing was tried."""

    is_replayed = False


class UnexpectedState(GatewayError):
    """The payment is in a state that does not allow the call."""

    def __init__(self, message: str) -> None:
        super().__init__(message, code="payment_intent_unexpected_state")


class NoSuchObject(GatewayError):
    status = 404
    is_replayed = False

    def __init__(self, kind: str, identifier: str, *, param: str = "intent") -> None:
        super().__init__(f"No such {kind}: '{identifier}'", code="resource_missing", param=param)


class Unauthorized(GatewayError):
    status = 401
    is_replayed = False


class CardDeclined(GatewayError):
    """The card was refused; the payment, kept in `intent`, asks for another one."""

    status = 402
    type = "card_error"

    def __init__(self, intent: Intent, reason: CardError) -> None:
        super().__init__(reason.message, code=reason.code)
        self.intent = intent
        self.reason = reason


class IdempotencyMismatch(GatewayError):
    type = "idempotency_error"
    is_replayed = False


class IdempotencyInUse(GatewayError):
    status = 409
    is_replayed = False


class ServerFault(GatewayError):
    """A forced 500 at the door: nothing was tried, so a retry with the same key starts afresh."""

    status = 500
    type = "api_error"
    is_replayed = False
