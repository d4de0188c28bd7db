"""A refund that was given and fails later: counted as not given, told to staff, and open to be given again."""

from __future__ import annotations

import uuid

import orjson

from feria_checkout import checks
from feria_core import db
from feria_core.testing.work import run_jobs


async def refunded(shop, gateway, amount: int = 400):
    """Return an order of 15.00 of which so much was given back, and Stripe's refund."""
    buyer = await shop.ready()
    await buyer.pay_at_gateway(gateway)
    number = (await buyer.complete()).json["number"]
    await run_jobs()
    staff = shop.client.as_staff("orders.refund", "orders.read")
    path = f"/api/admin/orders/{number}"
    assert (await refund(staff, path, amount)).status == 201
    await run_jobs()
    assert shop.money() == (1500, amount)
    return staff, path, next(iter(gateway.books.state.refunds.values()))


async def refund(staff, path: str, amount: int):
    body = {"amount": {"amount": amount, "currency": "USD"}}
    return await staff.post(f"{path}/refunds", body, headers={"Idempotency-Key": uuid.uuid4().hex})


async def tell(shop, lost, kind: str) -> None:
    about = {"id": lost.id, "object": "refund", "payment_intent": lost.payment_intent}
    event = {"id": f"evt_{uuid.uuid4().hex}", "type": kind, "data": {"object": about}}
    assert (await shop.send_raw(orjson.dumps(event))).status == 200
    await run_jobs()


async def test_a_refund_that_a_bank_sends_back_is_not_given(shop, gateway):
    staff, path, lost = await refunded(shop, gateway)
    await gateway.lose_refund(lost.id)
    for kind in ("refund.updated", "refund.failed", "charge.refund.updated"):
        await tell(shop, lost, kind)
    order = (await staff.get(path)).json
    assert (order["payment_status"], order["refunded_total"]["amount"]) == ("paid", 0)
    assert [one["status"] for one in order["refunds"]] == ["failed"]
    assert [event["kind"] for event in order["timeline"]].count("refund_failed") == 1
    row = await db.fetch_one("SELECT captured, refunding, refunded FROM checkout_payment")
    assert (row["captured"], row["refunding"], row["refunded"]) == (1500, 0, 0)
    letters = await db.fetch_all("SELECT last_error FROM core_job WHERE state = 'dead'")
    assert ["failed after it was given" in letter["last_error"] for letter in letters] == [True]
    assert await checks.money_of_orders() == []


async def test_what_was_sent_back_can_be_given_again(shop, gateway):
    staff, path, lost = await refunded(shop, gateway, 1500)
    await gateway.lose_refund(lost.id)
    await tell(shop, lost, "refund.failed")
    assert (await refund(staff, path, 1500)).status == 201
    await run_jobs()
    order = (await staff.get(path)).json
    assert (order["payment_status"], shop.money()) == ("refunded", (1500, 1500))


async def test_an_event_that_says_so_without_being_so_changes_nothing(shop, gateway):
    staff, path, given = await refunded(shop, gateway)
    await tell(shop, given, "refund.failed")
    order = (await staff.get(path)).json
    assert (order["payment_status"], order["refunded_total"]["amount"]) == ("partially_refunded", 400)
