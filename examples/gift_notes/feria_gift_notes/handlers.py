"""What this module does when others announce something."""

from __future__ import annotations

from feria_core.contracts.orders import OrderPlaced
from feria_core.jobs import JobContext
from feria_gift_notes import repository


async def order_placed(event: OrderPlaced, ctx: JobContext) -> None:
    """Note whose order it is, which a checkout's step is not told."""
    del ctx
    await repository.name_owner(event.order_id, number=event.number, customer_id=event.customer_id, email=event.email)
