"""What the catalog counts for reports and the dashboard: searches, what hardly sells, what runs short."""

from __future__ import annotations

from datetime import datetime

from feria_catalog.settings import CatalogSettings
from feria_core import db
from feria_core.contracts.admin import DashboardPart
from feria_core.contracts.analytics import Listing, ListingColumn, Measure, Rate, Source
from feria_core.figures import counting, first
from feria_core.runtime import settings

_SOLD = "p.status = 'published'"
_LOW = f"""
FROM catalog_stock s JOIN catalog_variant v ON v.id = s.variant_id JOIN catalog_product p ON p.id = v.product_id
WHERE {_SOLD} AND s.on_hand - s.reserved <= $1
"""
# Searches are kept by day, without who asked: they count at the beginning of their day in UTC.
_SEARCHES = """
SELECT day::timestamp AT TIME ZONE 'UTC' AS at, NULL AS currency, query AS key, searches,
       CASE WHEN hits = 0 THEN searches ELSE 0 END
FROM catalog_search_log
WHERE day::timestamp AT TIME ZONE 'UTC' >= $1 AND day::timestamp AT TIME ZONE 'UTC' < $2
      AND day >= ($1::timestamptz AT TIME ZONE 'UTC')::date AND day <= ($2::timestamptz AT TIME ZONE 'UTC')::date
"""
_SLOW = f"""
SELECT v.sku, p.name, s.on_hand, coalesce(sold.pieces, 0)::bigint AS pieces,
       (SELECT m.at FROM catalog_stock_movement m WHERE m.variant_id = v.id AND m.reason = 'sale'
        ORDER BY m.id DESC LIMIT 1) AS last_sold
FROM catalog_stock s JOIN catalog_variant v ON v.id = s.variant_id JOIN catalog_product p ON p.id = v.product_id
LEFT JOIN (SELECT variant_id, -sum(change) AS pieces FROM catalog_stock_movement
           WHERE reason = 'sale' AND at >= $1 AND at < $2 GROUP BY variant_id) sold ON sold.variant_id = v.id
WHERE {_SOLD} AND s.on_hand > 0 ORDER BY 4, s.on_hand DESC, v.sku LIMIT $3
"""

SEARCH = Source(
    name="catalog.search",
    report="search",
    title={"en": "Searches", "es": "Búsquedas"},
    measures=(
        Measure("searches", {"en": "Searches", "es": "Búsquedas"}),
        Measure("without_hits", {"en": "Without hits", "es": "Sin resultados"}),
    ),
    rates=(Rate("share_without_hits", {"en": "Share without hits", "es": "Parte sin resultados"}, "without_hits",
                "searches"),),
    figures=counting(_SEARCHES, has_keys=True),
    kept_since=first("SELECT min(day)::timestamp AT TIME ZONE 'UTC' FROM catalog_search_log"),
    has_keys=True,
)  # fmt: skip


async def slow_products(since: datetime, until: datetime, limit: int) -> list[tuple[object, ...]]:
    """Return what lies in stock and sold least in the time, most of it first: SKU, name, stock, pieces, last sale."""
    return [tuple(row.values()) for row in await db.fetch_all(_SLOW, since, until, limit)]


async def short_products(since: datetime, until: datetime, limit: int) -> list[tuple[object, ...]]:
    """Return what runs short now, least first: SKU, name, what is left; the time does not matter."""
    del since, until
    rows = await db.fetch_all(
        f"SELECT v.sku, p.name, s.on_hand - s.reserved AS available {_LOW} ORDER BY 3, v.sku LIMIT $2",
        settings(CatalogSettings).low_stock_at, limit,
    )  # fmt: skip
    return [tuple(row.values()) for row in rows]


async def low_stock() -> int:
    """Return how many variants run short."""
    found: int = await db.fetch_value(f"SELECT count(*) {_LOW}", settings(CatalogSettings).low_stock_at)
    return found


_SKU: ListingColumn = ("sku", {"en": "SKU", "es": "SKU"}, "text")
_NAME: ListingColumn = ("name", {"en": "Product", "es": "Producto"}, "text")
SLOW = Listing(
    name="slow_products",
    title={"en": "What hardly sells", "es": "Lo que apenas se vende"},
    columns=(
        _SKU, _NAME, ("on_hand", {"en": "In stock", "es": "Existencias"}, "count"),
        ("sold", {"en": "Sold", "es": "Vendidas"}, "count"),
        ("last_sold_at", {"en": "Last sale", "es": "Última venta"}, "moment"),
    ),
    rows=slow_products,
)  # fmt: skip
SHORT = Listing(
    name="low_stock",
    title={"en": "What runs short", "es": "Lo que se agota"},
    columns=(_SKU, _NAME, ("available", {"en": "Left", "es": "Quedan"}, "count")),
    rows=short_products,
)
LOW_STOCK = DashboardPart(
    name="low_stock",
    title={"en": "Low stock", "es": "Pocas existencias"},
    permission="catalog.write",
    value=low_stock,
    section="products",
    is_work=True,
)
