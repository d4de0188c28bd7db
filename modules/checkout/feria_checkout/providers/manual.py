"""Paying on invoice or on delivery: nothing to ask, nothing to capture."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from feria_core.contracts.money import Money
from feria_core.contracts.payments import (
    InvalidWebhook,
    PaymentReport,
    PaymentRequest,
    PaymentSession,
    PaymentState,
    ProviderUnavailable,
    WebhookNote,
)


class ManualProvider:
    """The provider `manual`; what staff note on the order is the only record of its money."""

    name = "manual"
    label = "Invoice or cash on delivery"
    is_immediate = True

    async def authorise(self, request: PaymentRequest) -> PaymentSession:
        """Return a session named after the payment: the shopper's word is all there is."""
        return PaymentSession(reference=f"manual:{request.payment_id}", state=PaymentState.AUTHORIZED)

    async def reserve(self, reference: str, *, payment_id: UUID, amount: Money) -> PaymentReport:
        """Return the payment as open."""
        del payment_id
        return PaymentReport(reference, PaymentState.AUTHORIZED, amount, None)

    async def capture(
        self, reference: str, *, payment_id: UUID, amount: Money, capture_id: UUID | None = None, is_final: bool = True
    ) -> PaymentReport:
        """Return the payment as still open: money comes later, outside of this shop."""
        del payment_id, capture_id, is_final
        return PaymentReport(reference, PaymentState.AUTHORIZED, amount, None)

    async def report(self, reference: str) -> PaymentReport:
        """Raise ProviderUnavailable: nobody outside knows of this payment."""
        raise ProviderUnavailable(f"no provider keeps '{reference}': its order tells whether it is paid")

    async def void(self, reference: str, *, payment_id: UUID) -> PaymentReport:
        """Return the payment as cancelled."""
        del payment_id
        return PaymentReport(reference, PaymentState.CANCELLED, Money(0, "XXX"), None)

    async def refund(self, reference: str, *, refund_id: UUID, amount: Money) -> None:
        """Do nothing: staff give the money back by the way it came."""

    async def lost_refunds(self, reference: str) -> Mapping[UUID, str]:
        """Return none: who gives money back by hand sees whether it arrives."""
        del reference
        return {}

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookNote:
        """Raise InvalidWebhook: nobody sends any."""
        del body, headers
        raise InvalidWebhook("the provider 'manual' sends no webhooks")

    async def close(self) -> None:
        """Do nothing: there is no connection."""
