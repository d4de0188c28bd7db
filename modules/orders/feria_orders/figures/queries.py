"""Counting orders, what was sold of each product, who bought, and which codes were used: by quarters of an hour."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from feria_core import db
from feria_core.contracts.events import Event
from feria_core.contracts.orders import OrderPaid, OrderPlaced, OrdersAttached
from feria_core.figures import quarter

FIRST_ORDER = "SELECT min(placed_at) FROM orders_order WHERE state <> 'draft'"
# What was never paid of a cancelled order does not come back as a refund: it is told apart, at the cancellation.
SALES = f"""
SELECT at, currency, sum(orders), sum(items), sum(subtotal), sum(discounts), sum(shipping), sum(tax), sum(total),
       sum(refunds), sum(refunded), sum(cancelled), sum(voided)
FROM (
    SELECT {quarter("o.placed_at")} AS at, o.currency, 1 AS orders,
           (SELECT coalesce(sum(l.quantity), 0) FROM orders_line l WHERE l.order_id = o.id) AS items, o.subtotal,
           o.discount_total AS discounts, o.shipping_total AS shipping, o.tax_total AS tax, o.grand_total AS total,
           0 AS refunds, 0 AS refunded, 0 AS cancelled, 0 AS voided
    FROM orders_order o WHERE o.state <> 'draft' AND o.placed_at >= $1 AND o.placed_at < $2
    UNION ALL
    SELECT {quarter("r.settled_at")}, o.currency, 0, 0, 0, 0, 0, 0, 0, 1, r.amount, 0, 0
    FROM orders_refund r JOIN orders_order o ON o.id = r.order_id
    WHERE r.state = 'succeeded' AND r.settled_at >= $1 AND r.settled_at < $2
    UNION ALL
    SELECT {quarter("e.at")}, o.currency, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
           CASE WHEN o.payment_status IN ('pending', 'authorized', 'failed') THEN o.grand_total ELSE 0 END
    FROM orders_event e JOIN orders_order o ON o.id = e.order_id
    WHERE e.kind = 'cancelled' AND e.at >= $1 AND e.at < $2
) happened GROUP BY 1, 2
"""
PRODUCTS = f"""
SELECT at, currency, product_id::text AS key, sum(units), sum(revenue), sum(orders), sum(refunded_units), sum(refunded)
FROM (
    SELECT {quarter("o.placed_at")} AS at, o.currency, l.product_id, sum(l.quantity) AS units,
           sum(l.total) AS revenue, 1 AS orders, 0 AS refunded_units, 0 AS refunded
    FROM orders_order o JOIN orders_line l ON l.order_id = o.id
    WHERE o.state <> 'draft' AND o.placed_at >= $1 AND o.placed_at < $2 GROUP BY o.id, l.product_id
    UNION ALL
    SELECT {quarter("r.settled_at")}, o.currency, l.product_id, 0, 0, 0, rl.quantity, rl.amount
    FROM orders_refund r JOIN orders_order o ON o.id = r.order_id JOIN orders_refund_line rl ON rl.refund_id = r.id
    JOIN orders_line l ON l.id = rl.line_id
    WHERE r.state = 'succeeded' AND r.settled_at >= $1 AND r.settled_at < $2
) happened GROUP BY 1, 2, 3
"""
# Discounted orders by the codes that they were placed with, "-" for those without; each counts once.
PROMOTIONS = f"""
SELECT {quarter("placed_at")} AS at, currency, key, count(*), sum(discount_total), sum(grand_total)
FROM (
    SELECT placed_at, currency, discount_total, grand_total, coalesce((
        SELECT string_agg(code, ' + ' ORDER BY code) FROM jsonb_array_elements_text(codes) c (code)), '-') AS key
    FROM orders_order
    WHERE state <> 'draft' AND placed_at >= $1 AND placed_at < $2 AND (discount_total > 0 OR codes <> '[]')
) discounted GROUP BY 1, 2, 3
"""
# Of an account's orders the first is that of a new customer, who has come back once there is another.
CUSTOMERS = f"""
SELECT at, NULL AS currency, count(*) FILTER (WHERE customer_id IS NULL), count(customer_id),
       count(*) FILTER (WHERE is_first), count(customer_id) - count(*) FILTER (WHERE is_first),
       count(*) FILTER (WHERE is_first AND has_later)
FROM (
    SELECT {quarter("o.placed_at")} AS at, o.customer_id,
           o.customer_id IS NOT NULL AND NOT EXISTS (
               SELECT FROM orders_order p WHERE p.customer_id = o.customer_id AND p.state <> 'draft'
               AND (p.placed_at, p.id) < (o.placed_at, o.id)) AS is_first,
           o.customer_id IS NOT NULL AND EXISTS (
               SELECT FROM orders_order p WHERE p.customer_id = o.customer_id AND p.state <> 'draft'
               AND (p.placed_at, p.id) > (o.placed_at, o.id)) AS has_later
    FROM orders_order o WHERE o.state <> 'draft' AND o.placed_at >= $1 AND o.placed_at < $2
) placed GROUP BY 1
"""
# An order that staff made for its buyer came of no cart: its checkout stands in the cart's place. Counted here it would
# make a conversion above one.
FUNNEL = f"""
SELECT {quarter("placed_at")} AS at, NULL AS currency, count(*)
FROM orders_order WHERE state <> 'draft' AND cart_id IS DISTINCT FROM checkout_id AND placed_at >= $1 AND placed_at < $2
GROUP BY 1
"""


async def cancelled_at(event: Event) -> Sequence[datetime]:
    """Return when the order that was paid had been cancelled: it is no longer one that was never paid."""
    if not isinstance(event, OrderPaid):
        return ()
    rows = await db.fetch_all("SELECT at FROM orders_event WHERE order_id = $1 AND kind = 'cancelled'", event.order_id)
    return [row["at"] for row in rows]


async def orders_of_buyer(event: Event) -> Sequence[datetime]:
    """Return when the buyer's orders were placed: which is the first, and whether others follow, may be new."""
    customer_id = event.customer_id if isinstance(event, (OrderPlaced, OrdersAttached)) else None
    if customer_id is None:
        return ()
    rows = await db.fetch_all(
        "SELECT DISTINCT placed_at FROM orders_order WHERE customer_id = $1 AND state <> 'draft'", customer_id
    )
    return [row["placed_at"] for row in rows]


async def product_names(keys: Collection[str], locale: str) -> Mapping[str, str]:
    """Return what the products were called when they were last sold."""
    del locale
    rows = await db.fetch_all(
        "SELECT k.id::text AS id, l.name FROM unnest($1::uuid[]) AS k (id) CROSS JOIN LATERAL ("
        "SELECT name FROM orders_line WHERE product_id = k.id ORDER BY id DESC LIMIT 1) l",
        [UUID(key) for key in keys],
    )
    return {row["id"]: row["name"] for row in rows}


async def code_titles(keys: Collection[str], locale: str) -> Mapping[str, str]:
    """Return what stands for orders that were discounted without a code."""
    return {"-": "Sin código" if locale == "es" else "Without a code"} if "-" in keys else {}
