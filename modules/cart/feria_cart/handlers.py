"""What the cart hears of."""

from __future__ import annotations

from feria_cart.alerts import sending
from feria_cart.product_limits.claims import give_back_order
from feria_cart.reminders import service as reminders
from feria_core.contracts.catalog import ProductChanged, ProductsChanged
from feria_core.contracts.orders import OrderCancelled, OrderPlaced
from feria_core.jobs import JobContext


async def product_changed(event: ProductChanged, ctx: JobContext) -> None:
    """Look whether somebody waits for what has become of the product."""
    del ctx
    await sending.look([event.product_id])


async def products_changed(event: ProductsChanged, ctx: JobContext) -> None:
    """Look whether somebody waits for what has become of the products."""
    del ctx
    await sending.look(event.product_ids)


async def order_placed(event: OrderPlaced, ctx: JobContext) -> None:
    """End the reminders of who has ordered, and note what they have brought back."""
    del ctx
    await reminders.order_placed(event)


async def order_cancelled(event: OrderCancelled, ctx: JobContext) -> None:
    """Give back what the order has kept of limited products, and take it out of the report."""
    del ctx
    await give_back_order(event.order_id)
    await reminders.order_cancelled(event.order_id)
