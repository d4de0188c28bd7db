"""The checkout's jobs: thin, each one use case."""

from __future__ import annotations

from uuid import UUID

from feria_checkout.service import moving, reconciling, refunding, webhooks
from feria_core.jobs import Dead, JobContext


async def reconcile(ctx: JobContext) -> None:
    """Ask about payments that have been pending for long."""
    del ctx
    await reconciling.reconcile()


async def expire(ctx: JobContext) -> None:
    """End checkouts whose time is over."""
    del ctx
    await reconciling.expire()


async def settle_payment(ctx: JobContext, *, payment_id: str) -> None:
    """Ask about one pending payment."""
    del ctx
    await reconciling.settle(UUID(payment_id))


async def void_payment(ctx: JobContext, *, payment_id: str) -> None:
    """Give up one payment at its provider."""
    del ctx
    await reconciling.void_payment(UUID(payment_id))


async def refund_payment(ctx: JobContext, *, payment_id: str) -> None:
    """Give back the money of one payment that could not become an order."""
    await refunding.refund(UUID(payment_id), ctx)


async def refund_order(ctx: JobContext, *, refund_id: str) -> None:
    """Give back one refund of a placed order."""
    await moving.refund(UUID(refund_id), ctx)


async def capture_order(ctx: JobContext, *, capture_id: str) -> None:
    """Take one capture of a placed order."""
    await moving.capture(UUID(capture_id), ctx)


async def release_order(ctx: JobContext, *, payment_id: str) -> None:
    """Let go of what was reserved for a placed order."""
    del ctx
    await moving.release(UUID(payment_id))


async def note_paid(ctx: JobContext, *, order_id: str) -> None:
    """Tell orders that all the money of an order is here."""
    await moving.note_paid(UUID(order_id), ctx)


async def handle_webhook(ctx: JobContext, *, provider: str, event_id: str) -> None:
    """Act on one stored webhook."""
    await webhooks.handle(provider, event_id, ctx)


async def alert(ctx: JobContext, *, payment_id: str, sentence: str) -> None:
    """Stand among the dead letters until somebody of the staff has looked at the payment."""
    del ctx
    raise Dead(f"payment {payment_id}: {sentence}")
