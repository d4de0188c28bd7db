"""Checks of `feria doctor`: do pieces, money and states of orders agree, are invoices without a gap?"""

from __future__ import annotations

from datetime import timedelta

from feria_core import clock, db
from feria_core.contracts.payments import ORDER_PAYMENTS, Balance
from feria_core.db import Row
from feria_core.runtime import registry

LIMIT = 20
# The newest are compared with their payments, one question each; the rest within these tables.
NEWEST = 500
LATE = timedelta(days=1)

_PIECES = f"""
WITH sent AS (
    SELECT fl.line_id, sum(fl.quantity) AS shipped,
        coalesce(sum(fl.quantity) FILTER (WHERE f.status = 'delivered'), 0) AS delivered
    FROM orders_fulfilment_line AS fl JOIN orders_fulfilment AS f ON f.id = fl.fulfilment_id
    WHERE f.status <> 'cancelled' GROUP BY fl.line_id
), back AS (
    SELECT rl.line_id,
        sum(CASE WHEN r.status = 'received' THEN rl.resellable + rl.damaged ELSE rl.quantity END) AS in_return,
        coalesce(sum(rl.resellable + rl.damaged) FILTER (WHERE r.status = 'received'), 0) AS returned
    FROM orders_return_line AS rl JOIN orders_return AS r ON r.id = rl.return_id
    WHERE r.status <> 'rejected' GROUP BY rl.line_id
), paid_back AS (
    SELECT rl.line_id, sum(rl.quantity) AS refunded
    FROM orders_refund_line AS rl JOIN orders_refund AS r ON r.id = rl.refund_id
    WHERE r.state <> 'failed' GROUP BY rl.line_id
)
SELECT o.number, l.sku FROM orders_line AS l JOIN orders_order AS o ON o.id = l.order_id
LEFT JOIN sent ON sent.line_id = l.id LEFT JOIN back ON back.line_id = l.id
LEFT JOIN paid_back ON paid_back.line_id = l.id
WHERE o.state <> 'draft' AND (l.shipped, l.delivered, l.in_return, l.returned, l.refunded) IS DISTINCT FROM (
    coalesce(sent.shipped, 0), coalesce(sent.delivered, 0), coalesce(back.in_return, 0), coalesce(back.returned, 0),
    coalesce(paid_back.refunded, 0))
ORDER BY o.number, l.position LIMIT {LIMIT}
"""
# MATERIALIZED: sums are made once. Without it the planner, which takes the limit for near, walks the orders by number
# and sums anew for each (five minutes over 100,000 orders).
_REFUNDS = f"""
WITH r AS MATERIALIZED (
    SELECT order_id, sum(amount) AS total FROM orders_refund WHERE state <> 'failed' GROUP BY order_id
), wrong AS MATERIALIZED (
    SELECT o.number, o.refunded_total, coalesce(r.total, 0) AS of_refunds
    FROM orders_order AS o LEFT JOIN r ON r.order_id = o.id WHERE o.refunded_total <> coalesce(r.total, 0)
)
SELECT number, refunded_total, of_refunds FROM wrong ORDER BY number LIMIT {LIMIT}
"""
_STATES = f"""
WITH pieces AS MATERIALIZED (
    SELECT order_id, bool_and(cancelled = quantity) AS is_cancelled, bool_or(shipped > 0) AS is_sent,
        bool_and(shipped + cancelled = quantity) AS is_all_sent,
        bool_and(delivered + cancelled = quantity) AS is_delivered,
        bool_and(returned + cancelled = quantity) AS is_returned
    FROM orders_line GROUP BY order_id
), followed AS MATERIALIZED (
    SELECT number, state, payment_status, fulfilment_status, refunded_total, pieces.*
    FROM orders_order AS o JOIN pieces ON pieces.order_id = o.id WHERE o.state <> 'draft'
)
SELECT number, state, payment_status, fulfilment_status FROM followed
WHERE (state = 'cancelled') <> is_cancelled
    OR (state = 'completed') <> (is_delivered AND NOT is_cancelled
        AND payment_status IN ('paid', 'partially_refunded', 'refunded'))
    OR (refunded_total > 0) <> (payment_status IN ('partially_refunded', 'refunded'))
    OR fulfilment_status <> CASE WHEN NOT is_sent THEN 'unfulfilled' WHEN is_returned THEN 'returned'
        WHEN is_all_sent THEN 'fulfilled' ELSE 'partial' END
ORDER BY number LIMIT {LIMIT}
"""
_SERIES = """
SELECT coalesce(s.kind, d.kind) AS kind, coalesce(s.year, d.year) AS year, coalesce(s.last_serial, 0) AS last_serial,
    coalesce(d.count, 0) AS count, coalesce(d.highest, 0) AS highest
FROM orders_series AS s FULL JOIN (
    SELECT kind, year, count(*) AS count, max(serial) AS highest FROM orders_document GROUP BY kind, year
) AS d ON d.kind = s.kind AND d.year = s.year
WHERE coalesce(s.last_serial, 0) <> coalesce(d.count, 0) OR coalesce(d.highest, 0) <> coalesce(d.count, 0)
ORDER BY 1, 2
"""


