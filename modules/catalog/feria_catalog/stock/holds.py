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
from feria_catalog.stock.rows import StockRow, actor, apply, change, lock, show
from feria_core import clock, db
from feria_core.contracts.catalog import OutOfStock, Shortage, StockLine
from feria_core.ids import new_id

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
_EXTEND = """
UPDATE catalog_stock_hold SET expires_at = $2 WHERE (holder, variant_id) IN (
    SELECT holder, variant_id FROM catalog_stock_hold WHERE holder = $1 ORDER BY variant_id FOR UPDATE)
"""
# Taking what was found free under the lock, and noting for whom, in one statement: other buyers wait meanwhile.
_TAKE = """
WITH wanted AS (
    SELECT * FROM unnest($2::uuid[], $3::int[]) AS w (variant_id, quantity)
), held AS (
    INSERT INTO catalog_stock_hold (holder, variant_id, quantity, expires_at)
    SELECT $1, variant_id, quantity, $4 FROM wanted
)
UPDATE catalog_stock s SET reserved = s.reserved + w.quantity FROM wanted w WHERE s.variant_id = w.variant_id
"""
# A sale in one statement, likewise: what is held leaves hold, level and reservation, and enters the ledger. Its
# numbers need no look at the level, so locking and changing may share a snapshot; those of a hold may not.
_SELL = """
WITH mine AS (
    SELECT * FROM unnest($2::uuid[], $3::uuid[]) AS m (variant_id, movement_id)
), locked AS MATERIALIZED (
    SELECT s.variant_id FROM catalog_stock s WHERE s.variant_id = ANY($2::uuid[]) ORDER BY s.variant_id FOR UPDATE
), gone AS (
    DELETE FROM catalog_stock_hold h USING locked l
    WHERE h.holder = $1 AND h.variant_id = l.variant_id RETURNING h.variant_id, h.quantity
), sold AS (
    UPDATE catalog_stock s SET on_hand = s.on_hand - g.quantity, reserved = s.reserved - g.quantity FROM gone g
    WHERE s.variant_id = g.variant_id RETURNING s.variant_id
)
INSERT INTO catalog_stock_movement (id, variant_id, change, reason, reference, actor, at)
SELECT m.movement_id, g.variant_id, -g.quantity, $4, $5, $6, $7
FROM gone g JOIN sold USING (variant_id) JOIN mine m USING (variant_id)
"""

# The same where it is known what has to be held: nothing happens unless exactly that is.
_SELL_EXACTLY = _SELL.replace(
    "unnest($2::uuid[], $3::uuid[]) AS m (variant_id, movement_id)",
    "unnest($2::uuid[], $3::uuid[], $8::int[]) AS m (variant_id, movement_id, quantity)",
).replace(
    "WHERE s.variant_id = ANY($2::uuid[]) ORDER BY",
    """WHERE s.variant_id = ANY($2::uuid[]) AND (
        SELECT count(*) = cardinality($2::uuid[]) AND count(m.variant_id) = count(*) FROM catalog_stock_hold h
        LEFT JOIN mine m ON m.variant_id = h.variant_id AND m.quantity = h.quantity WHERE h.holder = $1) ORDER BY""",
)


async def hold(holder: UUID, lines: Sequence[StockLine], *, until: datetime) -> None:
    """Hold every line for `holder` until `until` in place of what it held before, in the open transaction.

    Lines of one variant are summed. Raises OutOfStock naming every short line, having changed nothing.
    """
    wanted = _summed(lines)
    now = clock.now()
    in_the_way = await db.fetch_all(_IN_THE_WAY, list(wanted), holder, now)
    rows = await lock({*wanted, *(row["variant_id"] for row in in_the_way)})
    freeable = await _freeable(in_the_way, holder, now) if in_the_way else Counter()
    _check(wanted, rows, freeable)
    if freeable:
        await _free(in_the_way, holder, now, rows, freeable)
    await db.execute(_TAKE, holder, list(wanted), list(wanted.values()), until)
    net = Counter(wanted)
    net.subtract(freeable)
    await show(rows, {variant_id: -count for variant_id, count in net.items()})


async def _freeable(in_the_way: Sequence[db.Row], holder: UUID, now: datetime) -> Counter[UUID]:
    """Return what goes free by variant, the rows of these holds locked."""
    found: Counter[UUID] = Counter()
    for row in await db.fetch_all(_FREEABLE, _holders(in_the_way, holder), holder, now):
        found[row["variant_id"]] += row["quantity"]
    return found


async def _free(
    in_the_way: Sequence[db.Row],
    holder: UUID,
    now: datetime,
    rows: Mapping[UUID, StockRow],
    freeable: Mapping[UUID, int],
) -> None:
    await db.execute(_FREE, _holders(in_the_way, holder), holder, now)
    await change(rows, on_hand={}, reserved={variant_id: -quantity for variant_id, quantity in freeable.items()})


def _holders(in_the_way: Sequence[db.Row], holder: UUID) -> list[UUID]:
    return list({row["holder"] for row in in_the_way} | {holder})


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
    held = await db.fetch_all("SELECT variant_id FROM catalog_stock_hold WHERE holder = $1", holder)
    variants = [row["variant_id"] for row in held]
    movements = [new_id() for _ in variants]
    # What is available stays the same, so no page and no card changes.
    if not await db.execute(_SELL, holder, variants, movements, SALE, reference, actor(), clock.now()):
        raise HoldMissing("Nothing is held for this checkout any more: hold the lines again before selling them.")


async def sell_lines(holder: UUID, lines: Sequence[StockLine], *, reference: str) -> None:
    """Take exactly these lines out of the stock, of the hold where `holder` has them, in the open transaction.

    Lines of one variant are summed. Raises OutOfStock naming every short line, having changed nothing.
    """
    wanted = _summed(lines)
    values = list(wanted), [new_id() for _ in wanted], SALE, reference, actor(), clock.now(), list(wanted.values())
    if not await db.execute(_SELL_EXACTLY, holder, *values):
        await hold(holder, lines, until=clock.now())
        await sell(holder, reference=reference)


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
