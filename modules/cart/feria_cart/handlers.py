"""What the cart hears of."""

from __future__ import annotations

from feria_cart.alerts import sending
from feria_core.contracts.catalog import ProductChanged, ProductsChanged
from feria_core.jobs import JobContext


async def product_changed(event: ProductChanged, ctx: JobContext) -> None:
    """Look whether somebody waits for what has become of the product."""
    del ctx
    await sending.look([event.product_id])


async def products_changed(event: ProductsChanged, ctx: JobContext) -> None:
    """Look whether somebody waits for what has become of the products."""
    del ctx
    await sending.look(event.product_ids)
