"""Orders' checks of `feria doctor`: each returns one sentence for each thing found."""

from __future__ import annotations

from datetime import timedelta

from feria_core import clock, db
from feria_core.runtime import settings
from feria_orders.settings import OrdersSettings

# The job runs hourly; after a day it has had its chance.
GRACE = timedelta(days=1)


async def totals_add_up() -> list[str]:
    """Placed orders whose totals are not those of their lines and tax rates.

    Discounts and tax of the lines may be less than the order's: shipping can have its own share.
    """
    rows = await db.fetch_all(
        "SELECT o.number, o.subtotal, l.subtotal AS of_lines FROM orders_order AS o"
        " JOIN (SELECT order_id, sum(unit_price * quantity) AS subtotal, sum(discount) AS discount, sum(tax) AS tax"
        " FROM orders_line GROUP BY order_id) AS l ON l.order_id = o.id"
        " CROSS JOIN LATERAL (SELECT count(*) AS rates, sum((t ->> 'amount')::bigint) AS tax"
        " FROM jsonb_array_elements(o.tax_lines) AS t) AS rates"
        " WHERE o.state <> 'draft' AND (l.subtotal <> o.subtotal OR l.discount > o.discount_total"
        " OR l.tax > o.tax_total OR (rates.rates > 0 AND rates.tax <> o.tax_total)) ORDER BY o.number"
    )
    return [
        f"order {row['number']}: totals do not add up (subtotal {row['subtotal']}, its lines {row['of_lines']}): "
        "compare its lines, discount and tax with the payment before correcting it"
        for row in rows
    ]


async def orders_have_lines() -> list[str]:
    """Placed orders in which nothing was ordered."""
    rows = await db.fetch_all(
        "SELECT number FROM orders_order AS o WHERE state <> 'draft'"
        " AND NOT EXISTS (SELECT FROM orders_line AS l WHERE l.order_id = o.id) ORDER BY number"
    )
    return [f"order {row['number']} has no lines: restore them from a backup" for row in rows]


async def no_stale_drafts() -> list[str]:
    """Drafts that should have been deleted long ago: the job does not run."""
    days = settings(OrdersSettings).draft_days
    count = await db.fetch_value(
        "SELECT count(*) FROM orders_order WHERE state = 'draft' AND updated_at < $1",
        clock.now() - timedelta(days=days) - GRACE,
    )
    return [f"{count} drafts are older than {days} days: start `feria worker`, its schedule deletes them"] * bool(count)
