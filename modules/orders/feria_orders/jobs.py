"""What workers do for orders."""

from __future__ import annotations

from uuid import UUID

import structlog

from feria_core.jobs import JobContext
from feria_orders import cancelling, service
from feria_orders.invoices import service as invoices

log = structlog.get_logger("feria.orders")


async def discard_stale_drafts(ctx: JobContext) -> None:
    """Delete drafts that nobody paid for; running it again finds nothing more to do."""
    del ctx
    dropped = await service.discard_stale_drafts()
    if dropped:
        log.info("orders.drafts_discarded", count=dropped)


async def return_money_of_cancelled(ctx: JobContext, order_id: str) -> None:
    """Give back money that arrived for pieces that were cancelled before it; again it finds nothing to give back."""
    del ctx
    await cancelling.return_money_of_cancelled(UUID(order_id))


async def issue_documents(ctx: JobContext) -> None:
    """Give paid orders their invoice and refunds their credit note; running it again finds nothing more to do."""
    del ctx
    issued = await invoices.issue_due()
    if issued:
        log.info("orders.documents_issued", count=issued)
