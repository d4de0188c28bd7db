"""Stock rows: locked in ascending order, changed, and told to whoever shows them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from feria_catalog import documents
from feria_core import cache, clock, db
from feria_core.auth import maybe_principal
from feria_core.ids import new_id


@dataclass(frozen=True)
class StockRow:
    """A locked stock row."""

    variant_id: UUID
    product_id: UUID
    sku: str
    on_hand: int
    reserved: int

    @property
    def available(self) -> int:
        """What nobody holds."""
        return self.on_hand - self.reserved


@dataclass(frozen=True)
class Movement:
    """A change of a level and its reason; `reference` is an order number, an import, a note."""

    variant_id: UUID
    change: int
    reason: str
    reference: str | None = None


_LOCK = """
SELECT s.variant_id, v.product_id, v.sku, s.on_hand, s.reserved
FROM catalog_stock s JOIN catalog_variant v ON v.id = s.variant_id
WHERE s.variant_id = ANY($1::uuid[])
ORDER BY s.variant_id FOR UPDATE OF s
"""


async def lock(variant_ids: Collection[UUID]) -> dict[UUID, StockRow]:
    """Return the stock rows, locked for the open transaction in ascending order, so that no two carts deadlock."""
    db.require_transaction("locking stock")
    rows = await db.fetch_all(_LOCK, list(variant_ids))
    return {row["variant_id"]: StockRow(**row) for row in rows}


async def apply(rows: Mapping[UUID, StockRow], *, on_hand: Mapping[UUID, int], reserved: Mapping[UUID, int]) -> None:
    """Add the changes to locked rows, and refresh what shows them."""
    await change(rows, on_hand=on_hand, reserved=reserved)
    await show(rows, {v: on_hand.get(v, 0) - reserved.get(v, 0) for v in {*on_hand, *reserved}})


async def change(rows: Mapping[UUID, StockRow], *, on_hand: Mapping[UUID, int], reserved: Mapping[UUID, int]) -> None:
    """Add the changes to locked rows alone; `show` has to follow."""
    changed = sorted(rows.keys() & {*on_hand, *reserved})
    await db.execute(
        "UPDATE catalog_stock s SET on_hand = s.on_hand + c.on_hand, reserved = s.reserved + c.reserved"
        " FROM unnest($1::uuid[], $2::int[], $3::int[]) AS c (variant_id, on_hand, reserved)"
        " WHERE s.variant_id = c.variant_id",
        changed, [on_hand.get(v, 0) for v in changed], [reserved.get(v, 0) for v in changed],
    )  # fmt: skip


async def show(rows: Mapping[UUID, StockRow], differences: Mapping[UUID, int]) -> None:
    """Refresh what shows these rows, whose availability has changed by `differences` since they were locked.

    Pages show the number that is left and are dropped from the caches; cards and pages are written anew only
    where a product sells out or is back.
    """
    shown, flipped = set(), set()
    for variant_id, difference in differences.items():
        row = rows[variant_id]
        if difference:
            shown.add(row.product_id)
        if (row.available > 0) != (row.available + difference > 0):
            flipped.add(row.product_id)
    cache.touch(*(f"product:{product_id}" for product_id in shown))
    if flipped:
        await documents.refresh_in_stock(flipped)


def actor() -> str:
    """Return who moves stock, as the ledger names him."""
    principal = maybe_principal()
    return f"{principal.kind}:{principal.id}" if principal else "system"


async def record(movements: Iterable[Movement]) -> None:
    """Write the ledger's rows, with who asks as the actor; changes of nothing are left out."""
    now = clock.now()
    rows = [m for m in movements if m.change]
    if not rows:
        return
    await db.execute(
        "INSERT INTO catalog_stock_movement (id, variant_id, change, reason, reference, actor, at)"
        " SELECT m.*, $6::text, $7::timestamptz"
        " FROM unnest($1::uuid[], $2::uuid[], $3::int[], $4::text[], $5::text[]) AS m",
        [new_id() for _ in rows], [m.variant_id for m in rows], [m.change for m in rows],
        [m.reason for m in rows], [m.reference for m in rows], actor(), now,
    )  # fmt: skip
