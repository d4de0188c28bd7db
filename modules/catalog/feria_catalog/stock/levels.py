"""Levels: corrected by staff, set by imports, raised by what comes back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from uuid import UUID

from feria_catalog.errors import StockTooLow
from feria_catalog.stock.rows import Movement, StockRow, apply, lock, record
from feria_core import db
from feria_core.contracts.catalog import StockLine
from feria_core.errors import NotFound

# INT of PostgreSQL; a level beyond it is a typing error.
MAX_LEVEL = 1_000_000_000


async def put_back(lines: Sequence[StockLine], *, reason: str, reference: str) -> None:
    """Add what was sold to the stock again, in the open transaction, with one movement a line.

    Raises NotFound for a variant that the catalog does not know.
    """
    returned: Counter[UUID] = Counter()
    for line in lines:
        returned[line.variant_id] += line.quantity
    rows = await lock(list(returned))
    unknown = set(returned) - set(rows)
    if unknown:
        raise NotFound(f"There is no variant {min(unknown)}: nothing was put back.")
    await apply(rows, on_hand=returned, reserved={})
    await record(Movement(variant_id, change, reason, reference) for variant_id, change in returned.items())


async def correct(variant_id: UUID, *, change: int | None, level: int | None, reason: str) -> StockRow:
    """Add `change` to the level, or set it to `level`; return the row as it is now.

    Raises NotFound, and StockTooLow where less than what is held for buyers, or less than nothing, would be left.
    """
    rows = await lock([variant_id])
    row = rows.get(variant_id)
    if row is None:
        raise NotFound(f"There is no variant {variant_id}: name one by `sku` or `variant_id`.")
    difference = level - row.on_hand if level is not None else change or 0
    left = row.on_hand + difference
    if left < row.reserved or left > MAX_LEVEL:
        raise StockTooLow(
            f"{row.sku} has {row.on_hand} on hand, of which {row.reserved} are held for buyers: "
            f"a level of {left} is not possible.",
            members={"on_hand": row.on_hand, "reserved": row.reserved},
        )
    await apply(rows, on_hand={variant_id: difference}, reserved={})
    await record([Movement(variant_id, difference, reason)])
    return StockRow(row.variant_id, row.product_id, row.sku, left, row.reserved)


async def record_first(levels: Mapping[UUID, int], *, reason: str) -> None:
    """Write the movements of new variants that begin with these levels."""
    await record(Movement(variant_id, level, reason) for variant_id, level in levels.items())


async def set_levels(levels: Mapping[UUID, int], *, reason: str, reference: str | None = None) -> set[UUID]:
    """Set the levels; return the products whose level changed. What is held for buyers stays covered.

    The rows must be locked by the open transaction or new in it; documents are the caller's to write.
    """
    rows = await lock(list(levels))
    changes = {v: max(levels[v], row.reserved) - row.on_hand for v, row in rows.items()}
    changes = {variant_id: change for variant_id, change in changes.items() if change}
    if not changes:
        return set()
    await db.execute(
        "UPDATE catalog_stock s SET on_hand = s.on_hand + c.change"
        " FROM unnest($1::uuid[], $2::int[]) AS c (variant_id, change) WHERE s.variant_id = c.variant_id",
        list(changes), list(changes.values()),
    )  # fmt: skip
    await record(Movement(variant_id, change, reason, reference) for variant_id, change in changes.items())
    return {rows[variant_id].product_id for variant_id in changes}
