"""A shopper's way from cart to order, with money that needs nobody's answer."""

from __future__ import annotations

import asyncio
import uuid

from feria_core import db
from feria_core.contracts.users import PEOPLE, Person
from feria_core.runtime import registry


def fresh_key() -> dict[str, str]:
    return {"Idempotency-Key": str(uuid.uuid4())}


async def test_a_guest_buys_on_invoice(shop):
    variant = await shop.variant(stock=5, price=1000)
    buyer = await shop.open(await shop.guest(variant, 2))
    assert buyer.opened["status"] == "open"
    assert buyer.opened["token"]
    assert buyer.opened["missing"] == ["email", "shipping_address", "shipping_method", "payment"]
    assert await shop.available(variant) == 3

    filled = await buyer.fill()
    assert filled.status == 200, filled.body
    assert filled.json["missing"] == ["payment"]
    assert filled.json["grand_total"] == {"amount": 2500, "currency": "USD"}
    assert "token" not in filled.json

    assert (await buyer.pay()).status == 201
    assert (await buyer.see())["missing"] == []
    done = await buyer.complete()
    assert done.status == 201, done.body
    order = done.json
    assert order["payment_status"] == "pending"
    assert order["grand_total"] == {"amount": 2500, "currency": "USD"}
    assert order["token"]
    assert await shop.on_hand(variant) == 3
    assert await shop.available(variant) == 3
    after = await buyer.see()
    assert (after["status"], after["order_number"], after["missing"]) == ("completed", order["number"], [])
    assert after["items"][0]["total"] == {"amount": 2000, "currency": "USD"}
    assert (await buyer.cart.get("/api/cart")).json["items"] == []


async def test_a_customer_gets_an_order_without_a_token(shop):
    buyer = await shop.ready(signed_in=True)
    await buyer.pay()
    done = await buyer.complete()
    assert done.status == 201
    assert "token" not in done.json


async def test_a_customers_own_address_is_filled_in(shop, monkeypatch):
    class Everybody:
        async def person(self, user_id):
            return Person(user_id, "eva@example.org", "Eva", "es", is_email_verified=True)

    known, find = registry(), registry().find
    monkeypatch.setattr(known, "find", lambda port: Everybody() if port is PEOPLE else find(port))
    variant = await shop.variant()
    assert (await shop.open(await shop.customer(variant))).opened["email"] == "eva@example.org"
    assert (await shop.open(await shop.guest(variant))).opened["email"] is None


async def test_an_empty_cart_is_refused(shop):
    assert (await shop.client.post("/api/checkouts")).code == "cart_empty"
    cart = await shop.guest(await shop.variant())
    await cart.delete("/api/cart")
    reply = await cart.post("/api/checkouts")
    assert (reply.status, reply.code) == (409, "cart_empty")


async def test_what_is_not_there_is_not_held(shop):
    variant = await shop.variant(stock=2)
    first, second = await shop.guest(variant, 2), await shop.guest(variant, 1)
    await shop.open(first)
    reply = await second.post("/api/checkouts")
    assert (reply.status, reply.code) == (409, "out_of_stock")
    assert reply.json["lines"][0]["available"] == 0
    assert await db.fetch_value("SELECT count(*) FROM checkout_checkout") == 1


async def test_the_same_cart_keeps_its_checkout(shop):
    variant = await shop.variant(stock=5)
    buyer = await shop.open(await shop.guest(variant))
    await buyer.fill(note="ring twice")
    again = await shop.open(buyer.cart)
    assert again.id == buyer.id
    assert again.opened["note"] == "ring twice"
    assert again.opened["token"] != buyer.opened["token"]
    assert (await buyer.client.get(buyer.path)).status == (await again.client.get(buyer.path)).status == 200
    assert await shop.available(variant) == 4


async def test_twins_of_the_first_call_open_one_checkout(shop):
    cart = await shop.guest(await shop.variant())
    replies = await asyncio.gather(*(cart.post("/api/checkouts") for _ in range(5)))
    assert {reply.status for reply in replies} == {201}
    assert len({reply.json["id"] for reply in replies}) == 1


async def test_anothers_checkout_looks_like_none(shop):
    buyer = await shop.ready(signed_in=True)
    stranger = shop.client.signed_in(f"test:customer:{uuid.uuid4()}")
    forger = shop.client.with_headers(checkout_token="x" * 43)
    for nobody in (shop.client, stranger, forger):
        foreign = await nobody.get(buyer.path)
        missing = await nobody.get(f"/api/checkouts/{uuid.uuid4()}")
        assert (foreign.status, foreign.code, foreign.json["detail"]) == (404, "not_found", missing.json["detail"])
        assert (await nobody.get(buyer.path + "/shipping-methods")).status == 404
        assert (await nobody.patch(buyer.path, {"note": "mine"})).status == 404
        paid = await nobody.post(buyer.path + "/payments", {"provider": "manual"}, headers=fresh_key())
        assert paid.status == 404
        body = {"expected_total": {"amount": 1500, "currency": "USD"}}
        assert (await nobody.post(buyer.path + "/complete", body, headers=fresh_key())).status == 404
    assert (await shop.client.get("/api/checkouts/not-an-id")).status == 404


