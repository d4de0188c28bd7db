"""What checkout relies on."""

import asyncio
from dataclasses import replace

import asyncpg
import orjson
import pytest

from feria_core import db
from feria_core.ids import new_id
from feria_core.testing.work import run_jobs
from feria_orders import service
from feria_orders.errors import AlreadyPlaced, OrderNotFound


async def counts():
    names = ("orders_order", "orders_line", "orders_event", "orders_guest_token", "core_mail", "core_outbox")
    return {name: await db.fetch_value(f"SELECT count(*) FROM {name}") for name in names}


async def test_the_same_checkout_gets_the_same_order_with_the_new_lines(orders, draft, order_line):
    first = draft([order_line(1000), order_line(500)])
    one = await orders.create(first)
    other = draft([order_line(700, 2, sku="PINE-1")], checkout_id=first.checkout_id, email="other@example.com")
    two = await orders.create(other)
    assert one == two
    rows = await db.fetch_all("SELECT sku, quantity, total FROM orders_line")
    assert [tuple(row) for row in rows] == [("PINE-1", 2, 1400)]
    assert await db.fetch_value("SELECT grand_total FROM orders_order") == 1400
    assert await db.fetch_value("SELECT email FROM orders_order") == "other@example.com"


async def test_a_placed_order_is_not_rewritten(orders, draft, place):
    made = draft()
    order = await place(made)
    with pytest.raises(AlreadyPlaced) as refused:
        await orders.create(made)
    assert refused.value.status == 409
    assert refused.value.members == {"number": order.number}


async def test_one_checkout_created_by_20_at_once_is_one_order(orders, draft, order_line):
    made = draft([order_line(), order_line()])
    created = await asyncio.gather(*(orders.create(made) for _ in range(20)))
    assert len(set(created)) == 1
    assert (await counts())["orders_line"] == 2


async def test_a_number_that_is_taken_is_drawn_again(orders, draft, monkeypatch):
    drawn = iter(["F-AAAA-AAAA", "F-AAAA-AAAA", "F-BBBB-BBBB"])
    monkeypatch.setattr(service, "public_number", lambda _: next(drawn))
    numbers = [(await orders.create(draft())).number for _ in range(2)]
    assert numbers == ["F-AAAA-AAAA", "F-BBBB-BBBB"]


async def test_placed_by_50_at_once_it_is_placed_once(client, orders, draft, heard):
    order = await orders.create(draft())

    async def once():
        async with db.transaction():
            return await orders.place(order.id, payment_status="paid", provider="stripe")

    results = await asyncio.gather(*(once() for _ in range(50)))
    assert sorted(results) == [False] * 49 + [True]
    found = await counts()
    assert (found["core_mail"], found["orders_event"], found["orders_guest_token"]) == (1, 2, 1)
    assert await heard() == ["orders.paid", "orders.placed"]


async def test_placing_pending_announces_no_payment_until_it_arrives(orders, place, heard):
    order = await place(status="pending")
    assert await heard() == ["orders.placed"]
    assert await orders.mark_paid(order.id) is True
    assert await orders.mark_paid(order.id) is False
    assert await heard() == ["orders.paid", "orders.placed"]
    assert await db.fetch_value("SELECT payment_status FROM orders_order") == "paid"


async def test_paid_by_20_at_once_it_is_paid_once(orders, place, heard):
    order = await place()
    results = await asyncio.gather(*(orders.mark_paid(order.id) for _ in range(20)))
    assert results.count(True) == 1
    assert (await heard()).count("orders.paid") == 1


async def test_a_rolled_back_order_leaves_nothing_behind(orders, draft, heard):
    with pytest.raises(ZeroDivisionError):
        async with db.transaction():
            order = await orders.create(draft())
            await orders.place(order.id, payment_status="paid", provider="manual")
            1 / 0  # noqa: B018
    assert set((await counts()).values()) == {0}


async def test_a_rolled_back_placing_leaves_the_draft(orders, draft, heard):
    order = await orders.create(draft())
    with pytest.raises(ZeroDivisionError):
        async with db.transaction():
            await orders.place(order.id, payment_status="paid", provider="manual")
            1 / 0  # noqa: B018
    assert await db.fetch_value("SELECT state FROM orders_order") == "draft"
    assert (await counts())["core_mail"] == 0
    assert await heard() == []
    assert await orders.place(order.id, payment_status="paid", provider="manual") is True


async def test_a_discarded_draft_cannot_be_placed(orders, draft):
    order = await orders.create(draft())
    await orders.discard(order.id)
    await orders.discard(order.id)
    assert (await counts())["orders_line"] == 0
    with pytest.raises(OrderNotFound):
        await orders.place(order.id, payment_status="paid", provider="manual")


async def test_a_placed_order_is_not_discarded(orders, place):
    order = await place()
    await orders.discard(order.id)
    assert orjson.loads(await orders.document(order.id, guest_token=False))["number"] == order.number


async def test_a_draft_has_no_document_and_takes_no_payment(orders, draft):
    order = await orders.create(draft())
    with pytest.raises(OrderNotFound):
        await orders.document(order.id, guest_token=False)
    with pytest.raises(OrderNotFound):
        await orders.mark_paid(order.id)
    with pytest.raises(OrderNotFound):
        await orders.mark_paid(new_id())


@pytest.mark.parametrize("status", ["refunded", "failed", "nonsense"])
async def test_no_order_begins_refunded(orders, draft, status):
    order = await orders.create(draft())
    with pytest.raises(ValueError, match=status):
        await orders.place(order.id, payment_status=status, provider="manual")


async def test_an_unknown_language_becomes_the_shops_own(orders, draft):
    await orders.create(draft(locale="tlh"))
    assert await db.fetch_value("SELECT locale FROM orders_order") == "en"


@pytest.mark.parametrize(
    "change",
    [
        "grand_total = grand_total + 1",
        "tax_included = NOT tax_included",
        "refunded_total = grand_total + 1",
        "refunded_total = -1",
        "placed_at = NULL",
        "state = 'draft'",
        "payment_status = 'stolen'",
    ],
)
async def test_the_database_refuses_what_cannot_be(place, change):
    await place(tax=130)
    with pytest.raises(asyncpg.CheckViolationError):
        await db.execute(f"UPDATE orders_order SET {change}")


async def test_the_largest_amounts_fit(orders, draft, order_line, place):
    order = await place(draft([order_line(10**15, 1000)]))
    document = orjson.loads(await orders.document(order.id, guest_token=False))
    assert document["grand_total"] == {"amount": 10**18, "currency": "USD"}


async def test_run_twice_the_confirmation_is_sent_once(client, mailbox, place):
    await place()
    await run_jobs()
    await run_jobs()
    assert len(mailbox.mails()) == 1


async def test_line_totals_survive_a_replaced_draft_of_another_size(orders, draft, order_line):
    made = draft([order_line(100, n) for n in (1, 2, 3)])
    await orders.create(made)
    order = await orders.create(replace(draft([order_line(5)]), checkout_id=made.checkout_id))
    await orders.place(order.id, payment_status="pending", provider="manual")
    assert len(orjson.loads(await orders.document(order.id, guest_token=False))["items"]) == 1
