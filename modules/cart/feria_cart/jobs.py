"""The cart's work for later."""

from __future__ import annotations

from uuid import UUID

import structlog

from feria_cart import links
from feria_cart.alerts import sending
from feria_cart.alerts import service as alerts
from feria_cart.reminders import sending as sending_reminders
from feria_cart.reminders import service as reminders
from feria_cart.saved import service as saved
from feria_cart.service import changing
from feria_core.jobs import JobContext

log = structlog.get_logger("feria.cart")


async def expire(ctx: JobContext) -> None:
    """Delete what nobody touched for the configured days: carts, saved items, alerts, reminders; repeats safely."""
    deleted = await changing.delete_expired()
    forgotten = await saved.delete_expired()
    done = await alerts.delete_done()
    old = await reminders.forget_old()
    log.info("cart.expired", job_id=str(ctx.job_id), deleted=deleted, saved=forgotten, alerts=done, reminders=old)


async def remind(ctx: JobContext) -> None:
    """Send the reminders that are due; each is counted with its mail, so repeating is harmless."""
    looked = await sending_reminders.send_due()
    log.info("cart.reminded", job_id=str(ctx.job_id), carts=looked)


async def send_alerts(ctx: JobContext, *, product_id: str, after: str) -> None:
    """Send a batch of the product's due alerts past `after`, once; a full one queues the next."""
    key = await links.load_key()
    async with ctx.effect():
        await sending.send_batch(UUID(product_id), after=UUID(after), key=key)


async def check_alerts(ctx: JobContext) -> None:
    """Look for due alerts of which no event told; repeating is harmless."""
    due = await sending.look_everywhere()
    log.info("cart.alerts_checked", job_id=str(ctx.job_id), products=due)
