"""PayPal: orders that the shopper approves there and that are captured from here, over REST."""

from __future__ import annotations

from collections.abc import Awaitable, Mapping
from typing import Any
from urllib.parse import quote
from uuid import UUID

import structlog

from feria_checkout.providers import paypal_webhook, paypal_wire
from feria_checkout.providers.breaker import Breaker
from feria_checkout.providers.paypal_api import PayPalApi, PayPalRefusal
from feria_core.contracts.money import Money
from feria_core.contracts.payments import (
    InvalidWebhook,
    PaymentDeclined,
    PaymentReport,
    PaymentRequest,
    PaymentSession,
    PaymentState,
    ProviderUnavailable,
    WebhookNote,
)

_NOT_FOUND = 404

log = structlog.get_logger("feria.checkout")


class OrderGone(ProviderUnavailable):
    """PayPal does not know the order (any more): what nobody approves is forgotten there after some hours."""


# Refusals of a capture after which the order itself says more than they do.
_ASK_THE_ORDER = {
    "ORDER_ALREADY_CAPTURED", "ORDER_NOT_APPROVED", "PAYER_ACTION_REQUIRED", "ORDER_COMPLETED_OR_VOIDED",
    "ORDER_ALREADY_AUTHORIZED", "AUTHORIZATION_ALREADY_CAPTURED", "AUTHORIZATION_VOIDED", "AUTHORIZATION_EXPIRED",
}  # fmt: skip
# No money has moved, and none will: only we can capture, and what was given up is not captured.
_CAN_BE_LEFT = {PaymentState.PENDING, PaymentState.APPROVED, PaymentState.AUTHORIZED, PaymentState.FAILED}


