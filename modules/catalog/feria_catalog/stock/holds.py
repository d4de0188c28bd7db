"""Holding stock for a buyer: all lines or none, until a time; then it is sold or given back.

A hold is whole or gone: whoever frees an expired one frees all of its lines. Locks are always taken on stock rows
in ascending order, then on holds, then on products, so that no two of these wait for each other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from feria_catalog.errors import HoldMissing
from feria_catalog.stock.rows import Movement, StockRow, apply, lock, record
from feria_core import clock, db
from feria_core.contracts.catalog import OutOfStock, Shortage, StockLine

SALE = "sale"

# Holds that must go first: the holder's own, and expired ones on the wanted variants, each with all of its lines.
_IN_THE_WAY = """
SELECT holder, variant_id FROM catalog_stock_hold WHERE holder = $2 OR holder IN (
    SELECT holder FROM catalog_stock_hold WHERE variant_id = ANY($1::uuid[]) AND expires_at <= $3)
"""
# Locked, so that nobody prolongs an expired hold between this look and its end.
_FREEABLE = """
SELECT variant_id, quantity FROM catalog_stock_hold
WHERE holder = ANY($1::uuid[]) AND (holder = $2 OR expires_at <= $3) ORDER BY holder, variant_id FOR UPDATE
"""
_FREE = "DELETE FROM catalog_stock_hold WHERE holder = ANY($1::uuid[]) AND (holder = $2 OR expires_at <= $3)"
_INSERT = """
INSERT INTO catalog_stock_hold (holder, variant_id, quantity, expires_at)
SELECT $1, l.variant_id, l.quantity, $4 FROM unnest($2::uuid[], $3::int[]) AS l (variant_id, quantity)
"""
_EXTEND = """
UPDATE catalog_stock_hold SET expires_at = $2 WHERE (holder, variant_id) IN (
    SELECT holder, variant_id FROM catalog_stock_hold WHERE holder = $1 ORDER BY variant_id FOR UPDATE)
"""


async def hold(holder: UUID, lines: Sequence[StockLine], *, until: datetime) -> None:
    """Hold every line for `holder` until `until` in place of what it held before, in the open transaction.

    Lines of one variant are summed. Raises OutOfStock naming every short line, having changed nothing.
    """
    wanted = _summed(lines)
    now = clock.now()
    in_the_way = await db.fetch_all(_IN_THE_WAY, list(wanted), holder, now)
    rows = await lock({*wanted, *(row["variant_id"] for row in in_the_way)})
    holders = list({row["holder"] for row in in_the_way} | {holder})
    freeable: Counter[UUID] = Counter()
    for row in await db.fetch_all(_FREEABLE, holders, holder, now):
        freeable[row["variant_id"]] += row["quantity"]
    _check(wanted, rows, freeable)
    if freeable:
        await db.execute(_FREE, holders, holder, now)
    changes = Counter(wanted)
    changes.subtract(freeable)
    await apply(rows, on_hand={}, reserved=changes)
    await db.execute(_INSERT, holder, list(wanted), list(wanted.values()), until)


async def extend(holder: UUID, *, until: datetime) -> bool:
    """Prolong the holder's hold; False where it has none any more."""
    return bool(await db.execute(_EXTEND, holder, until))


async def release(holder: UUID) -> None:
    """Give back what `holder` holds; nothing happens where that is nothing."""
    rows, held = await _take(holder)
    if held:
        await apply(rows, on_hand={}, reserved={variant_id: -quantity for variant_id, quantity in held.items()})


async def sell(holder: UUID, *, reference: str) -> None:
    """Take what `holder` holds out of the stock, with one movement a line. Raises HoldMissing."""
    rows, held = await _take(holder)
    if not held:
        raise HoldMissing("Nothing is held for this checkout any more: hold the lines again before selling them.")
    sold = {variant_id: -quantity for variant_id, quantity in held.items()}
    await apply(rows, on_hand=sold, reserved=sold)
    await record(Movement(variant_id, change, SALE, reference) for variant_id, change in sold.items())


async def _take(holder: UUID) -> tuple[Mapping[UUID, StockRow], Mapping[UUID, int]]:
    """Delete the holder's hold with its stock rows locked; return both."""
    held = await db.fetch_all("SELECT variant_id FROM catalog_stock_hold WHERE holder = $1", holder)
    rows = await lock([row["variant_id"] for row in held])
    taken = await db.fetch_all(
        "DELETE FROM catalog_stock_hold WHERE holder = $1 AND variant_id = ANY($2::uuid[])"
        " RETURNING variant_id, quantity",
        holder, list(rows),
    )  # fmt: skip
    return rows, {row["variant_id"]: row["quantity"] for row in taken}


def _summed(lines: Sequence[StockLine]) -> dict[UUID, int]:
    wanted: Counter[UUID] = Counter()
    for line in lines:
        if line.quantity <= 0:
            raise ValueError(f"cannot hold {line.quantity} of {line.variant_id}: quantities are positive")
        wanted[line.variant_id] += line.quantity
    return dict(sorted(wanted.items()))


def _check(wanted: Mapping[UUID, int], rows: Mapping[UUID, StockRow], freeable: Mapping[UUID, int]) -> None:
    short = []
    for variant_id, quantity in wanted.items():
        row = rows.get(variant_id)
        left = row.available + freeable.get(variant_id, 0) if row else 0
        if row is None or left < quantity:
            short.append(Shortage(variant_id, row.sku if row else str(variant_id), quantity, left))
    if short:
        raise OutOfStock(short)
