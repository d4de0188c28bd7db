"""Parcels: some pieces of an order, or all, on their way and where they are shown."""

import asyncio

import pytest

from feria_core import db
from feria_core.contracts.orders import OrderDelivered
from feria_core.ids import new_id
from feria_core.testing.work import run_jobs
from feria_orders.schemas import FulfilmentOut


async def ship(shop, order, *counts, **other):
    return await shop.post(f"{order.admin}/fulfilments", {"items": order.pieces(*counts), **other})


async def test_an_order_is_sent_in_two_parcels(shop, buy, order_line):
    order = await buy([order_line(1000, 3), order_line(500, 1)])
    first = await ship(shop, order, 2, carrier="DHL", tracking_number="JD 014")
    assert first.status == 201, first.body
    FulfilmentOut.model_validate(first.json, strict=False)
    assert set(first.json) == set(FulfilmentOut.model_fields)
    assert first.json["tracking_url"] == "https://www.dhl.com/global-en/home/tracking.html?tracking-id=JD%20014"
    assert [(item["item_id"], item["quantity"]) for item in first.json["items"]] == [(order.items[0], 2)]
    assert (await order.json())["fulfilment_status"] == "partial"
    rest = await shop.post(f"{order.admin}/fulfilments")
    assert [item["quantity"] for item in rest.json["items"]] == [1, 1]
    document = await order.json()
    assert document["fulfilment_status"] == "fulfilled"
    assert [parcel["id"] for parcel in document["fulfilments"]] == [first.json["id"], rest.json["id"]]
    assert [item["shipped"] for item in document["items"]] == [3, 1]


async def test_more_than_was_ordered_is_not_sent(shop, buy, order_line):
    order = await buy([order_line(1000, 3)])
    assert (await ship(shop, order, 2)).status == 201
    refused = await ship(shop, order, 2)
    assert (refused.status, refused.code) == (409, "too_many_pieces")
    assert refused.json["lines"][0] | {"sku": 0} == {
        "item_id": order.items[0], "sku": 0, "requested": 2, "available": 1,
    }  # fmt: skip
    assert await db.fetch_value("SELECT count(*) FROM orders_fulfilment") == 1


async def test_sent_by_20_at_once_no_piece_is_sent_twice(shop, buy, order_line):
    order = await buy([order_line(1000, 5)])
    replies = await asyncio.gather(*(ship(shop, order, 1) for _ in range(20)))
    assert sorted(reply.status for reply in replies) == [201] * 5 + [409] * 15
    assert await db.fetch_value("SELECT shipped FROM orders_line") == 5
    assert await db.fetch_value("SELECT sum(quantity) FROM orders_fulfilment_line") == 5


async def test_a_parcel_goes_its_way_and_the_buyer_reads_of_it(shop, buy, order_line, mailbox, clock):
    order = await buy([order_line(1000, 2)], locale="es")
    await run_jobs()
    mailbox.clear()
    parcel = (await ship(shop, order, 2, status="pending")).json
    await run_jobs()
    assert mailbox.mails() == []
    path = f"{order.admin}/fulfilments/{parcel['id']}"
    sent = await shop.patch(path, {"status": "shipped", "carrier": "Correos CR", "tracking_number": "RR1"})
    assert (sent.status, sent.json["status"]) == (200, "shipped")
    assert sent.json["shipped_at"] is not None
    await run_jobs()
    [mail] = mailbox.mails()
    assert "está en camino" in mail["subject"]
    assert "2 x Oak table" in mail["text"]
    assert "https://correos.go.cr/rastreo/?codigo=RR1" in mail["text"] + mail["html"]
    mailbox.clear()
    clock.move(days=2)
    assert (await shop.patch(path, {"status": "delivered"})).json["delivered_at"] is not None
    assert (await shop.patch(path, {"status": "delivered"})).status == 200
    await run_jobs()
    assert ["ha sido entregado" in mail["subject"] for mail in mailbox.mails()] == [True]
    document = await order.json()
    assert document["status"] == "completed"
    assert [event["kind"] for event in document["timeline"]] == [
        "placed", "paid", "packed", "shipped", "delivered", "completed",
    ]  # fmt: skip
    assert document["timeline"][3]["message"] == "Parcel shipped: 2 × Oak table"  # noqa: RUF001
    assert [event["by"] for event in document["timeline"][2:]] == ["shop", "shop", "shop", "system"]


@pytest.mark.parametrize(
    ("way", "wanted"),
    [
        (["shipped", "delivered"], "shipped"),
        (["shipped", "delivered"], "cancelled"),
        (["cancelled"], "shipped"),
        (["shipped"], "pending"),
    ],
)
async def test_a_parcel_makes_no_illegal_move(shop, buy, order_line, way, wanted):
    order = await buy([order_line(1000, 2)])
    parcel = (await ship(shop, order, 2, status="pending")).json
    path = f"{order.admin}/fulfilments/{parcel['id']}"
    for status in way:
        assert (await shop.patch(path, {"status": status})).status == 200
    refused = await shop.patch(path, {"status": wanted})
    assert (refused.status, refused.code) == (409, "illegal_move")
    assert (refused.json["machine"], refused.json["from"], refused.json["to"]) == ("parcel", way[-1], wanted)


