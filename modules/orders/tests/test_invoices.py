"""Invoices and credit notes: numbers without a gap, and the same document each time."""

import asyncio
from datetime import UTC, datetime

import pytest

from feria_core import db
from feria_core.ids import new_id
from feria_core.jobs import enqueue
from feria_core.testing.work import run_jobs
from feria_orders.invoices import repository


async def issue():
    async with db.transaction():
        await enqueue("orders.issue_documents")
    assert set(await run_jobs()) <= {"done"}


async def numbers():
    rows = await db.fetch_all("SELECT number FROM orders_document ORDER BY kind DESC, year, serial")
    return [row["number"] for row in rows]


async def test_an_order_has_one_invoice_with_the_same_bytes_each_time(client, shop, buy, order_line, clock):
    clock.at = datetime(2026, 11, 28, 12, tzinfo=UTC)
    order = await buy([order_line(1000, 2)], shipping=500, tax=130)
    first = await order.buyer.get(f"{order.path}/invoice.pdf")
    assert (first.status, first.headers["content-type"]) == (200, "application/pdf")
    assert first.body.startswith(b"%PDF-")
    assert first.headers["content-disposition"] == 'inline; filename="INV-2026-000001.pdf"'
    assert first.headers["cache-control"] == "private, no-store"
    clock.move(days=400)
    assert (await order.buyer.get(f"{order.path}/invoice.pdf")).body == first.body
    assert (await shop.get(f"{order.admin}/invoice.pdf")).body == first.body
    assert await numbers() == ["INV-2026-000001"]
    assert (await client.as_customer().get(f"{order.path}/invoice.pdf")).status == 404
    assert (await client.get(f"{order.path}/invoice.pdf")).status == 404


async def test_asked_for_by_20_at_once_there_is_one_invoice_for_each_order_and_no_gap(buy):
    orders = [await buy() for _ in range(5)]
    calls = [order.buyer.get(f"{order.path}/invoice.pdf") for order in orders for _ in range(4)]
    assert {reply.status for reply in await asyncio.gather(*calls)} == {200}
    found = await db.fetch_all("SELECT serial FROM orders_document ORDER BY serial")
    assert [row["serial"] for row in found] == [1, 2, 3, 4, 5]


async def test_documents_are_drawn_one_at_a_time_since_they_share_their_fonts(buy, monkeypatch):
    from feria_orders.invoices import layout

    at_work, most, draw = 0, 0, layout.write

    def write(content):
        nonlocal at_work, most
        at_work += 1
        most = max(most, at_work)
        try:
            return draw(content)
        finally:
            at_work -= 1

    monkeypatch.setattr(layout, "write", write)
    orders = [await buy() for _ in range(8)]
    replies = await asyncio.gather(*(order.buyer.get(f"{order.path}/invoice.pdf") for order in orders))
    assert ({reply.status for reply in replies}, most) == ({200}, 1)


async def test_a_number_that_was_rolled_back_is_given_again(buy):
    order = await buy()
    with pytest.raises(ZeroDivisionError):
        async with db.transaction():
            assert await repository.claim("invoice", 2026) == 1
            1 / 0  # noqa: B018
    async with db.transaction():
        assert await repository.claim("invoice", 2026) == 1
    assert order.number


async def test_each_year_and_kind_has_its_own_series(shop, buy, ledger, clock):
    clock.at = datetime(2026, 12, 31, 12, tzinfo=UTC)
    one = await buy()
    await one.buyer.get(f"{one.path}/invoice.pdf")
    clock.move(days=1)
    two = await buy()
    await two.buyer.get(f"{two.path}/invoice.pdf")
    made = await shop.post(f"{one.admin}/refunds", {}, headers={"Idempotency-Key": "r"})
    path = f"{one.path}/credit-notes/{made.json['id']}.pdf"
    early = await one.buyer.get(path)
    assert (early.status, early.code) == (404, "document_unknown")
    await ledger.settle()
    await run_jobs()
    note = await one.buyer.get(path)
    assert (note.status, note.body[:5]) == (200, b"%PDF-")
    assert (await shop.get(f"{one.admin}/credit-notes/{made.json['id']}.pdf")).body == note.body
    assert await numbers() == ["INV-2026-000001", "INV-2027-000001", "CN-2027-000001"]
    for foreign in (f"{two.path}/credit-notes/{made.json['id']}.pdf", f"{two.path}/credit-notes/x.pdf"):
        assert (await two.buyer.get(foreign)).status == 404


async def test_the_year_is_that_of_the_shops_time_zone(buy, clock, choose):
    choose(invoice_time_zone="America/Costa_Rica")
    clock.at = datetime(2027, 1, 1, 3, tzinfo=UTC)
    order = await buy()
    reply = await order.buyer.get(f"{order.path}/invoice.pdf")
    assert "INV-2026-000001" in reply.headers["content-disposition"]


async def test_paid_orders_get_their_invoice_by_themselves_and_refunds_their_credit_note(shop, buy, ledger):
    paid, pending = await buy(), await buy(status="pending")
    await issue()
    await issue()
    assert [number[:4] for number in await numbers()] == ["INV-"]
    assert await db.fetch_value("SELECT order_id FROM orders_document") == paid.ref.id
    await shop.post(f"{paid.admin}/refunds", {}, headers={"Idempotency-Key": "r"})
    await ledger.settle()
    await run_jobs()
    await issue()
    await issue()
    assert [number.split("-")[0] for number in await numbers()] == ["INV", "CN"]
    assert pending.number


async def test_where_invoices_are_issued_when_asked_for_none_comes_by_itself(buy, choose):
    choose(invoices="asked")
    await buy()
    await issue()
    assert await numbers() == []


async def test_an_order_cancelled_before_its_invoice_gets_none(buy):
    order = await buy(status="pending")
    await order.buyer.post(f"{order.path}/cancel", headers={"Idempotency-Key": new_id().hex})
    reply = await order.buyer.get(f"{order.path}/invoice.pdf")
    assert (reply.status, reply.code) == (404, "document_unknown")


async def test_the_seller_is_as_he_was_on_that_day(buy, choose):
    order = await buy()
    first = (await order.buyer.get(f"{order.path}/invoice.pdf")).body
    choose(seller_name="Another company")
    assert (await order.buyer.get(f"{order.path}/invoice.pdf")).body == first


HOSTILE = (
    "<b>&amp; \u202e \u0001 \U0001f6d2 ' \" " + "x" * 400 + " \u65e5\u672c\u8a9e \ud55c\uad6d\uc5b4 \u4e2d\u6587 ñ Ж Ω"
)


async def test_any_text_and_a_thousand_lines_make_a_document(buy, order_line):
    lines = [order_line(123, n % 7 + 1, name=HOSTILE, options={"a": HOSTILE}) for n in range(300)]
    address = {"name": HOSTILE, "company": HOSTILE, "line1": HOSTILE, "line2": None, "city": HOSTILE, "region": None,
               "postal_code": None, "country": "CR", "phone": None}  # fmt: skip
    order = await buy(lines, billing_address=address, locale="es", shipping_label=HOSTILE)
    reply = await order.buyer.get(f"{order.path}/invoice.pdf")
    assert (reply.status, reply.body[:5]) == (200, b"%PDF-")
