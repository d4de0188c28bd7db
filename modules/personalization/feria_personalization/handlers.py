"""What personalization hears of."""

from __future__ import annotations

from feria_core.contracts.cart import CartItemAdded
from feria_core.contracts.orders import OrderCancelled, OrderPlaced, OrderRefunded
from feria_core.jobs import JobContext
from feria_personalization.service import recording


async def cart_item_added(event: CartItemAdded, ctx: JobContext) -> None:
    """Remember what somebody who agreed has put into their cart."""
    del ctx
    await recording.cart_filled(event)


async def order_placed(event: OrderPlaced, ctx: JobContext) -> None:
    """Keep what was sold."""
    del ctx
    await recording.order_placed(event)


async def order_cancelled(event: OrderCancelled, ctx: JobContext) -> None:
    """Take back what was sold after all not."""
    del ctx
    await recording.order_cancelled(event.order_id)


async def order_refunded(event: OrderRefunded, ctx: JobContext) -> None:
    """Take back what the customer has not kept."""
    del ctx
    await recording.order_refunded(event)