class PayPalProvider:
    """The provider `paypal`. An order that its shopper approved counts as authorised: we have only to capture it."""

    name = "paypal"
    label = "PayPal"
    is_immediate = False

    def __init__(self, api: PayPalApi, *, webhook_id: str, breaker: Breaker, webhook_breaker: Breaker) -> None:
        self._api = api
        self._webhook_id = webhook_id
        self._webhook_breaker = webhook_breaker
        self.breaker = breaker

    async def authorise(self, request: PaymentRequest) -> PaymentSession:
        """Create the order, or return the one of the same payment. Raises PaymentDeclined for foreign currencies."""
        order = await self._call(
            "POST", "/v2/checkout/orders", paypal_wire.order_json(request), request_id=str(request.payment_id)
        )
        url = paypal_wire.approve_url(order)
        reference, state = paypal_wire.text(order, "id"), paypal_wire.state_of(order)
        return PaymentSession(reference, state, {"approve_url": url} if url else {})

    async def reserve(self, reference: str, *, payment_id: UUID, amount: Money) -> PaymentReport:
        """Hold the approved money. Raises PaymentDeclined where PayPal refuses or the order is another."""
        order = await self._order(reference)
        report = paypal_wire.report_of(order)
        if report.state is not PaymentState.APPROVED:
            return report
        _check(report, payment_id, amount)
        return await self._act(order, "authorize", f"{payment_id}-authorize-{order.get('update_time') or ''}")

    async def capture(
        self, reference: str, *, payment_id: UUID, amount: Money, capture_id: UUID | None = None, is_final: bool = True
    ) -> PaymentReport:
        """Take the approved money once, or what is held of it, in parts.

        Raises PaymentDeclined where PayPal refuses or the order is another.
        """
        order = await self._order(reference)
        report = paypal_wire.report_of(order)
        if report.state is not PaymentState.AUTHORIZED:
            return report
        held = paypal_wire.authorization(order)
        if held is not None:
            return await self._capture_held(reference, held, amount, capture_id or payment_id, is_final=is_final)
        _check(report, payment_id, amount)
        # The shopper who was declined approves again, which changes the time: a new act, under a new id.
        return await self._act(order, "capture", f"{payment_id}-capture-{order.get('update_time') or ''}")

    async def report(self, reference: str) -> PaymentReport:
        """Return what the order says."""
        return paypal_wire.report_of(await self._order(reference))

    async def void(self, reference: str, *, payment_id: UUID) -> PaymentReport:
        """Leave the order alone for good, which is all that PayPal knows; where money has moved the report says so."""
        try:
            order = await self._order(reference)
        except OrderGone:
            return PaymentReport(reference, PaymentState.CANCELLED, Money(0, "XXX"), None, payment_id=payment_id)
        report = paypal_wire.report_of(order)
        held = paypal_wire.authorization(order)
        if report.state is PaymentState.AUTHORIZED and held is not None:
            return await self._void_held(reference, held, payment_id)
        if report.state not in _CAN_BE_LEFT:
            return report
        return PaymentReport(
            reference, PaymentState.CANCELLED, report.amount, report.checkout_id, payment_id=report.payment_id
        )

    async def refund(self, reference: str, *, refund_id: UUID, amount: Money) -> None:
        """Give the money back; what was given back before under the same id counts as done."""
        order = await self._order(reference)
        taken = paypal_wire.taken(order)
        if paypal_wire.has_refund(order, refund_id):
            return
        if not taken:
            raise PaymentDeclined("Nothing was captured at PayPal that could go back.")
        path = f"/v2/payments/captures/{quote(paypal_wire.text(_to_refund(taken, amount), 'id'), safe='')}/refund"
        body = paypal_wire.refund_json(amount, refund_id)
        try:
            refund = await self._call("POST", path, body, request_id=f"{refund_id}-refund")
        except PayPalRefusal as refusal:
            if refusal.issue != "CAPTURE_FULLY_REFUNDED":
                raise
            return
        if refund.get("status") in {"FAILED", "CANCELLED"}:
            raise PaymentDeclined("PayPal could not give the money back.")

    async def lost_refunds(self, reference: str) -> Mapping[UUID, str]:
        """Return none: PayPal gives back to its own accounts, which takes effect at once."""
        del reference
        return {}

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> Awaitable[WebhookNote]:
        """Return what the event is about once PayPal has confirmed it. Raises InvalidWebhook at once for ill form."""
        note = paypal_webhook.parse(body)
        question = paypal_webhook.question(body, headers, webhook_id=self._webhook_id, base_url=self._api.base_url)
        return self._confirmed(note, question)

    async def close(self) -> None:
        """Close the connections, if any were opened; a later call opens new ones."""
        await self._api.close()

    async def _act(self, order: dict[str, Any], act: str, request_id: str) -> PaymentReport:
        """Capture or authorize the whole order, and return what it is then."""
        reference = paypal_wire.text(order, "id")
        try:
            answer = await self._call("POST", f"{_path(reference)}/{act}", b"{}", request_id=request_id[:108])
            if paypal_wire.is_whole(answer):
                return paypal_wire.report_of(answer)
        except PayPalRefusal as refusal:
            if refusal.issue not in _ASK_THE_ORDER:
                raise
        return await self.report(reference)

    async def _capture_held(
        self, reference: str, held: dict[str, Any], amount: Money, capture_id: UUID, *, is_final: bool
    ) -> PaymentReport:
        path = f"/v2/payments/authorizations/{quote(paypal_wire.text(held, 'id'), safe='')}/capture"
        body = {"amount": paypal_wire.money_json(amount), "final_capture": is_final}
        try:
            await self._call("POST", path, body, request_id=f"{capture_id}-capture")
        except PayPalRefusal as refusal:
            if refusal.issue not in _ASK_THE_ORDER:
                raise
        return await self.report(reference)

    async def _void_held(self, reference: str, held: dict[str, Any], payment_id: UUID) -> PaymentReport:
        path = f"/v2/payments/authorizations/{quote(paypal_wire.text(held, 'id'), safe='')}/void"
        try:
            await self._call("POST", path, b"{}", request_id=f"{payment_id}-void")
        except PayPalRefusal as refusal:
            log.info("payment.void_refused", provider="paypal", reference=reference, issue=refusal.issue)
        return await self.report(reference)

    async def _confirmed(self, note: WebhookNote, question: bytes) -> WebhookNote:
        # A breaker of its own: a flood of forgeries that makes PayPal impatient must not stop shoppers from paying.
        try:
            answer = await self._api.call(
                self._webhook_breaker, "POST", "/v1/notifications/verify-webhook-signature", question
            )
        except PayPalRefusal as refusal:
            raise InvalidWebhook(f"PayPal does not read this webhook: {refusal.issue}") from refusal
        if answer.get("verification_status") != "SUCCESS":
            raise InvalidWebhook("PayPal did not sign this webhook")
        return note

    async def _order(self, reference: str) -> dict[str, Any]:
        try:
            return await self._call("GET", _path(reference))
        except PayPalRefusal as refusal:
            kind = OrderGone if refusal.status == _NOT_FOUND else ProviderUnavailable
            raise kind(f"paypal does not tell of '{reference}': {refusal.issue}") from refusal

    async def _call(self, method: str, path: str, body: Any = None, *, request_id: str | None = None) -> dict[str, Any]:
        return await self._api.call(self.breaker, method, path, body, request_id=request_id)


def _check(report: PaymentReport, payment_id: UUID, amount: Money) -> None:
    if report.amount != amount or report.payment_id not in {None, payment_id}:
        raise PaymentDeclined("The payment at PayPal is not for this checkout.")


def _to_refund(taken: list[dict[str, Any]], amount: Money) -> dict[str, Any]:
    """Return the capture that the refund is of: the first that was not given back and is large enough."""
    open_ones = [capture for capture in taken if capture.get("status") != "REFUNDED"] or taken
    large = [capture for capture in open_ones if paypal_wire.money_of(capture.get("amount")).amount >= amount.amount]
    return (large or open_ones)[0]


def _path(reference: str) -> str:
    return f"/v2/checkout/orders/{quote(reference, safe='')}"
