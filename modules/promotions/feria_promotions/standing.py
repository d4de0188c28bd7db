"""What pricing has to know beyond the basket: who has used how much of what. A fixed number of statements."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from feria_core import clock, db
from feria_core.contracts.orders import ORDER_HISTORY
from feria_core.contracts.pricing import Basket as PortBasket
from feria_core.runtime import registry
from feria_promotions import live
from feria_promotions.folding import folded
from feria_promotions.pricing import Basket, Buyer, Code, FlashOffer, Line, Promotion

_CODES = """
SELECT id, folded, promotion_id, usage_limit, used, ends_at, customer_id FROM promotions_code WHERE folded = ANY($1)
"""
_FLASH = """
SELECT i.id, i.sale_id, s.name, i.variant_id, i.price, s.starts_at, s.ends_at, i.cap, i.sold, i.cap_per_customer
FROM promotions_flash_item i JOIN promotions_flash_sale s ON s.id = i.sale_id
WHERE i.variant_id = ANY($1) AND i.removed_at IS NULL AND s.is_active AND s.archived_at IS NULL
    AND s.starts_at <= $2 AND s.ends_at > $2 AND i.currency = $3
"""

_HELD = """
SELECT target_id, units FROM promotions_claim
WHERE state = 'held' AND (reference = $1 OR ($1::uuid IS NULL AND cart_id = $2))
"""


@dataclass(frozen=True)
class Facts:
    """What `price()` takes, read at one moment."""

    basket: Basket
    promotions: tuple[Promotion, ...]
    codes: tuple[Code, ...]
    flash: tuple[FlashOffer, ...]
    now: datetime


@dataclass(frozen=True)
class _Uses:
    """What this checkout holds, and what its buyer has used, by the id of what is limited."""

    held: Mapping[UUID, int] = field(default_factory=dict)
    of_buyer: Mapping[UUID, int] = field(default_factory=dict)


async def facts(basket: PortBasket, *, every: bool = False, now: datetime | None = None) -> Facts:
    """Return what the basket is priced by; with `every` also the promotions whose codes it does not hold."""
    now = now or clock.now()
    offered = await live.load()
    codes = await _codes(basket.codes) if offered.promotions else ()
    admitted = {code.promotion_id for code, _ in codes}
    promotions = [
        one for one in offered.promotions.values() if every or not one.needs_code or one.id in admitted
    ]  # fmt: skip
    items = await _flash_rows(basket, now) if offered.has_flash and basket.lines else ()
    uses = await _uses(basket, promotions, items, codes)
    return Facts(
        await _basket(basket, promotions),
        await _counted(promotions, uses),
        tuple(replace(code, is_claimed=code_id in uses.held) for code, code_id in codes),
        tuple(_offer(row, uses) for row in items),
        now,
    )


async def _codes(texts: Collection[str]) -> Sequence[tuple[Code, UUID]]:
    """Return the codes among the texts with their ids: one read of the index."""
    keys = sorted({folded(text) for text in texts} - {""})
    if not keys:
        return ()
    return [(_code(row), row["id"]) for row in await db.fetch_all(_CODES, keys)]


def _code(row: db.Row) -> Code:
    return Code(
        row["folded"], row["promotion_id"], row["usage_limit"], row["used"], row["ends_at"], row["customer_id"]
    )  # fmt: skip


async def _flash_rows(basket: PortBasket, now: datetime) -> Sequence[db.Row]:
    return await db.fetch_all(_FLASH, [line.variant_id for line in basket.lines], now, basket.currency)


async def _uses(
    basket: PortBasket,
    promotions: Sequence[Promotion],
    items: Sequence[db.Row],
    codes: Sequence[tuple[Code, UUID]],
) -> _Uses:
    if not (promotions or items or codes):
        return _Uses()
    held: dict[UUID, int] = {}
    if basket.holder is not None or basket.cart_id is not None:
        rows = await db.fetch_all(_HELD, basket.holder, basket.cart_id)
        held = {row["target_id"]: row["units"] for row in rows}
    limited = [one.id for one in promotions if one.usage_limit_per_customer is not None]
    limited += [row["id"] for row in items if row["cap_per_customer"] is not None]
    of_buyer: dict[UUID, int] = {}
    if basket.customer_id is not None and limited:
        rows = await db.fetch_all(
            "SELECT target_id, used FROM promotions_customer_use WHERE customer_id = $1 AND target_id = ANY($2)",
            basket.customer_id, limited,
        )  # fmt: skip
        of_buyer = {row["target_id"]: row["used"] for row in rows}
    return _Uses(held, of_buyer)


async def _counted(promotions: Sequence[Promotion], uses: _Uses) -> tuple[Promotion, ...]:
    """Return the promotions with what is used of them now; those without a limit as they are kept."""
    limited = [one.id for one in promotions if one.usage_limit is not None]
    used: dict[UUID, int] = {}
    if limited:
        rows = await db.fetch_all("SELECT id, used FROM promotions_promotion WHERE id = ANY($1)", limited)
        used = {row["id"]: row["used"] for row in rows}
    return tuple(
        replace(
            one,
            used=used.get(one.id, 0),
            used_by_buyer=uses.of_buyer.get(one.id, 0),
            is_claimed=one.id in uses.held,
        )
        for one in promotions
    )


def _offer(row: db.Row, uses: _Uses) -> FlashOffer:
    held = uses.held.get(row["id"], 0)
    used = uses.of_buyer.get(row["id"], 0)
    cap, most = row["cap"], row["cap_per_customer"]
    return FlashOffer(
        sale_id=row["sale_id"],
        label=row["name"],
        variant_id=row["variant_id"],
        unit_price=row["price"],
        starts_at=row["starts_at"],
        ends_at=row["ends_at"],
        left=None if cap is None else max(cap - row["sold"] + held, 0),
        left_for_buyer=None if most is None else max(most - used + held, 0),
        needs_account=most is not None,
    )


async def _basket(basket: PortBasket, promotions: Sequence[Promotion]) -> Basket:
    asks = any(one.conditions.is_first_order or one.conditions.nth_order is not None for one in promotions)
    return Basket(
        currency=basket.currency,
        lines=tuple(
            Line(
                line.item_id, line.variant_id, line.product_id, line.quantity, line.unit_price.amount, line.brand,
                frozenset(line.categories), frozenset(line.collections),
            )
            for line in basket.lines
        ),
        codes=frozenset(folded(code) for code in basket.codes),
        buyer=Buyer(basket.customer_id, orders=await orders_of(basket.customer_id) if asks else 0),
        shipping=basket.shipping.amount if basket.shipping else 0,
    )  # fmt: skip


async def orders_of(customer_id: UUID | None) -> int:
    """Return how many orders the customer has placed. Without the module of orders nobody's order is the first."""
    history = registry().find(ORDER_HISTORY)
    if customer_id is None:
        return 0
    return await history.count_of(customer_id) if history is not None else NOT_COUNTED


# No order is the nth where nobody counts them.
NOT_COUNTED = 1 << 40
