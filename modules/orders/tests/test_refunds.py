"""Money that goes back: by piece, by amount, all of it, and never more than came."""

import asyncio

import pytest

from feria_core import db
from feria_core.contracts.orders import OrderRefunded
from feria_core.contracts.payments import PaymentRefunded
from feria_core.events import publish
from feria_core.ids import new_id
from feria_core.money import Money
from feria_core.runtime import registry
from feria_core.testing.work import run_jobs
from feria_orders.schemas_actions import RefundOut


def usd(amount):
    return {"amount": amount, "currency": "USD"}


async def refund(shop, order, body=None, *, key=None):
    headers = {"Idempotency-Key": key or new_id().hex}
    return await shop.post(f"{order.admin}/refunds", body or {}, headers=headers)


async def test_all_that_was_paid_goes_back(shop, buy, ledger, order_line, mailbox, published):
    line = order_line(1000, 2)
    order = await buy([line, order_line(333)], shipping=500, tax=100)
    reply = await refund(shop, order)
    assert reply.status == 201, reply.body
    RefundOut.model_validate(reply.json, strict=False)
    assert set(reply.json) == set(RefundOut.model_fields)
    assert (reply.json["amount"], reply.json["status"]) == (usd(2933), "pending")
    assert (reply.json["payment_status"], reply.json["refunded_total"]) == ("refunded", usd(2933))
    assert await published(OrderRefunded) == []
    await run_jobs()
    mailbox.clear()
    await ledger.settle()
    await run_jobs()
    [event] = await published(OrderRefunded)
    assert (event.amount, event.currency, event.is_full) == (2933, "USD", True)
    assert line.product_id in event.whole_products
    assert len(event.whole_products) == 2
    [mail] = mailbox.mails()
    assert "$29.33" in mail["text"]
    assert order.number in mail["subject"]
    document = await order.json()
    assert [event["kind"] for event in document["timeline"]] == ["placed", "paid", "refund_started", "refunded"]
    assert document["timeline"][3]["message"] == "Refunded: 2 × Oak table, 1 × Oak table, $29.33"  # noqa: RUF001
    assert [refund["status"] for refund in document["refunds"]] == ["succeeded"]
    assert (await refund(shop, order)).code == "nothing_to_refund"


async def test_pieces_go_back_with_their_shares_until_nothing_is_left(shop, buy, order_line):
    order = await buy([order_line(1000, 3, discount=100), order_line(700)], shipping=500, tax=130)
    amounts = []
    for counts in ((1,), (1, 1), (1,)):
        reply = await refund(shop, order, {"items": order.pieces(*counts)})
        assert reply.status == 201, reply.body
        amounts.append(reply.json["amount"]["amount"])
    # 2900 of three pieces and 700 of one; 630 of shipping and its tax are shared by that.
    assert amounts == [967 + 170, 967 + 169 + 700 + 122, 966 + 169]
    assert sum(amounts) == 2900 + 700 + 630
    document = await order.json()
    assert (document["payment_status"], document["refunded_total"]) == ("refunded", usd(4230))
    assert [item["refunded"] for item in document["items"]] == [3, 1]


async def test_pieces_go_back_without_shipping_where_that_is_wanted(shop, buy, order_line):
    order = await buy([order_line(1000, 2)], shipping=500)
    body = {"items": order.pieces(1), "include_shipping": False}
    assert (await refund(shop, order, body)).json["amount"] == usd(1000)
    assert (await refund(shop, order, {})).json["amount"] == usd(1500)


async def test_an_amount_goes_back_and_no_more_than_is_left(shop, buy, order_line):
    order = await buy([order_line(1000, 2)])
    assert (await refund(shop, order, {"amount": usd(1500)})).json["payment_status"] == "partially_refunded"
    refused = await refund(shop, order, {"amount": usd(501)})
    assert (refused.status, refused.code, refused.json["refundable"]) == (409, "refund_too_large", usd(500))
    assert (await refund(shop, order, {"items": order.pieces(1)})).code == "refund_too_large"
    assert (await order.json())["refunded_total"] == usd(1500)
    assert (await refund(shop, order, {"items": order.pieces(1), "amount": usd(500)})).status == 201


async def test_pieces_are_refunded_once(shop, buy, order_line):
    order = await buy([order_line(1000, 2), order_line(1)])
    assert (await refund(shop, order, {"items": order.pieces(2)})).status == 201
    again = await refund(shop, order, {"items": order.pieces(1), "amount": usd(1)})
    assert (again.status, again.code) == (409, "too_many_pieces")


async def test_50_partial_refunds_at_once_give_back_no_more_than_came(shop, buy, ledger, order_line):
    order = await buy([order_line(1000)])
    replies = await asyncio.gather(*(refund(shop, order, {"amount": usd(70)}) for _ in range(50)))
    assert sorted(reply.status for reply in replies) == [201] * 14 + [409] * 36
    assert {reply.code for reply in replies} == {None, "refund_too_large"}
    assert await db.fetch_value("SELECT sum(amount) FROM testing_refund") == 980
    assert await db.fetch_value("SELECT refunded_total FROM orders_order") == 980
    assert await db.fetch_value("SELECT sum(amount) FROM orders_refund") == 980
    await ledger.settle()
    assert "dead" not in await run_jobs()


async def test_the_same_key_gives_back_once(shop, buy, order_line):
    order = await buy([order_line(1000)])
    replies = [await refund(shop, order, {"amount": usd(70)}, key="one") for _ in range(3)]
    assert len({reply.body for reply in replies}) == 1
    assert await db.fetch_value("SELECT count(*) FROM orders_refund") == 1
    other = await refund(shop, order, {"amount": usd(71)}, key="one")
    assert (other.status, other.code) == (422, "idempotency_key_reused")
    assert (await shop.post(f"{order.admin}/refunds", {})).code == "idempotency_key_required"


