"""The port `order_history`: what was ordered, for those who compute with it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import orjson

from feria_core import db
from feria_core.contracts.money import Money
from feria_core.contracts.orders import PastLine, PastOrder

_COUNTED = "state IN ('open', 'completed')"
_PLACED = f"""
SELECT o.id, o.placed_at, o.customer_id, o.currency, o.codes::text AS codes, o.shipping_total, o.discount_total,
    (SELECT json_agg(json_build_array(l.variant_id, l.product_id, l.quantity, l.unit_price) ORDER BY l.position)::text
     FROM orders_line l WHERE l.order_id = o.id) AS lines
FROM orders_order o
WHERE o.{_COUNTED} AND o.placed_at >= $1 AND ($2::uuid IS NULL OR o.id > $2) ORDER BY o.id LIMIT $3
"""


class PlacedOrders:
    """Answers from the tables of orders; drafts and cancelled orders are in none of the answers."""

    async def count_of(self, customer_id: UUID) -> int:
        found: int = await db.fetch_value(
            f"SELECT count(*) FROM orders_order WHERE customer_id = $1 AND {_COUNTED}", customer_id
        )
        return found

    async def placed(self, since: datetime, *, after: UUID | None, limit: int) -> Sequence[PastOrder]:
        return [_order(row) for row in await db.fetch_all(_PLACED, since, after, limit)]

    async def count_placed(self, since: datetime) -> int:
        found: int = await db.fetch_value(
            f"SELECT count(*) FROM orders_order WHERE placed_at >= $1 AND {_COUNTED}", since
        )
        return found


def _order(row: db.Row) -> PastOrder:
    currency = row["currency"]
    return PastOrder(
        id=row["id"],
        placed_at=row["placed_at"],
        customer_id=row["customer_id"],
        codes=tuple(orjson.loads(row["codes"])),
        shipping_total=Money(row["shipping_total"], currency),
        discount_total=Money(row["discount_total"], currency),
        lines=tuple(
            PastLine(UUID(variant), UUID(product), quantity, Money(price, currency))
            for variant, product, quantity, price in orjson.loads(row["lines"] or "[]")
        ),
    )
