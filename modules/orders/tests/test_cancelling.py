"""Cancelling: by the buyer before anything is sent, by staff piece by piece; money and stock go back once."""

import asyncio

import pytest

from feria_core import db
from feria_core.contracts.orders import OrderCancelled, OrderRefunded
from feria_core.ids import new_id
from feria_core.testing.work import run_jobs
from feria_orders.schemas import OrderOut


def usd(amount):
    return {"amount": amount, "currency": "USD"}


async def cancel(order, body=None, *, key=None, client=None):
    return await (client or order.buyer).post(
        f"{order.path}/cancel", body, headers={"Idempotency-Key": key or new_id().hex}
    )


async def staff_cancel(shop, order, body=None):
    return await shop.post(f"{order.admin}/cancel", body or {}, headers={"Idempotency-Key": new_id().hex})


async def test_a_paid_order_is_cancelled_by_its_buyer(buy, stocked, on_hand, ledger, mailbox, published):
    line = await stocked(1000, 2, stock=5)
    order = await buy([line], shipping=500)
    await run_jobs()
    mailbox.clear()
    reply = await cancel(order)
    assert reply.status == 200, reply.body
    OrderOut.model_validate(reply.json, strict=False)
    assert (reply.json["status"], reply.json["payment_status"]) == ("cancelled", "refunded")
    assert (reply.json["refunded_total"], reply.json["items"][0]["cancelled"]) == (usd(2500), 2)
    assert await on_hand(line) == 7
    [event] = await published(OrderCancelled)
    [sent] = event.lines
    assert (event.number, sent.variant_id, sent.quantity, sent.amount) == (order.number, line.variant_id, 2, 2000)
    await ledger.settle()
    await run_jobs()
    subjects = sorted(mail["subject"] for mail in mailbox.mails())
    assert ["refund" in subject or "cancelled" in subject for subject in subjects] == [True, True]
    assert [event.is_full for event in await published(OrderRefunded)] == [True]


async def test_cancelled_twice_it_is_cancelled_once(buy, stocked, on_hand, ledger, published):
    line = await stocked(1000, 2, stock=5)
    order = await buy([line])
    first = await cancel(order, {"reason": "changed my mind"}, key="one")
    assert (await cancel(order, {"reason": "changed my mind"}, key="one")).body == first.body
    assert (await cancel(order)).json["status"] == "cancelled"
    assert await on_hand(line) == 7
    assert await db.fetch_value("SELECT sum(amount) FROM testing_refund") == 2000
    assert len(await published(OrderCancelled)) == 1
    notes = [event["message"] for event in (await order.json())["timeline"] if event["kind"] == "note"]
    assert notes == ["changed my mind"]


async def test_cancelled_by_20_at_once_money_and_stock_go_back_once(buy, stocked, on_hand):
    line = await stocked(1000, 2, stock=5)
    order = await buy([line])
    replies = await asyncio.gather(*(cancel(order) for _ in range(20)))
    assert {reply.status for reply in replies} == {200}
    assert await on_hand(line) == 7
    assert await db.fetch_value("SELECT sum(amount) FROM testing_refund") == 2000


async def test_cancelled_and_sent_at_once_only_one_happens(shop, buy, order_line):
    orders = [await buy([order_line(1000, 1)]) for _ in range(8)]
    calls = [call for order in orders for call in (cancel(order), shop.post(f"{order.admin}/fulfilments", {}))]
    replies = await asyncio.gather(*calls)
    for cancelled, sent in zip(replies[::2], replies[1::2], strict=True):
        assert sorted([cancelled.status, sent.status]) in ([200, 409], [201, 409])
    assert await db.fetch_value("SELECT bool_and(shipped + cancelled = 1) FROM orders_line")


async def test_what_is_in_a_parcel_is_not_cancelled(shop, buy, order_line):
    order = await buy([order_line(1000, 2)])
    await shop.post(f"{order.admin}/fulfilments", {"items": order.pieces(1)})
    refused = await cancel(order)
    assert (refused.status, refused.code) == (409, "order_in_fulfilment")
    assert (await order.json())["status"] == "open"


async def test_anothers_order_is_not_cancelled(client, buy):
    order = await buy()
    assert (await cancel(order, client=client.as_customer())).status == 404
    assert (await cancel(order, client=client)).status == 404
    assert (await cancel(order, client=client.as_api_key("orders.write"))).status == 404
    assert (await order.json())["status"] == "open"


async def test_a_guest_cancels_with_the_token_of_the_mail(client, buy, orders):
    import orjson

    order = await buy(customer_id=None)
    token = orjson.loads(await orders.document(order.ref.id, guest_token=True))["token"]
    guest = client.with_headers(order_token=token)
    assert (await cancel(order, client=guest)).json["status"] == "cancelled"


async def test_an_order_on_invoice_is_cancelled_without_money(buy, ledger):
    order = await buy(status="pending")
    reply = await cancel(order)
    assert (reply.json["status"], reply.json["payment_status"], reply.json["refunds"]) == ("cancelled", "pending", [])
    assert await ledger.note_received(order.ref.id) is False


async def test_authorised_money_is_let_go(buy):
    order = await buy(status="authorized")
    assert (await cancel(order)).json["payment_status"] == "pending"
    assert await db.fetch_value("SELECT authorized FROM testing_payment") == 0


