"""What a promotion would have cost on orders of the past; nothing is changed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from feria_core.contracts.catalog import CATALOG, Offer
from feria_core.contracts.orders import OrderHistory, PastLine, PastOrder
from feria_core.runtime import registry
from feria_promotions.pricing import Basket, Buyer, Line, Promotion, price

_BATCH = 500


@dataclass
class Outcome:
    """What came of it so far; amounts in minor units of the shop's currency."""

    orders: int = 0
    applied: int = 0
    goods: int = 0
    discount: int = 0
    shipping: int = 0

    def add(self, other: Outcome) -> None:
        """Add what another part of the orders came to."""
        self.orders += other.orders
        self.applied += other.applied
        self.goods += other.goods
        self.discount += other.discount
        self.shipping += other.shipping


async def replay(history: OrderHistory, promotion: Promotion, since: datetime) -> AsyncIterator[Outcome]:
    """Give what the promotion, alone, would have taken off the orders placed since then, a batch at a time.

    Prices and shipping are those of the orders; brands and categories those of today. Limits are not counted.
    """
    after: UUID | None = None
    while orders := await history.placed(since, after=after, limit=_BATCH):
        after = orders[-1].id
        variants = {line.variant_id for order in orders for line in order.lines}
        offers = await registry().get(CATALOG).offers(variants)
        yield _batch(orders, promotion, offers)


def _batch(orders: Sequence[PastOrder], promotion: Promotion, offers: Mapping[UUID, Offer]) -> Outcome:
    outcome = Outcome()
    for order in orders:
        basket = _basket(order, offers)
        quote = price(basket, [promotion], now=order.placed_at)
        outcome.add(
            Outcome(
                1, int(bool(quote.applied)), quote.subtotal, quote.discount, quote.shipping_discount(basket.shipping)
            )
        )
    return outcome


def _basket(order: PastOrder, offers: Mapping[UUID, Offer]) -> Basket:
    return Basket(
        order.shipping_total.currency,
        tuple(_line(UUID(int=index), line, offers) for index, line in enumerate(order.lines)),
        buyer=Buyer(order.customer_id),
        shipping=order.shipping_total.amount,
    )


def _line(line_id: UUID, line: PastLine, offers: Mapping[UUID, Offer]) -> Line:
    offer = offers.get(line.variant_id)
    return Line(
        line_id,
        line.variant_id,
        line.product_id,
        line.quantity,
        line.unit_price.amount,
        offer.brand if offer else None,
        frozenset(offer.categories if offer else ()),
        frozenset(offer.collections if offer else ()),
    )
