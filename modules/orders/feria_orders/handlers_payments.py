"""What orders does when a provider has given money back, or refuses to."""

from __future__ import annotations

from feria_core.contracts.payments import PaymentRefunded, PaymentRefundFailed
from feria_core.jobs import JobContext
from feria_orders.refunds import service


async def payment_refunded(event: PaymentRefunded, ctx: JobContext) -> None:
    """Note the refund as done, tell the buyer and announce it."""
    del ctx
    await service.settled(event)


async def payment_refund_failed(event: PaymentRefundFailed, ctx: JobContext) -> None:
    """Note that the money has not gone back: its pieces can be refunded again."""
    del ctx
    await service.failed(event)