async def test_told_twice_a_refund_has_arrived_once(shop, buy, ledger, order_line, mailbox, published):
    order = await buy([order_line(1000)])
    made = (await refund(shop, order, {"amount": usd(70)})).json
    await ledger.settle()
    await run_jobs()
    async with db.transaction():
        await publish(PaymentRefunded(made["id"], order.ref.id, 70, "USD"))
    mailbox.clear()
    await run_jobs()
    assert mailbox.mails() == []
    assert len(await published(OrderRefunded)) == 1


async def test_what_the_provider_refuses_can_be_refunded_again(shop, buy, ledger, order_line, published, mailbox):
    order = await buy([order_line(1000, 2)])
    await refund(shop, order, {"items": order.pieces(2)})
    await run_jobs()
    mailbox.clear()
    await ledger.settle(succeed=False)
    await run_jobs()
    document = await order.json()
    assert (document["payment_status"], document["refunded_total"]) == ("paid", usd(0))
    assert [refund["status"] for refund in document["refunds"]] == ["failed"]
    assert document["timeline"][-1]["kind"] == "refund_started"
    assert (await shop.get(order.admin)).json["timeline"][-1]["kind"] == "refund_failed"
    assert mailbox.mails() == []
    assert await published(OrderRefunded) == []
    assert (await refund(shop, order, {"items": order.pieces(2)})).json["payment_status"] == "refunded"


async def test_money_that_the_provider_gave_back_by_itself_is_noted(shop, buy, ledger, order_line, published):
    order = await buy([order_line(1000)])
    await ledger.refund(order.ref.id, refund_id=new_id(), amount=Money(300, "USD"))
    await ledger.settle()
    await run_jobs()
    document = await order.json()
    assert (document["payment_status"], document["refunded_total"]) == ("partially_refunded", usd(300))
    assert [refund["kind"] for refund in document["refunds"]] == ["provider"]
    [event] = await published(OrderRefunded)
    assert (event.amount, event.lines, event.whole_products) == (300, (), ())


async def test_refunded_pieces_return_to_the_stock_once_where_that_is_wanted(shop, buy, stocked, on_hand):
    line = await stocked(1000, 2, stock=5)
    order = await buy([line])
    await refund(shop, order, {"items": order.pieces(1), "restock": True})
    assert await on_hand(line) == 6
    await refund(shop, order, {"items": order.pieces(1)})
    assert await on_hand(line) == 6
    movement = await db.fetch_one(
        "SELECT change, reason, reference FROM catalog_stock_movement ORDER BY id DESC LIMIT 1"
    )
    assert tuple(movement.values()) == (1, "refunded", order.number)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({"amount": {"amount": 1, "currency": "EUR"}}, 409, "wrong_currency"),
        ({"amount": {"amount": 0, "currency": "USD"}}, 409, "nothing_to_refund"),
        ({"amount": {"amount": -1, "currency": "USD"}}, 422, "validation_failed"),
        ({"amount": {"amount": 10**16, "currency": "USD"}}, 422, "validation_failed"),
        ({"amount": {"amount": 10**15, "currency": "USD"}}, 409, "refund_too_large"),
        ({"items": [{"item_id": "00000000-0000-0000-0000-000000000001", "quantity": 1}]}, 404, "order_item_unknown"),
    ],
)
async def test_what_cannot_go_back_is_refused(shop, buy, body, status, code):
    order = await buy()
    reply = await refund(shop, order, body)
    assert (reply.status, reply.code) == (status, code)
    assert await db.fetch_value("SELECT count(*) FROM orders_refund") == 0


async def test_what_was_never_paid_does_not_go_back(shop, buy):
    order = await buy(status="pending")
    assert (await refund(shop, order)).code == "nothing_to_refund"
    assert (await refund(shop, order, {"amount": usd(1)})).code == "refund_too_large"


async def test_without_checkout_no_money_moves_and_the_refusal_says_so(shop, buy, monkeypatch):
    order = await buy()
    monkeypatch.setattr(registry(), "find", lambda _: None)
    reply = await refund(shop, order)
    assert (reply.status, reply.code) == (409, "payments_unavailable")
    assert "enable the module 'checkout'" in reply.json["detail"]


async def test_who_may_write_may_not_refund(client, buy):
    order = await buy()
    assert (await refund(client.as_staff("orders.read", "orders.write"), order)).status == 403
    assert (await refund(client.as_api_key("orders.refund"), order)).status == 201


async def test_a_product_is_whole_once_all_that_was_delivered_is_refunded(shop, buy, ledger, order_line, published):
    order = await buy([order_line(1000, 3), order_line(500)])
    parcel = (await shop.post(f"{order.admin}/fulfilments", {"items": order.pieces(2, 1)})).json
    await shop.patch(f"{order.admin}/fulfilments/{parcel['id']}", {"status": "delivered"})
    products = [item["product_id"] for item in (await order.json())["items"]]
    for counts in ((1,), (1,), (0, 1)):
        await refund(shop, order, {"items": order.pieces(*counts)})
        await ledger.settle()
        await run_jobs()
    found = [[str(product) for product in event.whole_products] for event in await published(OrderRefunded)]
    assert found == [[], products[:1], products]
    assert [event.is_full for event in await published(OrderRefunded)] == [False, False, False]
