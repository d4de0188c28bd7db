"""Corrections of stock, and the ledger."""

from __future__ import annotations

from uuid import UUID

from feria_catalog.admin_schemas import AdjustmentBody, MovementOut, MovementPage, MovementQuery, StockState
from feria_catalog.stock import levels
from feria_core import audit, db
from feria_core.errors import BadRequest, NotFound
from feria_core.http import decode_cursor, encode_cursor
from feria_core.ids import parse_id

# Ids are ordered by time, and the place of a page's last row.
_MOVEMENTS = """
SELECT m.id, m.variant_id, v.sku, m.change, m.reason, m.reference, m.actor, m.at
FROM catalog_stock_movement m JOIN catalog_variant v ON v.id = m.variant_id
WHERE ($1::uuid IS NULL OR m.variant_id = $1) AND ($2::text IS NULL OR v.sku = $2) AND ($3::uuid IS NULL OR m.id < $3)
ORDER BY m.id DESC LIMIT $4
"""


async def adjust(body: AdjustmentBody) -> StockState:
    """Correct one variant's level. Raises NotFound, StockTooLow."""
    async with db.transaction():
        variant_id = body.variant_id or await _by_sku(body.sku or "")
        row = await levels.correct(variant_id, change=body.change, level=body.level, reason=body.reason)
        await audit.record(
            "catalog.stock.adjusted", "variant", variant_id,
            after={**body.model_dump(mode="json", exclude_none=True), "on_hand": row.on_hand},
        )  # fmt: skip
    return StockState(
        variant_id=variant_id, sku=row.sku, on_hand=row.on_hand, reserved=row.reserved, available=row.available
    )


async def movements(query: MovementQuery) -> MovementPage:
    """Return the movements of one variant or of all, the newest first."""
    parts = decode_cursor(query.cursor, 1)
    after = parse_id(parts[0]) if parts and isinstance(parts[0], str) else None
    if parts and after is None:
        raise BadRequest("The cursor is not one that this list gave out: leave it away to begin at the start.")
    rows = await db.fetch_all(_MOVEMENTS, query.variant_id, query.sku, after, query.limit + 1)
    items = [MovementOut(**row) for row in rows[: query.limit]]
    return MovementPage(items=items, next_cursor=encode_cursor(items[-1].id) if len(rows) > query.limit else None)


async def _by_sku(sku: str) -> UUID:
    found: UUID | None = await db.fetch_value("SELECT id FROM catalog_variant WHERE sku = $1", sku)
    if found is None:
        raise NotFound(f"There is no variant with the SKU {sku}.")
    return found
