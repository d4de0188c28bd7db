"""An order once more: what is still sold of it goes into a cart."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from feria_core.contracts.cart import CARTS, CartOwner
from feria_core.contracts.catalog import StockLine
from feria_core.errors import BadRequest, ModuleDisabled
from feria_core.runtime import registry
from feria_orders import standing
from feria_orders.errors import NothingToReorder


async def reorder(order_id: UUID, owner: CartOwner) -> list[dict[str, Any]]:
    """Put the lines of an order into the owner's cart; return for each what of it is in there now.

    Raises ModuleDisabled without a cart, BadRequest for a guest without a cart's token, NothingToReorder where
    nothing of it could be added.
    """
    carts = registry().find(CARTS)
    if carts is None:
        raise ModuleDisabled("cart")
    if owner.customer_id is None and not owner.cart_token:
        raise BadRequest("Send the header Cart-Token of the cart that the items go into: GET /api/cart gives one.")
    lines = await standing.lines_of(order_id)
    wanted: dict[UUID, int] = {}
    for line in lines:
        wanted[line.variant_id] = wanted.get(line.variant_id, 0) + line.quantity
    skus = {line.variant_id: line.sku for line in lines}
    added = await carts.add(owner, [StockLine(variant_id, n) for variant_id, n in wanted.items()])
    result = [
        {
            "variant_id": one.variant_id,
            "sku": skus[one.variant_id],
            "requested": wanted[one.variant_id],
            "added": one.quantity,
            "code": one.refusal,
        }
        for one in added
    ]
    if not any(line["added"] for line in result):
        shown = [{**line, "variant_id": str(line["variant_id"])} for line in result]
        raise NothingToReorder(str(order_id), shown)
    return result
