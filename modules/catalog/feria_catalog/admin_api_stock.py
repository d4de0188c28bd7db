"""What staff do with stock."""

from __future__ import annotations

from feria_catalog.admin_schemas import AdjustmentBody, MovementPage, MovementQuery, StockState
from feria_catalog.staff import stock
from feria_core.http import ApiBlueprint, staff

blueprint = ApiBlueprint("catalog_stock", __name__)
WRITE = staff("stock.write")


@blueprint.endpoint(
    "POST", "/api/admin/stock/adjustments", access=WRITE, body=AdjustmentBody, returns=StockState, status=201
)
async def adjust_stock(body: AdjustmentBody) -> StockState:
    """Correct a level: add `change`, or set it to `level`; the ledger keeps the reason."""
    return await stock.adjust(body)


@blueprint.endpoint("GET", "/api/admin/stock/movements", access=WRITE, query=MovementQuery, returns=MovementPage)
async def list_movements(query: MovementQuery) -> MovementPage:
    """Every change of stock with its reason, the newest first."""
    return await stock.movements(query)