async def test_nothing_is_skipped_on_the_way(shop):
    buyer = await shop.open(await shop.guest(await shop.variant()))
    unfilled = await buyer.pay()
    assert (unfilled.status, unfilled.code) == (409, "checkout_incomplete")
    assert unfilled.json["missing"] == ["email", "shipping_address", "shipping_method"]
    await buyer.fill()
    unpaid = await buyer.complete()
    assert (unpaid.status, unpaid.code, unpaid.json["missing"]) == (409, "checkout_incomplete", ["payment"])
    assert (await buyer.client.post(buyer.path + "/complete", {})).code == "idempotency_key_required"
    assert await shop.orders() == 0


async def test_another_total_than_agreed_makes_no_order(shop):
    buyer = await shop.ready()
    await buyer.pay()
    reply = await buyer.complete(expected={"amount": 1, "currency": "USD"})
    assert (reply.status, reply.code) == (409, "cart_changed")
    assert reply.json["grand_total"] == {"amount": 1500, "currency": "USD"}
    assert reply.json["lines"][0]["quantity"] == 1
    assert (await buyer.complete(expected={"amount": 1500, "currency": "EUR"})).code == "cart_changed"
    assert await shop.orders() == 0
    assert (await buyer.complete()).status == 201


async def test_a_cart_changed_while_paying_is_told(shop):
    variant = await shop.variant(stock=5)
    buyer = await shop.ready(variant)
    await buyer.pay()
    agreed = await buyer.total()
    await buyer.cart.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    changed = await buyer.complete(expected=agreed)
    assert (changed.code, changed.json["grand_total"]["amount"]) == ("cart_changed", 2500)
    done = await buyer.complete(expected=changed.json["grand_total"])
    assert (done.status, done.json["grand_total"]["amount"]) == (201, 2500)
    assert await shop.on_hand(variant) == 3


async def test_stock_that_went_away_is_told_with_its_line(shop):
    variant = await shop.variant(stock=2)
    buyer = await shop.ready(variant, 2)
    await buyer.pay()
    await shop.take_stock(variant, left=1)
    reply = await buyer.complete()
    assert (reply.status, reply.code) == (409, "out_of_stock")
    assert reply.json["lines"][0]["available"] == 1
    assert await shop.orders() == 0


async def test_fifty_twins_with_one_key_make_one_order(shop):
    buyer = await shop.ready()
    await buyer.pay()
    total = await buyer.total()
    replies = await asyncio.gather(*(buyer.complete(key="one", expected=total) for _ in range(50)))
    assert {reply.status for reply in replies} <= {201, 409}
    assert {reply.code for reply in replies if reply.status == 409} <= {"idempotency_in_progress"}
    assert len({reply.body for reply in replies if reply.status == 201}) == 1
    assert await shop.orders() == 1
    assert await shop.payments() == ["authorized"]
    again = await buyer.complete(key="one", expected=total)
    assert again.headers["idempotent-replayed"] == "true"


async def test_fifty_twins_with_keys_of_their_own_make_one_order(shop):
    buyer = await shop.ready()
    await buyer.pay()
    total = await buyer.total()
    replies = await asyncio.gather(*(buyer.complete(expected=total) for _ in range(50)))
    assert {reply.status for reply in replies} == {201}
    assert len({reply.json["number"] for reply in replies}) == 1
    assert await shop.orders() == 1
    assert await shop.payments() == ["authorized"]


async def test_a_key_serves_one_request_only(shop):
    buyer = await shop.ready()
    await buyer.pay(key="k")
    other = await buyer.pay("stripe", key="k")
    assert (other.status, other.code) == (422, "idempotency_key_reused")


async def test_a_completed_checkout_cannot_change(shop):
    buyer = await shop.ready()
    await buyer.pay()
    await buyer.complete()
    changed = await buyer.fill()
    assert (changed.status, changed.code) == (409, "checkout_closed")
    assert (await buyer.pay()).code == "checkout_closed"


async def test_two_hundred_buyers_for_fifty_units(shop):
    variant = await shop.variant(stock=50)
    carts = await asyncio.gather(*(shop.guest(variant) for _ in range(200)))

    async def buy(cart) -> int:
        opened = await cart.post("/api/checkouts")
        if opened.status != 201:
            assert opened.code == "out_of_stock", opened.body
            return opened.status
        client = shop.client.with_headers(checkout_token=opened.json["token"])
        buyer = type(shop_buyer)(client, cart, opened.json["id"], opened.json)
        await buyer.fill()
        await buyer.pay()
        return (await buyer.complete()).status

    shop_buyer = await shop.ready()
    answers = await asyncio.gather(*(buy(cart) for cart in carts))
    assert sorted(set(answers)) == [201, 409]
    assert (answers.count(201), answers.count(409)) == (50, 150)
    assert await shop.orders() == 50
    assert await shop.on_hand(variant) == 0
