"""Stripe: PaymentIntents with automatic payment methods, captured at once. The official SDK, loaded at first use."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from feria_checkout.providers import stripe_webhook
from feria_checkout.providers.breaker import Breaker
from feria_core.contracts.money import Money
from feria_core.contracts.payments import (
    PaymentDeclined,
    PaymentReport,
    PaymentRequest,
    PaymentSession,
    PaymentState,
    ProviderUnavailable,
    WebhookNote,
)
from feria_core.ids import parse_id

if TYPE_CHECKING:
    import stripe

# https://docs.stripe.com/payments/paymentintents/lifecycle
_STATES = {
    "requires_payment_method": PaymentState.PENDING,
    "requires_confirmation": PaymentState.PENDING,
    "requires_action": PaymentState.PENDING,
    "processing": PaymentState.PROCESSING,
    "requires_capture": PaymentState.AUTHORIZED,
    "succeeded": PaymentState.CAPTURED,
    "canceled": PaymentState.CANCELLED,
}
# One try and two more, each within `timeout_s`; the breaker's deadline bounds all of them.
_RETRIES = 2


class StripeProvider:
    """The provider `stripe`; `base_url` is Stripe's own or that of a fake which speaks its wire format."""

    name = "stripe"
    label = "Card and more"
    is_immediate = False

    def __init__(
        self,
        *,
        secret_key: str,
        webhook_secret: str,
        base_url: str,
        timeout_s: float,
        breaker: Breaker,
        publishable_key: str | None = None,
        pay_url: str | None = None,
    ) -> None:
        self._secret_key = secret_key
        self._webhook_secret = webhook_secret
        self._base_url = base_url
        self._timeout_s = timeout_s
        self._publishable_key = publishable_key
        self._pay_url = pay_url
        self._http: Any = None
        self._opened: stripe.StripeClient | None = None
        self.breaker = breaker

    async def authorise(self, request: PaymentRequest) -> PaymentSession:
        """Create the PaymentIntent, or return the one of the same payment.

        Everything sent is settled with the payment: another value under the same key would be refused.
        """
        params = {
            "amount": request.amount.amount,
            "currency": request.amount.currency.lower(),
            "automatic_payment_methods": {"enabled": True},
            "description": f"Checkout {request.checkout_id}",
            "metadata": {"checkout_id": str(request.checkout_id), "payment_id": str(request.payment_id)},
        }
        intent = await self._call(
            lambda api: api.payment_intents.create_async(params, {"idempotency_key": str(request.payment_id)})
        )
        return PaymentSession(intent.id, _STATES.get(intent.status, PaymentState.PENDING), self._client_data(intent))

    async def capture(self, reference: str, *, payment_id: UUID, amount: Money) -> PaymentReport:
        """Take the held money."""
        options = {"idempotency_key": f"{payment_id}-capture"}
        params = {"amount_to_capture": amount.amount}
        return _report(await self._call(lambda api: api.payment_intents.capture_async(reference, params, options)))

    async def report(self, reference: str) -> PaymentReport:
        """Return the PaymentIntent's state; a declined one is FAILED until the shopper tries again."""
        try:
            return _report(await self._call(lambda api: api.payment_intents.retrieve_async(reference)))
        except PaymentDeclined as error:
            raise ProviderUnavailable(f"stripe does not tell of '{reference}': {error}") from error

    async def void(self, reference: str, *, payment_id: UUID) -> PaymentReport:
        """Cancel the PaymentIntent; of one that can no longer be cancelled its state is returned."""
        options = {"idempotency_key": f"{payment_id}-void"}
        try:
            cancelled = await self._call(lambda api: api.payment_intents.cancel_async(reference, {}, options))
        except PaymentDeclined:
            return await self.report(reference)
        return _report(cancelled)

    async def refund(self, reference: str, *, refund_id: UUID, amount: Money) -> None:
        """Give the money back; what was given back before under the same id counts as done."""
        params = {"payment_intent": reference, "amount": amount.amount, "metadata": {"refund_id": str(refund_id)}}
        options = {"idempotency_key": f"{refund_id}-refund"}
        try:
            await self._call(lambda api: api.refunds.create_async(params, options))
        except PaymentDeclined as refusal:
            if not _is_refunded_already(refusal):
                raise

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookNote:
        """Return what the event is about. Raises InvalidWebhook."""
        return stripe_webhook.parse(body, headers, self._webhook_secret)

    async def close(self) -> None:
        """Close the connections, if any were opened; a later call opens new ones."""
        http, self._http, self._opened = self._http, None, None
        if http is not None:
            await http.close_async()

    async def _call(self, act: Callable[[Any], Awaitable[Any]]) -> Any:
        """Return what the SDK returns. Raises PaymentDeclined for a refusal, ProviderUnavailable for silence."""
        if self._opened is None:
            # Half a second of processor time, once: not within the deadline, and not on the loop of everybody else.
            await asyncio.to_thread(importlib.import_module, "stripe")
        return await self.breaker.run(lambda: self._translated(act))

    async def _translated(self, act: Callable[[Any], Awaitable[Any]]) -> Any:
        import aiohttp
        import stripe

        try:
            return await act(self._client().v1)
        except (stripe.CardError, stripe.InvalidRequestError) as error:
            raise PaymentDeclined(error.user_message or "The payment was declined.") from error
        except (stripe.StripeError, aiohttp.ClientError, OSError) as error:
            raise ProviderUnavailable(f"stripe: {type(error).__name__}") from error

    def _client(self) -> stripe.StripeClient:
        import aiohttp
        import stripe

        if self._opened is None:
            self._http = stripe.AIOHTTPClient(timeout=aiohttp.ClientTimeout(total=self._timeout_s))
            self._opened = stripe.StripeClient(
                self._secret_key,
                http_client=self._http,
                max_network_retries=_RETRIES,
                base_addresses={"api": self._base_url},
            )
        return self._opened

    def _client_data(self, intent: Any) -> dict[str, str]:
        data = {"client_secret": str(intent.client_secret)}
        if self._publishable_key:
            data["publishable_key"] = self._publishable_key
        if self._pay_url:
            data["pay_url"] = self._pay_url.replace("{reference}", intent.id)
        return data


def _report(intent: Any) -> PaymentReport:
    state = _STATES.get(intent.status, PaymentState.PENDING)
    error = intent.last_payment_error
    if state is PaymentState.PENDING and intent.status == "requires_payment_method" and error is not None:
        state = PaymentState.FAILED
    amount = intent.amount_received if state is PaymentState.CAPTURED else intent.amount
    metadata = intent.metadata.to_dict() if intent.metadata else {}
    return PaymentReport(
        reference=intent.id,
        state=state,
        amount=Money(amount, intent.currency.upper()),
        checkout_id=parse_id(str(metadata.get("checkout_id", ""))),
        payment_id=parse_id(str(metadata.get("payment_id", ""))),
        reason=str(error.message) if error is not None else None,
    )


def _is_refunded_already(refusal: PaymentDeclined) -> bool:
    return getattr(refusal.__cause__, "code", None) == "charge_already_refunded"
