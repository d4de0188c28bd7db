"""What is on offer, as each process keeps it: right while the stamp in the database stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import orjson

from feria_core import clock, db
from feria_core.ids import new_id
from feria_promotions.definition import promotion_of
from feria_promotions.pricing import Gift, Promotion

_LIVE = """
SELECT id, name, kind, definition::text AS definition, currency, is_active, starts_at, ends_at, stacking, lane,
    priority, usage_limit, usage_limit_per_customer, used, needs_code
FROM promotions_promotion
WHERE is_active AND archived_at IS NULL AND (ends_at IS NULL OR ends_at > $1) ORDER BY id
"""
_FLASH = """
SELECT max(ends_at) FROM promotions_flash_sale WHERE is_active AND archived_at IS NULL AND ends_at > $1
"""
_TOUCH = """
INSERT INTO promotions_state (id, stamp) VALUES (1, $1) ON CONFLICT (id) DO UPDATE SET stamp = EXCLUDED.stamp
"""


@dataclass(frozen=True)
class Live:
    """The promotions that hold now or later, by id; which of them are limited, whether any counts a buyer's orders.

    `edges` are the moments at which one of them begins or ends; `has_flash` says whether there is any flash sale;
    `gifts` are those that give something away.
    """

    stamp: UUID | None = None
    promotions: Mapping[UUID, Promotion] = field(default_factory=dict)
    has_flash: bool = False
    limited: Sequence[UUID] = ()
    limited_per_customer: Sequence[UUID] = ()
    asks_for_orders: bool = False
    edges: Sequence[datetime] = ()
    gifts: Mapping[UUID, Promotion] = field(default_factory=dict)


_kept: Live = Live()


def kept() -> Live:
    """Return this process's copy: right where its stamp is the one in the database, which `standing` reads."""
    return _kept


async def renew(stamp: UUID | None) -> Live:
    """Return what is on offer at that stamp, read where the copy is of another one; None is of a shop without any."""
    global _kept  # noqa: PLW0603 - one copy for the process
    if stamp is None:
        _kept = Live()
    elif _kept.stamp != stamp:
        # The rows may be newer than the stamp, never older: the next look reads them again then.
        _kept = await _read(stamp)
    return _kept


async def load() -> Live:
    """Return what is on offer: one statement while nothing has changed."""
    return await renew(await db.fetch_value("SELECT stamp FROM promotions_state WHERE id = 1"))


async def touch() -> None:
    """Make every process read anew what is on offer, once the caller's transaction is committed."""
    db.require_transaction("changing what is on offer")
    await db.execute(_TOUCH, new_id())


async def _read(stamp: UUID) -> Live:
    # A day's grace: clocks of processes differ, and what has ended costs nothing to keep.
    since = clock.now() - timedelta(days=1)
    rows = await db.fetch_all(_LIVE, since)
    found = {row["id"]: promotion_of(row, orjson.loads(row["definition"])) for row in rows}
    return Live(
        stamp,
        found,
        await db.fetch_value(_FLASH, since) is not None,
        [one.id for one in found.values() if one.usage_limit is not None],
        [one.id for one in found.values() if one.usage_limit_per_customer is not None],
        any(one.conditions.is_first_order or one.conditions.nth_order is not None for one in found.values()),
        sorted(edge for one in found.values() for edge in (one.starts_at, one.ends_at) if edge is not None),
        {key: one for key, one in found.items() if isinstance(one.reduction, Gift)},
    )
