"""What this module does when others announce something."""

from __future__ import annotations

from feria_core.contracts.orders import OrderCancelled
from feria_core.jobs import JobContext
from feria_promotions.claims import release_order


async def order_cancelled(event: OrderCancelled, ctx: JobContext) -> None:
    """Give back what the cancelled order has used of limits."""
    del ctx
    await release_order(event.order_id)
