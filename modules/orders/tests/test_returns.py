"""Returns: asked for within the window, decided, received resellable or damaged, and what goes back for them."""

import asyncio

import pytest

from feria_core import db
from feria_core.ids import new_id
from feria_core.testing.work import run_jobs
from feria_orders.schemas_actions import ReturnOut


def usd(amount):
    return {"amount": amount, "currency": "USD"}


async def deliver(shop, order, *counts):
    parcel = (await shop.post(f"{order.admin}/fulfilments", {"items": order.pieces(*counts)})).json
    assert (await shop.patch(f"{order.admin}/fulfilments/{parcel['id']}", {"status": "delivered"})).status == 200


async def ask(order, *counts, key=None, client=None, **other):
    body = {"items": order.pieces(*counts), "reason": "changed_mind", **other}
    return await (client or order.buyer).post(
        f"{order.path}/returns", body, headers={"Idempotency-Key": key or new_id().hex}
    )


async def act(shop, returned, what, body=None):
    return await shop.post(f"/api/admin/returns/{returned['id']}/{what}", body)


async def test_a_return_is_asked_for_approved_received_and_refunded(
    shop, buy, stocked, on_hand, ledger, mailbox, clock
):
    line = await stocked(1000, 3, stock=5)
    order = await buy([line], shipping=300)
    await deliver(shop, order, 3)
    await run_jobs()
    mailbox.clear()
    clock.move(days=3)
    asked = await ask(order, 2, note="too small", wish="exchange")
    assert asked.status == 201, asked.body
    ReturnOut.model_validate(asked.json, strict=False)
    assert set(asked.json) == set(ReturnOut.model_fields)
    assert (asked.json["status"], asked.json["order_number"]) == ("requested", order.number)
    approved = await act(shop, asked.json, "approve", {"message": "Use the old box"})
    assert (approved.json["status"], approved.json["answer"]) == ("approved", "Use the old box")
    received = await act(shop, asked.json, "receive", {
        "items": [{"item_id": order.items[0], "resellable": 1, "damaged": 1}],
    })  # fmt: skip
    assert received.status == 200, received.body
    assert received.json["items"][0] | {"name": 0, "sku": 0} == {
        "item_id": order.items[0], "variant_id": str(line.variant_id), "name": 0, "sku": 0, "quantity": 2,
        "resellable": 1, "damaged": 1,
    }  # fmt: skip
    assert received.json["refunds"][0]["amount"] == usd(2000)
    assert await on_hand(line) == 6
    await ledger.settle()
    await run_jobs()
    document = await order.json()
    assert (document["payment_status"], document["fulfilment_status"]) == ("partially_refunded", "fulfilled")
    assert (document["items"][0]["returned"], document["items"][0]["refunded"]) == (2, 2)
    subjects = [mail["subject"] for mail in reversed(mailbox.mails())]
    texts = " ".join(mail["text"] for mail in mailbox.mails())
    assert len(subjects) == 4
    assert "Use the old box" in texts
    assert "2 x" in texts


async def test_all_of_an_order_returned_makes_it_returned(shop, buy, order_line):
    order = await buy([order_line(1000, 2)])
    await deliver(shop, order, 2)
    asked = (await ask(order, 2)).json
    await act(shop, asked, "approve")
    assert (await act(shop, asked, "receive")).status == 200
    document = await order.json()
    assert (document["fulfilment_status"], document["payment_status"]) == ("returned", "refunded")


async def test_the_window_is_counted_from_the_delivery(shop, buy, order_line, clock):
    order = await buy([order_line(1000, 2)])
    await deliver(shop, order, 1)
    clock.move(days=20)
    await deliver(shop, order, 1)
    clock.move(days=11)
    refused = await ask(order, 2)
    assert (refused.status, refused.code) == (409, "not_returnable")
    assert (refused.json["lines"][0]["available"], refused.json["return_window_days"]) == (1, 30)
    assert (await ask(order, 1)).status == 201
    clock.move(days=20)
    assert (await ask(order, 1)).code == "not_returnable"


async def test_what_was_not_sent_is_not_returned(buy, shop, order_line):
    order = await buy([order_line(1000, 2)])
    assert (await ask(order, 1)).code == "not_returnable"
    await shop.post(f"{order.admin}/fulfilments", {"status": "pending"})
    assert (await ask(order, 1)).code == "not_returnable"


async def test_asked_for_by_10_at_once_no_piece_is_returned_twice(shop, buy, order_line):
    order = await buy([order_line(1000, 3)])
    await deliver(shop, order, 3)
    replies = await asyncio.gather(*(ask(order, 2) for _ in range(10)))
    assert sorted(reply.status for reply in replies) == [201] + [409] * 9
    assert await db.fetch_value("SELECT in_return FROM orders_line") == 2


async def test_the_same_key_asks_once(shop, buy, order_line):
    order = await buy([order_line(1000, 3)])
    await deliver(shop, order, 3)
    assert (await ask(order, 1, key="k")).body == (await ask(order, 1, key="k")).body
    assert len((await order.buyer.get(f"{order.path}/returns")).json["items"]) == 1


