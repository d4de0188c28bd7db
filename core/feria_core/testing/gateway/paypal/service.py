"""PayPal's part of the running gateway: its ledger, its tokens, its shopper and the webhooks that it signs."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

import msgspec

from feria_core.module import DevServices
from feria_core.testing.gateway.behaviour import On
from feria_core.testing.gateway.paypal.errors import Unauthorized
from feria_core.testing.gateway.paypal.ledger import PayPalLedger
from feria_core.testing.gateway.paypal.records import Order
from feria_core.testing.gateway.paypal.signing import Verification, is_signed, sign_paypal
from feria_core.testing.gateway.records import Event

if TYPE_CHECKING:
    from feria_core.testing.gateway.service import FakeGateway

TOKEN_LIFE_S = 32_400


class FakePayPal:
    """The half that speaks PayPal; `webhook_url` may change at any time, None keeps events unsent.

    Its client secret is the gateway's secret key, its webhooks are signed with the gateway's webhook secret.
    """

    client_id = DevServices.gateway_paypal_client_id
    webhook_id = DevServices.gateway_paypal_webhook_id

    def __init__(self, gateway: FakeGateway, *, webhook_url: str | None = None) -> None:
        self.gateway = gateway
        self.webhook_url = webhook_url
        self.token_life_s = TOKEN_LIFE_S
        self.tokens_given = 0
        self.ledger = PayPalLedger(gateway.books)
        self._tokens: dict[str, float] = {}

    async def approve(self, order_id: str) -> Order:
        """Say yes as the shopper. Raises PayPalError where there is no such order, or nothing to say any more."""
        rule = self.gateway.behaviour.take(On.APPROVE)
        await self.gateway.hold(rule)
        order = self.ledger.order(order_id)
        self.ledger.approve(order)
        await self.gateway.store.save()
        return order

    def give_token(self) -> dict[str, Any]:
        """Return a new access token."""
        token = f"A21AA{secrets.token_urlsafe(48)}"
        self._tokens[token] = time.monotonic() + self.token_life_s
        self.tokens_given += 1
        return {"access_token": token, "token_type": "Bearer", "expires_in": self.token_life_s, "scope": "fake"}

    def expire_tokens(self) -> None:
        """Take back every token that was given."""
        self._tokens.clear()

    def check_token(self, authorization: str) -> None:
        """Raise Unauthorized unless the header carries a token that lives."""
        scheme, _, token = authorization.partition(" ")
        if scheme.lower() != "bearer" or self._tokens.get(token.strip(), 0) < time.monotonic():
            raise Unauthorized("invalid_token", "Token signature verification failed")

    def sign(self, payload: bytes, *, at: float | None = None) -> dict[str, str]:
        """Return the headers of a webhook with this raw body."""
        return sign_paypal(
            payload, self.gateway.webhook_secret, webhook_id=self.webhook_id, base_url=self.gateway.url, at=at
        )

    def has_signed(self, question: Verification) -> bool:
        """Return whether a transmission is ours."""
        return is_signed(question, self.gateway.webhook_secret, webhook_id=self.webhook_id)

    def render(self, event: Event) -> tuple[bytes, dict[str, str]]:
        """Return the webhook of an event, body and headers."""
        body = msgspec.json.encode(event.object)
        return body, {"Content-Type": "application/json", "User-Agent": "PayPal/AUHR-214.0", **self.sign(body)}
