"""What reminders have brought back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import ROUND_DOWN, Decimal
from typing import Any

from feria_cart.reminders.schemas import AbandonedQuery, abandoned_json
from feria_cart.wishlist.service import position
from feria_core import clock, db
from feria_core.errors import Invalid
from feria_core.http import encode_cursor
from feria_core.runtime import core_settings

_STEPS = """
SELECT sent AS mails, count(*) AS carts, count(visited_at) AS visits, count(*) FILTER (WHERE stopped = 'opted_out')
    AS opted_out, count(recovered_at) AS orders, sum(value_amount)::bigint AS value,
    coalesce(sum(revenue_amount), 0)::bigint AS revenue
FROM cart_reminder WHERE sent > 0 AND first_at >= $1 AND first_at < $2 AND currency = $3 GROUP BY sent ORDER BY sent
"""
_CARTS = """
SELECT * FROM cart_reminder WHERE sent > 0 AND first_at >= $1 AND first_at < $2 AND currency = $3
    AND ($4::uuid IS NULL OR cart_id < $4) ORDER BY cart_id DESC LIMIT $5
"""
_DAYS = 30


async def report(query: AbandonedQuery) -> Mapping[str, Any]:
    """Return the shape of AbandonedReportOut: sums over the whole span, and a page of its carts, the newest first.

    Raises Invalid for a span that ends before it begins, or for a time without a zone.
    """
    since, until = _span(query)
    currency = core_settings().currency
    steps = await db.fetch_all(_STEPS, since, until, currency)
    rows = await db.fetch_all(_CARTS, since, until, currency, position(query.cursor), query.limit + 1)
    shown = rows[: query.limit]

    def total(name: str) -> int:
        return sum(int(step[name]) for step in steps)

    def money(amount: int) -> Mapping[str, Any]:
        return {"amount": amount, "currency": currency}

    carts, orders = total("carts"), total("orders")
    return {
        "from": since, "to": until, "carts": carts, "value": money(total("value")),
        "mails": sum(step["mails"] * step["carts"] for step in steps), "visits": total("visits"),
        "opted_out": total("opted_out"), "orders": orders, "revenue": money(total("revenue")),
        "share": str((Decimal(orders) / carts).quantize(Decimal("0.01"), ROUND_DOWN)) if carts else None,
        "by_mails": [
            {"mails": s["mails"], "carts": s["carts"], "orders": s["orders"], "revenue": money(s["revenue"])}
            for s in steps
        ],
        "items": [abandoned_json(row) for row in shown],
        "next_cursor": encode_cursor(shown[-1]["cart_id"]) if len(rows) > query.limit else None,
    }  # fmt: skip


def _span(query: AbandonedQuery) -> tuple[datetime, datetime]:
    # A mail of this very moment counts too.
    until = query.to.astimezone(UTC) if query.to else clock.now() + timedelta(microseconds=1)
    since = query.from_.astimezone(UTC) if query.from_ else until - timedelta(days=_DAYS)
    if since >= until:
        raise Invalid.field("query", "from", code="span_empty", message="`from` must lie before `to`.")
    return since, until
