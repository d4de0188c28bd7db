"""`feria doctor` finds nothing in a year of trade, and finds each thing that is broken in it."""

from __future__ import annotations

import asyncio
import os
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from servers import FERIA
from tests.benchmarks.catalog_generator import fill
from tests.benchmarks.trade_generator import trade

from feria_catalog.documents import rebuilding
from feria_core import clock, db
from feria_core._internal.migrations import connect
from feria_core.commands.doctor import _examine
from feria_core.plugins import resolve
from feria_core.runtime import current
from feria_personalization.service import keeping

ORDER = (
    "(SELECT id FROM orders_order WHERE state = 'completed' AND payment_status = 'paid'"
    " ORDER BY placed_at DESC LIMIT 1)"
)
LINE = f"(SELECT id FROM orders_line WHERE order_id = {ORDER} LIMIT 1)"
REFUND = "(SELECT id FROM orders_refund WHERE state = 'succeeded' ORDER BY id DESC LIMIT 1)"
PAYMENT = f"(SELECT id FROM checkout_payment WHERE order_id = {ORDER})"
# What is broken, and the check that is to find it.


@dataclass(frozen=True)
class Broken:
    """Something that is broken, by a statement, and the check of which module is to find it."""

    what: str
    check: str
    statement: str


CORRUPTIONS = (
    Broken(
        "a line is dearer",
        "orders.totals_add_up",
        f"UPDATE orders_line SET unit_price = unit_price + 1, total = total + quantity WHERE id = {LINE}",
    ),
    Broken(
        "the tax of a rate is another",
        "orders.totals_add_up",
        "UPDATE orders_order SET tax_lines = jsonb_set(tax_lines, '{0,amount}', '1') WHERE id = "
        f"{ORDER} AND tax_total > 1",
    ),
    Broken(
        "the total was changed with the shipping",
        "checkout.payments_and_orders",
        "UPDATE orders_order SET shipping_total = shipping_total + 1, grand_total = grand_total + 1 "
        f"WHERE id = {ORDER}",
    ),
    Broken(
        "the lines are gone",
        "orders.orders_have_lines",
        f"DELETE FROM orders_line WHERE order_id = {ORDER}",
    ),
    Broken(
        "a piece is in no parcel",
        "orders.pieces_add_up",
        f"UPDATE orders_line SET shipped = shipped - 1, delivered = delivered - 1 WHERE id = {LINE}",
    ),
    Broken(
        "a piece was refunded by nobody",
        "orders.pieces_add_up",
        f"UPDATE orders_line SET refunded = 1 WHERE id = {LINE}",
    ),
    Broken(
        "a return was never counted",
        "orders.pieces_add_up",
        "DELETE FROM orders_return WHERE id = (SELECT id FROM orders_return WHERE status = "
        "'received' AND id NOT IN (SELECT return_id FROM orders_refund WHERE return_id IS NOT NULL) "
        "LIMIT 1)",
    ),
    Broken(
        "more was refunded than the order says",
        "orders.refunds_add_up",
        f"UPDATE orders_refund SET amount = amount + 1 WHERE id = {REFUND}",
    ),
    Broken(
        "a completed order is open",
        "orders.states_follow",
        f"UPDATE orders_order SET state = 'open' WHERE id = {ORDER}",
    ),
    Broken(
        "a delivered order is unfulfilled",
        "orders.states_follow",
        f"UPDATE orders_order SET fulfilment_status = 'unfulfilled' WHERE id = {ORDER}",
    ),
    Broken(
        "an order is refunded without a refund",
        "orders.states_follow",
        f"UPDATE orders_order SET payment_status = 'refunded' WHERE id = {ORDER}",
    ),
    Broken(
        "a paid order took nothing",
        "orders.orders_and_payments",
        f"UPDATE checkout_payment SET captured = 0 WHERE id = {PAYMENT}",
    ),
    Broken(
        "the payment gave back what the order does not know",
        "orders.orders_and_payments",
        f"UPDATE checkout_payment SET refunded = 1 WHERE id = {PAYMENT}",
    ),
    Broken(
        "a refund waits for days",
        "orders.refunds_are_done",
        "UPDATE orders_refund SET state = 'pending', settled_at = NULL, created_at = created_at - "
        f"interval '2 days' WHERE id = {REFUND}",
    ),
    Broken(
        "an invoice is missing",
        "orders.invoices_have_no_gap",
        f"DELETE FROM orders_document WHERE order_id = {ORDER}",
    ),
    Broken(
        "a number was given twice",
        "orders.invoices_have_no_gap",
        "UPDATE orders_series SET last_serial = last_serial - 1",
    ),
    Broken(
        "an order has no payment",
        "checkout.payments_and_orders",
        f"DELETE FROM checkout_payment WHERE id = {PAYMENT}",
    ),
    Broken(
        "a payment is of another order",
        "checkout.payments_and_orders",
        f"UPDATE checkout_payment SET order_id = gen_random_uuid() WHERE id = {PAYMENT}",
    ),
    Broken(
        "a payment's counter is off",
        "checkout.money_of_orders",
        f"UPDATE checkout_payment SET refunding = 1 WHERE id = {PAYMENT}",
    ),
    Broken(
        "a movement of stock is missing",
        "catalog.stock_ledger",
        "DELETE FROM catalog_stock_movement WHERE id = (SELECT min(id::text)::uuid FROM catalog_stock_movement)",
    ),
    Broken(
        "a level is one more",
        "catalog.stock_ledger",
        "UPDATE catalog_stock SET on_hand = on_hand + 1 WHERE variant_id = (SELECT variant_id FROM "
        "catalog_stock LIMIT 1)",
    ),
    Broken(
        "pieces are reserved for nobody",
        "catalog.stock_holds",
        "UPDATE catalog_stock SET reserved = 1 WHERE variant_id = (SELECT variant_id FROM catalog_stock LIMIT 1)",
    ),
)


