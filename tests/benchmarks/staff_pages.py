"""`make bench-pages`: how soon the staff's pages answer, with 100,000 products and 100,000 orders."""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
import urllib.parse
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from statistics import quantiles

import asyncpg
from rich.console import Console
from rich.table import Table
from tests.benchmarks.environment import Bench, bench, serving, web
from tests.benchmarks.trade_generator import trade

from feria_core.testing.ports import free_port

MOST_MS = 100.0
EMAIL, PASSWORD = "owner@example.org", "a bench of walnut"
PAGES = (
    "/admin", "/admin/analytics", "/admin/s/orders", "/admin/s/orders?status=open", "/admin/s/orders?q=F-",
    "/admin/s/products", "/admin/s/products?q=oak+table", "/admin/s/products?status=published", "/admin/s/products/new",
    "/admin/s/customers", "/admin/s/customers?q=a", "/admin/s/reviews", "/admin/s/stock-movements", "/admin/s/returns",
    "/admin/s/audit-log", "/admin/s/jobs", "/admin/s/promotions",
)  # fmt: skip


def main() -> None:
    """Measure and print; the exit code says whether every page holds."""
    parser = argparse.ArgumentParser(prog="make bench-pages", description=__doc__)
    parser.add_argument("--products", type=int, default=100_000)
    parser.add_argument("--orders", type=int, default=100_000)
    parser.add_argument("--times", type=int, default=60, help="how often each page is asked for")
    parser.add_argument("--output", type=Path, default=Path("bench-pages.json"))
    options = parser.parse_args()
    with bench(Path(tempfile.mkdtemp(prefix="feria-bench-")), products=options.products) as shop:
        asyncio.run(_trade(shop, options.orders))
        shop.run(_staff)
        port = free_port()
        with serving(web(port), {**shop.environment, "FERIA_CORE__PUBLIC_URL": f"http://127.0.0.1:{port}"}, port,
                     "/healthz") as (base, _):  # fmt: skip
            found = measure(base, options.times)
    table = Table("page", "p50 ms", "p95 ms")
    for page, (half, most) in found.items():
        table.add_row(page, f"{half:.0f}", f"{most:.0f}")
    Console().print(table)
    options.output.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    raise SystemExit(int(any(most > MOST_MS for _, most in found.values())))


def measure(base: str, times: int) -> dict[str, tuple[float, float]]:
    """Return p50 and p95 in milliseconds of each page, the lists' first things too."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    form = urllib.parse.urlencode({"email": EMAIL, "password": PASSWORD}).encode()
    opener.open(urllib.request.Request(f"{base}/admin/sign-in", form, {"Origin": base})).read()
    pages = list(PAGES)
    for listed in ("/admin/s/orders", "/admin/s/products"):
        text = opener.open(base + listed).read().decode()
        pages.append(f"{listed}/i/" + text.partition(f'href="{listed}/i/')[2].partition('"')[0])
    found = {}
    for page in pages:
        took = []
        for _ in range(times + 5):
            began = time.perf_counter()
            opener.open(base + page).read()
            took.append((time.perf_counter() - began) * 1000)
        cuts = quantiles(took[5:], n=20)
        found[page if "/i/" not in page else f"{page.partition('/i/')[0]}/i/..."] = (cuts[9], cuts[18])
    return found


async def _trade(shop: Bench, orders: int) -> None:
    connection = await asyncpg.connect(shop.environment["DATABASE_URL"])
    try:
        await trade(connection, orders=orders, customers=orders // 5, end=datetime.now(UTC))
        await connection.execute("ANALYZE")
    finally:
        await connection.close()


async def _staff() -> None:
    from feria_admin.analytics import keeping
    from feria_users.service.staff import create_staff

    # A shop's workers keep the figures of the reports; here none runs.
    await keeping.keep()
    await create_staff(email=EMAIL, password=PASSWORD)


if __name__ == "__main__":
    main()
