"""The checkout's checks of `feria doctor`: each returns one sentence for each thing found."""

from __future__ import annotations

from datetime import timedelta

import orjson

from feria_checkout.repository import moves
from feria_core import clock, db
from feria_core.contracts.orders import ORDERS
from feria_core.errors import NotFound
from feria_core.runtime import registry

# The newest are looked at through the orders' own door; the rest are compared within these tables.
NEWEST = 500
LATE = timedelta(minutes=10)
OWED_FOR = timedelta(days=1)


async def payments_and_orders() -> list[str]:
    """Payments that took money without an order, and orders that were made without their payment."""
    unsold = await db.fetch_all(
        "SELECT p.id, p.checkout_id FROM checkout_payment p JOIN checkout_checkout c ON c.id = p.checkout_id"
        " WHERE p.state IN ('authorized', 'captured', 'released')"
        " AND (c.state <> 'completed' OR p.order_id IS DISTINCT FROM c.order_id)"
        " ORDER BY p.id"
    )
    unpaid = await db.fetch_all(
        "SELECT c.id, c.order_number FROM checkout_checkout c WHERE c.state = 'completed' AND NOT EXISTS ("
        " SELECT FROM checkout_payment p WHERE p.checkout_id = c.id "
        " AND p.state IN ('authorized', 'captured', 'released')) ORDER BY c.id"
    )
    return [
        *(f"payment {row['id']} counts, but checkout {row['checkout_id']} has no order of it" for row in unsold),
        *(f"order {row['order_number']} of checkout {row['id']} has no payment" for row in unpaid),
        *await _misfits(),
    ]


async def open_checkouts() -> list[str]:
    """Checkouts that hold stock past their time: `checkout.expire` does not run."""
    count = await db.fetch_value(
        "SELECT count(*) FROM checkout_checkout WHERE state IN ('open', 'completing') AND expires_at < $1",
        clock.now() - LATE,
    )
    return [f"{count} checkouts hold stock past their time: start `feria worker`"] if count else []


async def money_owed() -> list[str]:
    """Refunds that have been due for long: their job failed, or no worker runs."""
    rows = await db.fetch_all(
        "SELECT id, failure FROM checkout_payment WHERE state = 'refund_due' AND updated_at < $1 ORDER BY id",
        clock.now() - OWED_FOR,
    )
    return [f"payment {row['id']} is to be refunded since over a day: {row['failure']}" for row in rows]


async def money_of_orders() -> list[str]:
    """Counters of payments that differ from their captures and refunds, and moves that wait for long."""
    rows = await db.fetch_all(
        "SELECT p.id, p.refunding, p.refunded, p.capturing,"
        " coalesce(r.pending, 0) AS due, coalesce(r.done, 0) AS given, coalesce(c.pending, 0) AS taking"
        " FROM checkout_payment p"
        " LEFT JOIN (SELECT payment_id, sum(amount) FILTER (WHERE state = 'pending') AS pending,"
        "   sum(amount) FILTER (WHERE state = 'succeeded') AS done FROM checkout_refund GROUP BY payment_id) r"
        "   ON r.payment_id = p.id"
        " LEFT JOIN (SELECT payment_id, sum(amount) FILTER (WHERE state = 'pending') AS pending"
        "   FROM checkout_capture GROUP BY payment_id) c ON c.payment_id = p.id"
        " WHERE (p.refunding, p.refunded, p.capturing)"
        "   IS DISTINCT FROM (coalesce(r.pending, 0), coalesce(r.done, 0), coalesce(c.pending, 0)) ORDER BY p.id"
    )
    late = [
        f"{kind} {move.id} of {move.amount.amount} {move.amount.currency} for order {move.order_id} waits since over"
        " a day: look at the dead letters"
        for kind in ("capture", "refund")
        for move in await moves.pending_moves(kind, before=clock.now() - OWED_FOR)
    ]
    return [
        *(
            f"payment {row['id']} counts {row['refunding']} on the way back, {row['refunded']} given back and"
            f" {row['capturing']} being captured; its rows say {row['due']}, {row['given']} and {row['taking']}"
            for row in rows
        ),
        *late,
    ]


async def _misfits() -> list[str]:
    """Compare the newest captured payments with the orders that they paid."""
    rows = await db.fetch_all(
        "SELECT id, order_id, amount, currency FROM checkout_payment"
        " WHERE state IN ('authorized', 'captured', 'released') AND order_id IS NOT NULL ORDER BY id DESC LIMIT $1",
        NEWEST,
    )
    found = []
    for row in rows:
        try:
            order = orjson.loads(await registry().get(ORDERS).document(row["order_id"], guest_token=False))
        except NotFound:
            found.append(f"payment {row['id']} paid for order {row['order_id']}, which was never placed")
            continue
        if order["grand_total"] != {"amount": row["amount"], "currency": row["currency"]}:
            found.append(
                f"payment {row['id']} of {row['amount']} {row['currency']} differs from order {order['number']}"
            )
    return found