async def test_staff_cancel_some_pieces_and_their_money_goes_back(shop, buy, stocked, on_hand, published):
    line = await stocked(1000, 3, stock=5)
    order = await buy([line], shipping=300)
    reply = await staff_cancel(shop, order, {"items": order.pieces(1), "reason": "one is broken"})
    assert reply.status == 200, reply.body
    assert (reply.json["status"], reply.json["payment_status"]) == ("open", "partially_refunded")
    assert (reply.json["refunded_total"], reply.json["items"][0]["cancelled"]) == (usd(1100), 1)
    assert await on_hand(line) == 6
    assert await published(OrderCancelled) == []
    assert "one is broken" not in str((await order.json())["timeline"])
    sent = await shop.post(f"{order.admin}/fulfilments", {})
    assert [item["quantity"] for item in sent.json["items"]] == [2]
    assert (await order.json())["fulfilment_status"] == "fulfilled"


async def test_the_last_pieces_cancelled_cancel_the_order_with_all_its_lines(shop, buy, order_line, published):
    order = await buy([order_line(1000, 2), order_line(500)])
    await staff_cancel(shop, order, {"items": order.pieces(1)})
    reply = await staff_cancel(shop, order, {"restock": False})
    assert (reply.json["status"], reply.json["refunded_total"]) == ("cancelled", usd(2500))
    [event] = await published(OrderCancelled)
    assert [line.quantity for line in event.lines] == [2, 1]


async def test_staff_cancel_without_money_and_stock_where_that_is_wanted(shop, buy, stocked, on_hand):
    line = await stocked(1000, 2, stock=5)
    order = await buy([line])
    reply = await staff_cancel(shop, order, {"refund": False, "restock": False, "notify": False})
    assert (reply.json["status"], reply.json["payment_status"]) == ("cancelled", "paid")
    assert await on_hand(line) == 5


async def test_money_that_arrives_for_cancelled_pieces_goes_back(shop, buy, ledger, order_line, orders):
    order = await buy([order_line(1000, 2)], status="pending", shipping=200)
    await staff_cancel(shop, order, {"items": order.pieces(1)})
    received = await shop.post(f"{order.admin}/payments/received", headers={"Idempotency-Key": "r"})
    assert received.json["payment_status"] == "paid"
    await run_jobs()
    await run_jobs()
    document = await order.json()
    assert (document["payment_status"], document["refunded_total"]) == ("partially_refunded", usd(1100))
    assert [refund["kind"] for refund in document["refunds"]] == ["cancellation"]


async def test_a_capture_leaves_out_what_was_cancelled(shop, buy, ledger, order_line):
    order = await buy([order_line(1000, 2)], status="authorized", shipping=200)
    await staff_cancel(shop, order, {"items": order.pieces(1)})
    reply = await shop.post(f"{order.admin}/payments/capture", headers={"Idempotency-Key": "c"})
    assert reply.status == 200, reply.body
    assert await db.fetch_value("SELECT captured FROM testing_payment") == 1100
    await ledger.settle()
    await run_jobs()
    document = await order.json()
    assert (document["payment_status"], document["refunds"]) == ("paid", [])
    again = await shop.post(f"{order.admin}/payments/capture", headers={"Idempotency-Key": "d"})
    assert (again.status, again.code) == (409, "payment_not_open")


@pytest.mark.parametrize("status", ["paid", "authorized"])
async def test_only_an_open_invoice_is_noted_as_paid(shop, buy, status):
    order = await buy(status=status)
    reply = await shop.post(f"{order.admin}/payments/received", headers={"Idempotency-Key": "r"})
    assert (reply.status, reply.code) == ((200, None) if status == "paid" else (409, "payment_not_open"))


async def test_an_invoice_of_a_cancelled_order_is_not_noted_as_paid(shop, buy):
    order = await buy(status="pending")
    await cancel(order)
    reply = await shop.post(f"{order.admin}/payments/received", headers={"Idempotency-Key": "r"})
    assert (reply.status, reply.code) == (409, "payment_not_open")


async def test_a_cancelled_order_makes_no_further_move(shop, buy):
    order = await buy()
    await cancel(order)
    for reply in (await shop.post(f"{order.admin}/fulfilments", {}), await staff_cancel(shop, order)):
        assert (reply.status, reply.code) == (409, "illegal_move")


async def test_a_completed_order_is_not_cancelled(shop, buy):
    order = await buy()
    parcel = (await shop.post(f"{order.admin}/fulfilments", {})).json
    await shop.patch(f"{order.admin}/fulfilments/{parcel['id']}", {"status": "delivered"})
    assert (await staff_cancel(shop, order)).code == "illegal_move"


async def test_stock_of_a_product_that_is_gone_stands_in_nobodys_way(buy, order_line):
    order = await buy([order_line(1000)])
    assert (await cancel(order)).json["status"] == "cancelled"


async def test_notes_are_for_staff_unless_they_are_public(shop, buy):
    order = await buy()
    assert (await shop.post(f"{order.admin}/notes", {"text": "Rang the bell"})).status == 201
    await shop.post(f"{order.admin}/notes", {"text": "We wrap it as a gift", "public": True})
    seen = [event["message"] for event in (await order.json())["timeline"] if event["kind"] == "note"]
    assert seen == ["We wrap it as a gift"]
    staff = [e for e in (await shop.get(order.admin)).json["timeline"] if e["kind"] == "note"]
    assert [(e["message"], e["public"], e["by"]) for e in staff] == [
        ("Rang the bell", False, "shop"), ("We wrap it as a gift", True, "shop"),
    ]  # fmt: skip


async def test_what_was_refunded_and_put_back_is_not_put_back_again_when_it_is_cancelled(buy, stocked, on_hand, shop):
    line = await stocked(1000, 2, stock=5)
    order = await buy([line])
    key = {"Idempotency-Key": new_id().hex}
    assert (await shop.post(f"{order.admin}/refunds", {"restock": True}, headers=key)).status == 201
    reply = await staff_cancel(shop, order, {"restock": True, "refund": False})
    assert reply.status == 200, reply.body
    assert await on_hand(line) == 7