async def test_a_rejected_return_can_be_asked_for_again(shop, buy, order_line, mailbox):
    order = await buy([order_line(1000, 1)])
    await deliver(shop, order, 1)
    asked = (await ask(order, 1)).json
    rejected = await act(shop, asked, "reject", {"message": "It was worn"})
    assert (rejected.json["status"], rejected.json["answer"]) == ("rejected", "It was worn")
    assert (await act(shop, asked, "reject")).status == 200
    assert (await ask(order, 1)).status == 201


@pytest.mark.parametrize(
    ("way", "wanted"), [([], "receive"), (["reject"], "approve"), (["approve", "receive"], "reject")]
)
async def test_a_return_makes_no_illegal_move(shop, buy, order_line, way, wanted):
    order = await buy([order_line(1000, 1)])
    await deliver(shop, order, 1)
    asked = (await ask(order, 1)).json
    for step in way:
        assert (await act(shop, asked, step)).status == 200
    refused = await act(shop, asked, wanted)
    assert (refused.status, refused.code, refused.json["machine"]) == (409, "illegal_move", "return")


async def test_received_by_10_at_once_money_and_stock_go_back_once(shop, buy, stocked, on_hand):
    line = await stocked(1000, 2, stock=5)
    order = await buy([line])
    await deliver(shop, order, 2)
    asked = (await ask(order, 2)).json
    await act(shop, asked, "approve")
    replies = await asyncio.gather(*(act(shop, asked, "receive") for _ in range(10)))
    assert {reply.status for reply in replies} == {200}
    assert await on_hand(line) == 7
    assert await db.fetch_value("SELECT sum(amount) FROM testing_refund") == 2000


async def test_what_did_not_arrive_can_be_asked_for_again(shop, buy, order_line):
    order = await buy([order_line(1000, 3)])
    await deliver(shop, order, 3)
    asked = (await ask(order, 3)).json
    await act(shop, asked, "approve")
    refused = await act(shop, asked, "receive", {"items": [{"item_id": order.items[0], "resellable": 4}]})
    assert (refused.status, refused.json["errors"][0]["code"]) == (422, "more_than_returned")
    body = {"items": [{"item_id": order.items[0], "resellable": 1}], "refund": False, "restock": False}
    assert (await act(shop, asked, "receive", body)).json["refunds"] == []
    assert (await ask(order, 3)).code == "not_returnable"
    assert (await ask(order, 2)).status == 201


async def test_pieces_refunded_before_are_not_refunded_again(shop, buy, order_line):
    order = await buy([order_line(1000, 2)])
    await deliver(shop, order, 2)
    asked = (await ask(order, 2)).json
    await act(shop, asked, "approve")
    headers = {"Idempotency-Key": "r"}
    await shop.post(f"{order.admin}/refunds", {"items": order.pieces(1)}, headers=headers)
    assert (await act(shop, asked, "receive")).json["refunds"][0]["amount"] == usd(1000)
    assert (await order.json())["refunded_total"] == usd(2000)


async def test_receiving_with_money_needs_the_permission_to_refund(client, shop, buy, order_line):
    order = await buy([order_line(1000, 1)])
    await deliver(shop, order, 1)
    asked = (await ask(order, 1)).json
    await act(shop, asked, "approve")
    clerk = client.as_staff("orders.read", "orders.write")
    assert (await act(clerk, asked, "receive")).status == 403
    assert (await act(clerk, asked, "receive", {"refund": False})).status == 200


async def test_staff_list_returns_by_state_page_by_page(shop, buy, order_line):
    order = await buy([order_line(1000, 5)])
    await deliver(shop, order, 5)
    made = [(await ask(order, 1)).json["id"] for _ in range(3)]
    await act(shop, {"id": made[0]}, "approve")
    first = (await shop.get("/api/admin/returns?limit=2")).json
    assert [each["id"] for each in first["items"]] == [made[2], made[1]]
    rest = (await shop.get(f"/api/admin/returns?limit=2&cursor={first['next_cursor']}")).json
    assert ([each["id"] for each in rest["items"]], rest["next_cursor"]) == ([made[0]], None)
    assert [e["id"] for e in (await shop.get("/api/admin/returns?status=approved")).json["items"]] == [made[0]]
    assert (await shop.get(f"/api/admin/returns/{made[0]}")).json["status"] == "approved"
    assert (await shop.get("/api/admin/returns?cursor=x")).status == 400
    for name in ("x", str(new_id())):
        assert (await act(shop, {"id": name}, "approve")).code == "return_unknown"


async def test_anothers_order_is_not_returned(client, shop, buy, order_line):
    order = await buy([order_line()])
    await deliver(shop, order, 1)
    assert (await ask(order, 1, client=client.as_customer())).status == 404
    assert (await client.as_customer().get(f"{order.path}/returns")).status == 404


@pytest.mark.parametrize("change", [{"items": []}, {"reason": "because"}, {"wish": "money"}, {"note": "x" * 2001}])
async def test_what_is_no_return_is_refused(shop, buy, order_line, change):
    order = await buy([order_line()])
    await deliver(shop, order, 1)
    assert (await ask(order, 1, **change)).status == 422
