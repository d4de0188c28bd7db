"""What a test says to a fake gateway that runs in another process, over its /_fake routes."""

from __future__ import annotations

from types import TracebackType
from typing import Any, Self

import aiohttp
import msgspec

from feria_core.testing.gateway.behaviour import BehaviourChange, Rule, WebhookMode
from feria_core.testing.gateway.records import LedgerView

_TIMEOUT_S = 30


class GatewayClient:
    """The remote control of the gateway at `url`; use it as `async with`.

    Every call raises aiohttp.ClientResponseError where the gateway refuses; 402 is a declined card.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        timeout = aiohttp.ClientTimeout(total=_TIMEOUT_S)
        self._session = aiohttp.ClientSession(self.url, timeout=timeout, raise_for_status=True)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def ledger(self) -> LedgerView:
        """Return every payment's totals and every booking."""
        return msgspec.json.decode(await self._call("GET", "/_fake/ledger"), type=LedgerView)

    async def events(self) -> list[dict[str, Any]]:
        """Return the events of Stripe and PayPal so far, oldest first."""
        data: list[dict[str, Any]] = msgspec.json.decode(await self._call("GET", "/_fake/events"))["data"]
        return data

    async def behave(self, *rules: Rule, webhooks: WebhookMode | None = None) -> None:
        """Force the rules on the next acts they name; set how webhooks are sent."""
        await self._call("POST", "/_fake/behaviour", BehaviourChange(next=list(rules), webhooks=webhooks))

    async def pay(self, intent_id: str, *, payment_method: str = "pm_card_visa") -> str:
        """Confirm the payment as its shopper; return its status."""
        return await self._status(f"/_fake/pay/{intent_id}", {"payment_method": payment_method})

    async def authenticate(self, intent_id: str, *, succeeds: bool = True) -> str:
        """Finish 3-D Secure as the shopper; return the payment's status."""
        return await self._status(f"/_fake/authenticate/{intent_id}", {"succeeds": succeeds})

    async def pay_session(self, session_id: str, *, payment_method: str = "pm_card_visa") -> str:
        """Pay a Checkout Session on its page; return the status of its PaymentIntent."""
        return await self._status(f"/_fake/sessions/{session_id}/pay", {"payment_method": payment_method})

    async def lose_refund(self, refund_id: str) -> None:
        """Let a refund fail after it was given."""
        await self._call("POST", f"/_fake/refunds/{refund_id}/lose", {})

    async def approve(self, order_id: str) -> str:
        """Approve PayPal's order as its shopper; return its status."""
        return await self._status(f"/_fake/approve/{order_id}", {})

    async def expire_tokens(self) -> None:
        """Take back every access token that PayPal gave."""
        await self._call("POST", "/_fake/expire-tokens", {})

    async def resend(self, *event_ids: str, copies: int = 1) -> None:
        """Send the events' webhooks again, at once."""
        await self._call("POST", "/_fake/webhooks/resend", {"events": event_ids, "copies": copies})

    async def set_webhook_url(self, url: str | None, *, provider: str = "stripe") -> None:
        """Send the webhooks of `stripe` or `paypal` to `url` from now on; None keeps them unsent."""
        await self._call("POST", "/_fake/webhook-url", {"url": url, "provider": provider})

    async def reset(self) -> None:
        """Forget payments, keys, rules and undelivered webhooks."""
        await self._call("POST", "/_fake/reset", {})

    async def _status(self, path: str, body: dict[str, Any]) -> str:
        status: str = msgspec.json.decode(await self._call("POST", path, body))["status"]
        return status

    async def _call(self, method: str, path: str, body: Any = None) -> bytes:
        if self._session is None:
            raise RuntimeError("the client is not open: use it as `async with GatewayClient(url) as client`")
        data = None if body is None else msgspec.json.encode(body)
        async with self._session.request(method, path, data=data) as response:
            return await response.read()