async def found() -> dict[str, list[str]]:
    """Return what doctor finds, by check."""
    return {name: sentences for name, sentences in await _examine() if sentences}


async def finds(check: str) -> bool:
    """Return whether this check of doctor, e.g. "orders.states_follow", finds something."""
    module, _, name = check.partition(".")
    loaded = current().module(module)
    assert loaded is not None
    target = next(target for target in loaded.manifest.checks if target.endswith(f":{name}"))
    return bool(await resolve(target)())


async def traded(url: str, orders: int, products: int) -> None:
    """Fill the shop's database with a catalog and a year of trade."""
    await fill(products)
    connection = await connect(url)
    try:
        await trade(connection, orders=orders, end=clock.now() - timedelta(minutes=1))
    finally:
        await connection.close()
    await db.execute("ANALYZE")  # as a year of autovacuum does
    async for batch in rebuilding.batches(500):
        await rebuilding.rebuild(batch)


@pytest.fixture
async def year(client: object, database_url: str) -> None:
    await traded(database_url, 1500, 40)
    await keeping.make_months()  # as a worker does: tests before this one have kept house in other years


async def test_the_doctor_finds_nothing_in_a_year_and_each_of_its_corruptions(year: None) -> None:
    assert await found() == {}
    states = await db.fetch_all("SELECT DISTINCT state, payment_status, fulfilment_status FROM orders_order")
    assert len(states) > 8
    missed = []
    for broken in CORRUPTIONS:
        with pytest.raises(ZeroDivisionError):
            async with db.transaction():
                assert await db.execute(broken.statement), broken.what
                if not await finds(broken.check):
                    missed.append(broken)
                1 / 0  # noqa: B018 - undoes it
    assert missed == []
    assert await found() == {}


@pytest.mark.soak
@pytest.mark.timeout(7200)
async def test_the_doctor_finds_nothing_in_100_000_orders(
    client: object, database_url: str, server_urls: tuple[str, str], plugins_file: Path
) -> None:
    await traded(database_url, 100_000, 500)
    assert await db.fetch_value("SELECT count(*) FROM orders_order") == 100_000
    await keeping.make_months()
    process = await asyncio.create_subprocess_exec(
        *FERIA, "doctor", env={**os.environ, "DATABASE_URL": database_url, "REDIS_URL": server_urls[1],
             "FERIA_PLUGINS": str(plugins_file)},
        stdout=subprocess.PIPE,
    )  # fmt: skip
    told, _ = await process.communicate()
    assert told.decode().splitlines()[-1] == "nothing found", told.decode()