async def pieces_add_up() -> list[str]:
    """Lines whose pieces sent, delivered, returned or refunded are not those of their parcels, returns and refunds."""
    return [
        f"order {row['number']}: the pieces of {row['sku']} are not those of its parcels, returns and refunds"
        for row in await db.fetch_all(_PIECES)
    ]


async def refunds_add_up() -> list[str]:
    """Orders whose refunded_total is not the sum of their refunds."""
    return [
        f"order {row['number']}: {row['refunded_total']} refunded, but its refunds add up to {row['of_refunds']}"
        for row in await db.fetch_all(_REFUNDS)
    ]


async def states_follow() -> list[str]:
    """Orders whose three states do not follow from their pieces and refunds."""
    return [
        f"order {row['number']} is {row['state']}, {row['payment_status']}, {row['fulfilment_status']}: "
        "that does not follow from its pieces and refunds"
        for row in await db.fetch_all(_STATES)
    ]


async def orders_and_payments() -> list[str]:
    """The newest orders, and those with the newest refunds, whose money is not what their payments say."""
    payments = registry().find(ORDER_PAYMENTS)
    if payments is None:
        return []
    rows = await db.fetch_all(
        "SELECT id, number, payment_status, grand_total, refunded_total, currency FROM orders_order WHERE id IN ("
        " (SELECT id FROM orders_order WHERE state <> 'draft' ORDER BY placed_at DESC, id DESC LIMIT $1)"
        " UNION (SELECT order_id FROM orders_refund ORDER BY id DESC LIMIT $1)) ORDER BY id",
        NEWEST,
    )
    found = []
    for row in rows:
        async with db.transaction():
            balance = await payments.balance(row["id"])
        wrong = _misfit(row, balance) if balance else None
        if wrong:
            found.append(f"order {row['number']}: {wrong}: compare with the provider what was really moved")
    return found[:LIMIT]


async def refunds_are_done() -> list[str]:
    """Refunds that have been on their way for over a day: the provider or the worker does not answer."""
    count = await db.fetch_value(
        "SELECT count(*) FROM orders_refund WHERE state = 'pending' AND created_at < $1", clock.now() - LATE
    )
    return [f"{count} refunds are on their way for over a day: look at the failed jobs of checkout"] * bool(count)


async def invoices_have_no_gap() -> list[str]:
    """Series of invoices or credit notes in which a number is missing or was given beside the series."""
    return [
        f"the series of {row['kind']}s of {row['year']} has given {row['last_serial']} numbers up to {row['highest']}, "
        f"but {row['count']} documents are there"
        for row in await db.fetch_all(_SERIES)
    ]


def _misfit(row: Row, balance: Balance) -> str | None:
    """Return how the order and its payments differ, or None."""
    back = balance.refunded.amount + balance.refunding.amount
    if balance.captured.currency != row["currency"]:
        return f"it is in {row['currency']}, its payments are in {balance.captured.currency}"
    if back != row["refunded_total"]:
        return f"{row['refunded_total']} refunded, {back} by its payments"
    if balance.captured.amount > row["grand_total"]:
        return f"{balance.captured.amount} were taken for {row['grand_total']}"
    is_paid = row["payment_status"] in ("paid", "partially_refunded", "refunded")
    if is_paid and not balance.captured.amount and row["grand_total"]:
        return f"it is {row['payment_status']}, but nothing was taken"
    if row["payment_status"] == "refunded" and back < balance.captured.amount:
        return f"it is refunded, but only {back} of {balance.captured.amount} went back"
    return None
