"""The cart's work for later."""

from __future__ import annotations

from uuid import UUID

import structlog

from feria_cart import links, service
from feria_cart.alerts import sending
from feria_cart.alerts import service as alerts
from feria_core.jobs import JobContext

log = structlog.get_logger("feria.cart")


async def expire(ctx: JobContext) -> None:
    """Delete the carts that nobody changed for the configured days, and alerts sent before; repeating is harmless."""
    deleted = await service.delete_expired()
    done = await alerts.delete_done()
    log.info("cart.expired", job_id=str(ctx.job_id), deleted=deleted, alerts=done)


async def send_alerts(ctx: JobContext, *, product_id: str, after: str) -> None:
    """Send a batch of the product's due alerts past `after`, once; a full one queues the next."""
    key = await links.load_key()
    async with ctx.effect():
        await sending.send_batch(UUID(product_id), after=UUID(after), key=key)


async def check_alerts(ctx: JobContext) -> None:
    """Look for due alerts of which no event told; repeating is harmless."""
    due = await sending.look_everywhere()
    log.info("cart.alerts_checked", job_id=str(ctx.job_id), products=due)