async def test_a_cancelled_parcel_gives_its_pieces_back(shop, buy, order_line):
    order = await buy([order_line(1000, 2)])
    parcel = (await ship(shop, order, 2)).json
    assert (await order.json())["fulfilment_status"] == "fulfilled"
    await shop.patch(f"{order.admin}/fulfilments/{parcel['id']}", {"status": "cancelled"})
    assert (await order.json())["fulfilment_status"] == "unfulfilled"
    assert (await ship(shop, order, 2)).status == 201


async def test_a_delivered_parcel_is_announced_with_its_pieces(shop, buy, order_line, published):
    line = order_line(1000, 3, discount=200)
    order = await buy([line, order_line(500)], tax=0)
    parcel = (await ship(shop, order, 2)).json
    await shop.patch(f"{order.admin}/fulfilments/{parcel['id']}", {"status": "delivered"})
    [event] = await published(OrderDelivered)
    assert (event.order_id, event.number, event.email, event.locale) == (
        order.ref.id, order.number, "ana@example.com", "en",
    )  # fmt: skip
    # 2800 over three pieces: the first bears the cent that is left.
    [sent] = event.lines
    assert (sent.variant_id, sent.product_id, sent.quantity, sent.amount) == (line.variant_id, line.product_id, 2, 1867)


async def test_an_order_on_invoice_is_completed_by_its_payment(shop, buy, orders, order_line):
    order = await buy([order_line(1000)], status="pending")
    parcel = (await ship(shop, order, 1)).json
    await shop.patch(f"{order.admin}/fulfilments/{parcel['id']}", {"status": "delivered"})
    assert (await order.json())["status"] == "open"
    await orders.mark_paid(order.ref.id)
    assert (await order.json())["status"] == "completed"


async def test_tracking_shows_every_parcel_to_its_buyer_alone(client, shop, buy, order_line):
    order = await buy([order_line(1000, 2)])
    await ship(shop, order, 1, carrier="Own van")
    await ship(shop, order, 1, tracking_url="https://track.example/1")
    reply = await order.buyer.get(f"{order.path}/tracking")
    assert reply.status == 200
    assert [parcel["tracking_url"] for parcel in reply.json["items"]] == [None, "https://track.example/1"]
    assert reply.json["fulfilment_status"] == "fulfilled"
    assert (await client.as_customer().get(f"{order.path}/tracking")).status == 404
    assert (await client.get(f"{order.path}/tracking")).status == 404


async def test_a_parcel_of_another_order_is_not_found(shop, buy, order_line):
    order, other = await buy([order_line()]), await buy([order_line()])
    parcel = (await ship(shop, other, 1)).json
    for name in (parcel["id"], str(new_id()), "x"):
        reply = await shop.patch(f"{order.admin}/fulfilments/{name}", {"status": "delivered"})
        assert (reply.status, reply.code) == (404, "fulfilment_unknown")
    reply = await shop.post(f"{order.admin}/fulfilments", {"items": other.pieces(1)})
    assert (reply.status, reply.code) == (404, "order_item_unknown")


@pytest.mark.parametrize(
    "change",
    [
        {"items": [{"item_id": "x", "quantity": 1}]},
        {"carrier": "a\nb"},
        {"tracking_url": "javascript:alert(1)"},
        {"status": "delivered"},
        {"color": "red"},
    ],
)
async def test_what_is_no_parcel_is_refused(shop, buy, change):
    order = await buy()
    assert (await shop.post(f"{order.admin}/fulfilments", change)).status == 422


@pytest.mark.parametrize("quantity", [0, -1, 10**12, 1.5, "1"])
async def test_a_quantity_is_a_positive_number(shop, buy, quantity):
    order = await buy()
    body = {"items": [{"item_id": order.items[0], "quantity": quantity}]}
    assert (await shop.post(f"{order.admin}/fulfilments", body)).status == 422


async def test_only_staff_who_may_write_send_parcels(client, buy):
    order = await buy()
    assert (await client.post(f"{order.admin}/fulfilments", {})).status == 401
    assert (await order.buyer.post(f"{order.admin}/fulfilments", {})).status == 403
    assert (await client.as_staff("orders.read").post(f"{order.admin}/fulfilments", {})).status == 403


async def test_lines_with_line_id_are_understood_too(shop, buy, order_line):
    order = await buy([order_line(1000, 2)])
    body = {"lines": [{"line_id": order.items[0], "quantity": 1}]}
    assert (await shop.post(f"{order.admin}/fulfilments", body)).status == 201
