"""The orders of an empty shop: made once, clean to the doctor, and without a mail to anybody."""

from __future__ import annotations

from feria_checkout import checks, demo_orders
from feria_core import db
from feria_core.testing.work import run_jobs


async def test_a_newcomers_shop_has_orders_and_nobody_got_a_mail(shop, mailbox):
    for _ in range(len(demo_orders.BUYERS)):
        await shop.product(stock=10)
    assert await demo_orders.load() == ["5 orders, and a draft that waits to be paid"]
    assert await demo_orders.load() == []
    await run_jobs()
    assert mailbox.mails() == []
    rows = await db.fetch_all("SELECT payment_status FROM orders_order ORDER BY id")
    assert [row["payment_status"] for row in rows] == [*["paid"] * 3, *["pending"] * 2]
    found = [await check() for check in (checks.payments_and_orders, checks.money_of_orders, checks.open_checkouts)]
    assert found == [[], [], []]


async def test_a_shop_without_products_has_none(shop):
    assert await demo_orders.load() == []
    assert await shop.orders() == 0
