"""The cart's work for later."""

from __future__ import annotations

import structlog

from feria_cart import service
from feria_core.jobs import JobContext

log = structlog.get_logger("feria.cart")


async def expire(ctx: JobContext) -> None:
    """Delete the carts that nobody changed for the configured days, in batches; repeating is harmless."""
    deleted = await service.delete_expired()
    log.info("cart.expired", job_id=str(ctx.job_id), deleted=deleted)
