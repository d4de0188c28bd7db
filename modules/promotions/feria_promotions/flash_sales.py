"""Flash sales as shoppers see them: what runs, what is announced, and how long."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Any
from uuid import UUID

import orjson

from feria_core import cache, clock, db
from feria_core.contracts.catalog import CATALOG, Offer
from feria_core.http.responses import to_bytes
from feria_core.runtime import registry

TAG = "flash-sales"
_SHOWN = 20
_SHOWN_ITEMS = 200
_SALES = """
SELECT s.id, s.name, s.starts_at, s.ends_at FROM promotions_flash_sale s
WHERE s.is_active AND s.archived_at IS NULL AND s.ends_at > $1 ORDER BY s.starts_at, s.id LIMIT $2
"""
_ITEMS = """
SELECT i.sale_id, i.variant_id, i.sku, i.price, i.currency, i.cap, i.sold FROM promotions_flash_item i
WHERE i.sale_id = ANY($1) AND i.removed_at IS NULL ORDER BY i.sale_id, i.sku, i.id LIMIT $2
"""


async def shown() -> bytes:
    """Return the running and announced sales as JSON; the answer is kept no longer than to the next edge."""
    now = clock.now()
    sales = await db.fetch_all(_SALES, now, _SHOWN)
    edges = [edge for sale in sales for edge in (sale["starts_at"], sale["ends_at"]) if edge > now]
    cache.until(min(edges, default=None))
    items = await db.fetch_all(_ITEMS, [sale["id"] for sale in sales], _SHOWN_ITEMS) if sales else []
    offers = await registry().get(CATALOG).offers({row["variant_id"] for row in items}) if items else {}
    return to_bytes(
        {
            "now": now,
            "items": [
                _sale(sale, [row for row in items if row["sale_id"] == sale["id"]], offers, now) for sale in sales
            ],
            "next_cursor": None,
        }
    )


def _sale(sale: db.Row, items: list[db.Row], offers: Mapping[UUID, Offer], now: datetime) -> dict[str, Any]:
    is_running = sale["starts_at"] <= now
    edge = sale["ends_at"] if is_running else sale["starts_at"]
    sold = [(row, offers[row["variant_id"]]) for row in items if row["variant_id"] in offers]
    return {
        "id": sale["id"],
        "name": sale["name"],
        "status": "running" if is_running else "announced",
        "starts_at": sale["starts_at"],
        "ends_at": sale["ends_at"],
        "seconds_left": math.ceil((edge - now).total_seconds()),
        "items": [_item(row, offer) for row, offer in sold if offer.is_sold],
    }


def _item(row: db.Row, offer: Offer) -> dict[str, Any]:
    cap = row["cap"]
    left = None if cap is None else max(cap - row["sold"], 0)
    return {
        "variant_id": row["variant_id"],
        "sku": row["sku"],
        "product": orjson.Fragment(offer.card),
        "price": {"amount": row["price"], "currency": row["currency"]},
        "regular_price": {"amount": offer.price.amount, "currency": offer.price.currency},
        "cap": cap,
        "left": left,
        "share_sold": None if left is None else share(cap - left, cap),
    }


def share(part: int, whole: int) -> str:
    """Return the share with two decimals, rounded down, so that 1.00 means all."""
    return str((Decimal(part) / Decimal(whole)).quantize(Decimal("0.01"), rounding=ROUND_DOWN))
