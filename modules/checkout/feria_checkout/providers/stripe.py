"""Stripe: PaymentIntents with automatic payment methods, or its hosted page. The official SDK, loaded at first use."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from feria_checkout.providers import stripe_sessions, stripe_webhook
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
# Reserved for some days; taken in several parts where the card and the account allow it.
# https://docs.stripe.com/payments/multicapture
_DEFERRED = {
    "capture_method": "manual",
    "payment_method_options": {"card": {"request_multicapture": "if_available"}},
}
_WITH_CHARGE = {"expand": ["latest_charge"]}
_LOST = {"failed", "canceled"}
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
        is_hosted: bool = False,
    ) -> None:
        self._secret_key = secret_key
        self._webhook_secret = webhook_secret
        self._base_url = base_url
        self._timeout_s = timeout_s
        self._publishable_key = publishable_key
        self._pay_url = pay_url
        self._is_hosted = is_hosted
        self._http: Any = None
        self._opened: stripe.StripeClient | None = None
        self.breaker = breaker

    async def authorise(self, request: PaymentRequest) -> PaymentSession:
        """Create the PaymentIntent, or the hosted page, or return that of the same payment.

        Everything sent is settled with the payment: another value under the same key would be refused.
        """
        if self._is_hosted:
            return await self._open_page(request)
        params = {
            "amount": request.amount.amount,
            "currency": request.amount.currency.lower(),
            "automatic_payment_methods": {"enabled": True},
            **(_DEFERRED if request.is_deferred else {}),
            "description": f"Checkout {request.checkout_id}",
            "metadata": {"checkout_id": str(request.checkout_id), "payment_id": str(request.payment_id)},
        }
        intent = await self._call(
            lambda api: api.payment_intents.create_async(params, {"idempotency_key": str(request.payment_id)})
        )
        return PaymentSession(intent.id, _STATES.get(intent.status, PaymentState.PENDING), self._client_data(intent))

    async def reserve(self, reference: str, *, payment_id: UUID, amount: Money) -> PaymentReport:
        """Return the state: Stripe holds the money as soon as the shopper agrees."""
        del payment_id, amount
        return await self.report(reference)

    async def capture(
        self, reference: str, *, payment_id: UUID, amount: Money, capture_id: UUID | None = None, is_final: bool = True
    ) -> PaymentReport:
        """Take held money, in parts where the card allows it; else the first part lets the rest go."""
        intent_id = await self._intent_of(reference)
        intent = await self._call(lambda api: api.payment_intents.retrieve_async(intent_id, _WITH_CHARGE))
        is_last = is_final or not _takes_parts(intent)
        options = {"idempotency_key": f"{capture_id or payment_id}-capture"}
        params: dict[str, Any] = {"amount_to_capture": amount.amount}
        if not is_last:
            params["final_capture"] = False
        taken = _report(await self._call(lambda api: api.payment_intents.capture_async(intent_id, params, options)))
        return taken if intent_id == reference else replace(taken, reference=reference, alias=intent_id)

    async def report(self, reference: str) -> PaymentReport:
        """Return the PaymentIntent's state; a declined one is FAILED until the shopper tries again."""
        try:
            if reference.startswith(stripe_sessions.PREFIX):
                return _session_report(await self._session(reference))
            return _report(await self._call(lambda api: api.payment_intents.retrieve_async(reference)))
        except PaymentDeclined as error:
            raise ProviderUnavailable(f"stripe does not tell of '{reference}': {error}") from error

    async def void(self, reference: str, *, payment_id: UUID) -> PaymentReport:
        """Cancel the PaymentIntent, or let its rest go; where neither can be, its state is returned.

        A page that is still open is closed for good.
        """
        options = {"idempotency_key": f"{payment_id}-void"}
        if reference.startswith(stripe_sessions.PREFIX):
            return await self._close_page(reference, payment_id)
        try:
            cancelled = await self._call(lambda api: api.payment_intents.cancel_async(reference, {}, options))
        except PaymentDeclined:
            report = await self.report(reference)
            return await self._without_rest(report, payment_id) if report.state is PaymentState.AUTHORIZED else report
        return _report(cancelled)

    async def refund(self, reference: str, *, refund_id: UUID, amount: Money) -> None:
        """Give the money back; what was given back before under the same id counts as done.

        Stripe forgets the key after a day, so its own list is looked at first.
        """
        intent_id = await self._intent_of(reference)
        if await self._has_refund(intent_id, refund_id):
            return
        params = {"payment_intent": intent_id, "amount": amount.amount, "metadata": {"refund_id": str(refund_id)}}
        options = {"idempotency_key": f"{refund_id}-refund"}
        refund = await self._call(lambda api: api.refunds.create_async(params, options))
        if refund.status in _LOST:
            raise PaymentDeclined("Stripe could not give the money back.")

    async def lost_refunds(self, reference: str) -> Mapping[UUID, str]:
        """Return the refunds that Stripe gave and a bank has sent back."""
        found = await self._refunds(await self._intent_of(reference))
        named = ((parse_id(str(_metadata(refund).get("refund_id", ""))), refund) for refund in found)
        return {
            refund_id: str(refund.to_dict().get("failure_reason") or refund.status)
            for refund_id, refund in named
            if refund_id is not None and refund.status in _LOST
        }

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookNote:
        """Return what the event is about. Raises InvalidWebhook."""
        return stripe_webhook.parse(body, headers, self._webhook_secret)

    async def close(self) -> None:
        """Close the connections, if any were opened; a later call opens new ones."""
        http, self._http, self._opened = self._http, None, None
        if http is not None:
            await http.close_async()

    async def _has_refund(self, reference: str, refund_id: UUID) -> bool:
        return any(
            refund.status not in _LOST and _metadata(refund).get("refund_id") == str(refund_id)
            for refund in await self._refunds(reference)
        )

    async def _refunds(self, intent_id: str) -> list[Any]:
        """Return the refunds of a PaymentIntent: a shop gives back in a few parts, never in a hundred."""
        params = {"payment_intent": intent_id, "limit": 100}
        try:
            found = await self._call(lambda api: api.refunds.list_async(params))
        except PaymentDeclined as error:
            raise ProviderUnavailable(f"stripe does not tell of the refunds of '{intent_id}': {error}") from error
        return list(found.data)

    async def _open_page(self, request: PaymentRequest) -> PaymentSession:
        params, options = (
            stripe_sessions.params_of(request, deferred=_DEFERRED),
            {"idempotency_key": str(request.payment_id)},
        )
        session = await self._call(lambda api: api.checkout.sessions.create_async(params, options))
        return PaymentSession(session.id, PaymentState.PENDING, stripe_sessions.client_data(session))

    async def _close_page(self, reference: str, payment_id: UUID) -> PaymentReport:
        options = {"idempotency_key": f"{payment_id}-expire"}
        try:
            await self._call(lambda api: api.checkout.sessions.expire_async(reference, {}, options))
        except PaymentDeclined:
            report = await self.report(reference)  # paid, or closed already
            if report.alias is not None and report.state is not PaymentState.CANCELLED:
                ended = await self.void(report.alias, payment_id=payment_id)
                return replace(ended, reference=reference, alias=report.alias)
            return report
        return await self.report(reference)

    async def _session(self, reference: str) -> Any:
        with_intent = stripe_sessions.WITH_INTENT
        return await self._call(lambda api: api.checkout.sessions.retrieve_async(reference, with_intent))

    async def _intent_of(self, reference: str) -> str:
        """Return the PaymentIntent behind a reference. Raises PaymentDeclined where nobody has tried to pay."""
        if not reference.startswith(stripe_sessions.PREFIX):
            return reference
        intent = (await self._session(reference)).payment_intent
        if intent is None:
            raise PaymentDeclined("Nobody has paid yet.")
        return str(intent.id)

    async def _without_rest(self, report: PaymentReport, payment_id: UUID) -> PaymentReport:
        """Let go of what is left to capture: a last capture of nothing."""
        params, options = {"amount_to_capture": 0, "final_capture": True}, {"idempotency_key": f"{payment_id}-rest"}
        try:
            ended = await self._call(lambda api: api.payment_intents.capture_async(report.reference, params, options))
        except PaymentDeclined:
            return await self.report(report.reference)
        return _report(ended)

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
    metadata = _metadata(intent)
    return PaymentReport(
        reference=intent.id,
        state=state,
        amount=Money(amount, intent.currency.upper()),
        checkout_id=parse_id(str(metadata.get("checkout_id", ""))),
        payment_id=parse_id(str(metadata.get("payment_id", ""))),
        reason=str(error.message) if error is not None else None,
        captured=Money(intent.amount_received, intent.currency.upper()) if intent.amount_received else None,
    )


def _session_report(session: Any) -> PaymentReport:
    intent = session.payment_intent
    return stripe_sessions.report_of(session, _report(intent) if intent is not None else None)


def _metadata(thing: Any) -> dict[str, Any]:
    return thing.metadata.to_dict() if thing.metadata else {}


def _takes_parts(intent: Any) -> bool:
    """Return whether the card that holds the money lets it be taken in several parts."""
    charge = intent.latest_charge
    details = charge.to_dict().get("payment_method_details") if charge is not None else None
    parts = ((details or {}).get("card") or {}).get("multicapture") or {}
    return parts.get("status") == "available"
