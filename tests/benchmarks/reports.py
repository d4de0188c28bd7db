"""Reports over a million orders of three years: how long each takes, and how long keeping the figures took.

The orders are made by PostgreSQL itself: one to three lines of 10,000 products, a few of which are bought most, one
order in fifty refunded in part, one in a hundred cancelled, seven of ten by one of 200,000 accounts. Each line took
from the stock of one of some hundred variants, the others never sold; 200 words are searched for each day.
"""

from __future__ import annotations

import argparse
import functools
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import orjson
from rich.console import Console
from rich.table import Table
from tests.benchmarks.environment import Bench, bench

from feria_admin.analytics import keeping, reports
from feria_admin.analytics.schemas import ReportQuery
from feria_admin.dashboard import service as dashboard
from feria_admin.dashboard.schemas import DashboardQuery
from feria_core.auth import Principal, set_principal
from feria_core.ids import new_id

ORDERS, BATCH, ROUNDS = 1_000_000, 50_000, 9
SINCE, UNTIL = datetime(2023, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
TARGET_MS = 300

_ORDERS = """
INSERT INTO orders_order (id, number, checkout_id, customer_id, email, locale, state, payment_status, currency,
    subtotal,
    discount_total, shipping_total, tax_total, grand_total, tax_lines, tax_included, codes, placed_at, created_at,
    updated_at)
SELECT md5('order' || n)::uuid, 'F-' || n, md5('checkout' || n)::uuid,
    CASE WHEN n % 10 < 7 THEN md5('customer' || n * 7919 % 200000)::uuid END, 'a@example.org', 'en',
    CASE WHEN n % 100 = 7 THEN 'cancelled' ELSE 'completed' END,
    CASE WHEN n % 100 = 7 THEN 'pending' ELSE 'paid' END, 'USD', 1000 + n % 9000, n % 5 * 20, 500, 0,
    1500 + n % 9000 - n % 5 * 20, '[]', true, CASE WHEN n % 20 = 1 THEN '["WELCOME10"]' ELSE '[]' END::jsonb, at, at, at
FROM (SELECT n, $3::timestamptz + ($4::timestamptz - $3) * ((n * 7919 % 1000003) / 1000003.0) AS at
      FROM generate_series($1::bigint, $2::bigint) n) numbers
"""
_LINES = """
INSERT INTO orders_line (id, order_id, position, variant_id, product_id, sku, name, options, quantity, unit_price,
    discount, tax, total)
SELECT md5('line' || n || '-' || p)::uuid, md5('order' || n)::uuid, p, md5('variant' || product)::uuid,
    md5('product' || product)::uuid, 'SKU-' || product, 'Product ' || product, '{}', 1 + n % 3, 500 + product % 900,
    0, 0,
    (1 + n % 3) * (500 + product % 900)
FROM (SELECT n, p, ((n * 104729 + p * 15485863) % 100) * ((n * 1299709 + p * 31) % 100) AS product
      FROM generate_series($1::bigint, $2::bigint) n CROSS JOIN LATERAL generate_series(0, n % 3) p) lines
"""
_REFUNDS = """
INSERT INTO orders_refund (id, order_id, kind, state, amount, created_at, settled_at)
SELECT md5('refund' || id)::uuid, id, 'refund', 'succeeded', 500, placed_at, placed_at + interval '3 days'
FROM orders_order WHERE number LIKE '%50' OR number LIKE '%00'
"""
_CANCELLED = """
INSERT INTO orders_event (id, order_id, at, kind, public)
SELECT md5('event' || id)::uuid, id, placed_at + interval '1 hour', 'cancelled', true
FROM orders_order WHERE state = 'cancelled'
"""
_MOVEMENTS = """
INSERT INTO catalog_stock_movement (id, variant_id, change, reason, reference, at)
SELECT gen_random_uuid(), v.ids[1 + (hashtext(l.sku)::bigint & 2147483647) % cardinality(v.ids)], -l.quantity, 'sale',
    o.number, o.placed_at
FROM orders_line l JOIN orders_order o ON o.id = l.order_id, (SELECT array_agg(id) AS ids FROM catalog_variant) v
"""
_SEARCHES = """
INSERT INTO catalog_search_log (day, query, searches, hits, sample)
SELECT day::date, 'words ' || n, 1 + n % 7, n % 5, 'words ' || n
FROM generate_series($1::timestamptz, $2::timestamptz - interval '1 day', '1 day') day, generate_series(1, 200) n
"""
YEARS = {"from": "2023-01-01", "to": "2025-12-31", "tz": "America/New_York"}
ASKED = {
    "sales, 3 years by day": ("sales", {**YEARS, "interval": "day"}),
    "sales, 3 years by month": ("sales", {**YEARS, "interval": "month", "tz": "Asia/Kathmandu"}),
    "sales, a year by hour": (
        "sales", {"from": "2024-01-01", "to": "2024-12-31", "interval": "hour", "tz": "Europe/Madrid"},
    ),
    "products, 3 years, the most": ("products", {**YEARS, "limit": "100"}),
    "products, 3 years, the least": ("products", {**YEARS, "sort": "units", "limit": "100"}),
    "products, 20 months within": ("products", {"from": "2023-02-10", "to": "2024-10-20", "tz": "Australia/Lord_Howe"}),
    "customers, 3 years by week": ("customers", {**YEARS, "interval": "week"}),
    "promotions, 3 years": ("promotions", YEARS),
    "funnel, 3 years by month": ("funnel", {**YEARS, "interval": "month"}),
    "searches, 3 years": ("search", {**YEARS, "limit": "100"}),
    "what hardly sells, 3 years": ("slow_products", {**YEARS, "limit": "100"}),
    "what hardly sells, a month": ("slow_products", {"from": "2025-12-01", "to": "2025-12-31", "limit": "100"}),
    "what runs short": ("low_stock", {**YEARS, "limit": "100"}),
}  # fmt: skip


@contextmanager
def a_million_orders(folder: Path, *, orders: int = ORDERS) -> Iterator[Bench]:
    """Give a shop with so many orders."""
    with bench(folder) as shop:
        shop.run(lambda: _fill(shop.environment["DATABASE_URL"], orders))
        yield shop


async def _fill(url: str, orders: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute("SET synchronous_commit = off")
        for start in range(1, orders + 1, BATCH):
            end = min(start + BATCH - 1, orders)
            await connection.execute(_ORDERS, start, end, SINCE, UNTIL)
            await connection.execute(_LINES, start, end)
        await connection.execute(_REFUNDS)
        await connection.execute(_CANCELLED)
        await connection.execute(_MOVEMENTS)
        await connection.execute(_SEARCHES, SINCE, UNTIL)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


def measure_reports(shop: Bench) -> dict[str, float]:
    """Return in milliseconds what each report takes, the middle of nine, and in seconds what keeping took."""
    return shop.run(_measure)


async def _measure() -> dict[str, float]:
    began = time.perf_counter()
    await keeping.keep()
    found = {"keeping all figures, s": time.perf_counter() - began}
    set_principal(Principal("staff", new_id(), frozenset({"analytics.read", "orders.read"})))
    for name, (report, query) in ASKED.items():
        wanted = ReportQuery.model_validate(query)
        found[name] = await _middle(functools.partial(_report, report, wanted))
    found["dashboard"] = await _middle(lambda: dashboard.dashboard(DashboardQuery()))
    return found


async def _report(name: str, query: ReportQuery) -> bytes:
    return orjson.dumps(reports.document(await reports.report(name, query)), default=str)


async def _middle(ask: Callable[[], Awaitable[object]]) -> float:
    times = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        await ask()
        times.append((time.perf_counter() - began) * 1000)
    return sorted(times)[ROUNDS // 2]


def show(console: Console, found: dict[str, float]) -> None:
    """Print the figures."""
    table = Table("reports at a million orders", "ms", "target")
    for name, value in found.items():
        table.add_row(name, f"{value:,.1f}", "" if name.endswith(", s") else f"under {TARGET_MS}")
    console.print(table)


def main() -> None:
    """Measure and print the reports alone."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=ORDERS)
    options = parser.parse_args()
    with a_million_orders(Path(tempfile.mkdtemp(prefix="feria-bench-")), orders=options.orders) as shop:
        show(Console(), measure_reports(shop))


if __name__ == "__main__":
    main()
