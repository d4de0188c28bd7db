"""What workers do for orders."""

from __future__ import annotations

import structlog

from feria_core.jobs import JobContext
from feria_orders import service

log = structlog.get_logger("feria.orders")


async def discard_stale_drafts(ctx: JobContext) -> None:
    """Delete drafts that nobody paid for; running it again finds nothing more to do."""
    del ctx
    dropped = await service.discard_stale_drafts()
    if dropped:
        log.info("orders.drafts_discarded", count=dropped)
