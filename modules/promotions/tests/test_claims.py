"""Limits under many buyers at once: exact, given back once, kept by orders."""

from __future__ import annotations

import asyncio
import uuid
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import orjson
import pytest

from feria_core import db
from feria_core.contracts.orders import OrderCancelled
from feria_core.contracts.pricing import PRICE_CLAIMS, Adjustment
from feria_core.errors import Conflict
from feria_core.events import publish
from feria_core.jobs import enqueue
from feria_core.runtime import registry
from feria_core.testing.gateway import sign_stripe
from feria_core.testing.gateway.errors import CardDeclined
from feria_core.testing.work import run_jobs


def claims():
    return registry().all(PRICE_CLAIMS)[0]


async def claim(reference, promotion, customer_id=None):
    async with db.transaction():
        await claims().claim(
            reference, [Adjustment(promotion["id"], "x", {})], cart_id=reference, customer_id=customer_id
        )


async def refused(coroutine):
    try:
        await coroutine
    except Conflict:
        return True
    return False


async def ready(shop, variant, **cart):
    buyer = await shop.guest(variant, **cart)
    await buyer.checkout()
    assert (await buyer.pay()).status == 201
    return buyer


async def in_parallel(buyers, act, *, at_once=12):
    gate = asyncio.Semaphore(at_once)

    async def one(buyer):
        async with gate:
            return await act(buyer)

    return await asyncio.gather(*(one(buyer) for buyer in buyers))


async def all_buy_at_the_limit(shop, buyers, limit):
    """Let so many buyers, who have all been shown the discount, complete at once; exactly `limit` get it."""
    variant = await shop.variant(price=1000)
    promotion = await shop.promotion(value=10, usage_limit=limit)
    # Everybody sees the discount before anybody pays.
    carts = [await shop.guest(variant) for _ in range(buyers)]
    for buyer in carts:
        await buyer.checkout()
    assert len({str(await buyer.total()) for buyer in carts}) == 1
    expected = await carts[0].total()

    async def buy(buyer):
        paid = await buyer.pay()
        return paid if paid.status != 201 else await buyer.complete(expected)

    answers = await in_parallel(carts, buy)
    placed = [reply for reply in answers if reply.status == 201]
    late = [reply for reply in answers if reply.status == 409]
    assert (len(placed), len(late)) == (limit, buyers - limit)
    assert {reply.code for reply in late} == {"cart_changed"}
    assert {reply.json["grand_total"]["amount"] for reply in late} == {expected["amount"] + 100}
    assert await shop.used(promotion) == (limit, limit)
    again = carts[answers.index(late[0])]
    assert (await again.pay()).status == 201
    assert (await again.complete()).json["discount_total"]["amount"] == 0
    assert await shop.used(promotion) == (limit, limit)
    await shop.staff.patch(f"/api/admin/promotions/{promotion['id']}", {"active": False})


@pytest.mark.parametrize(("buyers", "limit", "rounds"), [(30, 3, 1), pytest.param(100, 10, 10, marks=pytest.mark.soak)])
async def test_exactly_as_many_orders_as_the_limit_are_discounted_and_the_others_are_told_the_present_total(
    shop, buyers, limit, rounds
):
    for _ in range(rounds):
        await all_buy_at_the_limit(shop, buyers, limit)


@pytest.mark.parametrize("checkouts", [6, pytest.param(30, marks=pytest.mark.soak)])
async def test_one_customer_who_completes_many_times_at_once_gets_a_discount_of_one_each_once(shop, checkouts):
    variant, customer = await shop.variant(price=1000), uuid.uuid4()
    promotion = await shop.promotion(usage_limit_per_customer=1)
    tabs = [await shop.customer(variant, known=customer) for _ in range(checkouts)]
    for tab in tabs:
        await tab.checkout()

    async def buy(tab):
        await tab.pay()
        return await tab.complete()

    answers = await in_parallel(tabs, buy)
    numbers = {reply.json["number"] for reply in answers if reply.status == 201}
    assert len(numbers) == 1
    assert {reply.status for reply in answers} <= {201, 404, 409}
    assert await counted_once(promotion)


@pytest.mark.soak
async def test_of_thirty_carts_of_one_customer_one_is_discounted(shop, money):
    variant, customer = await shop.variant(price=1000), uuid.uuid4()
    promotion = await shop.promotion(usage_limit_per_customer=1)
    discounts = []
    for _ in range(30):
        buyer = await shop.customer(variant, known=customer)
        await buyer.checkout()
        assert (await buyer.pay()).status == 201
        discounts.append((await buyer.complete()).json["discount_total"])
    assert discounts == [money(100), *[money(0)] * 29]
    assert await counted_once(promotion)


async def counted_once(promotion):
    rows = await db.fetch_all(
        "SELECT used FROM promotions_customer_use WHERE target_id = $1", uuid.UUID(promotion["id"])
    )
    return [row["used"] for row in rows] == [1]


async def test_thirty_checkouts_of_one_customer_at_a_limit_of_one_each_give_one(shop):
    promotion = await shop.promotion(usage_limit_per_customer=1)
    customer = uuid.uuid4()
    lost = await asyncio.gather(*(refused(claim(uuid.uuid4(), promotion, customer)) for _ in range(30)))
    assert lost.count(False) == 1
    assert not await refused(claim(uuid.uuid4(), promotion, uuid.uuid4()))


async def test_a_second_order_of_the_same_customer_pays_the_normal_price(shop, money):
    variant, customer = await shop.variant(price=1000), uuid.uuid4()
    await shop.promotion(value=10, usage_limit_per_customer=1)
    first = await shop.customer(variant, known=customer)
    await first.checkout()
    await first.pay()
    assert (await first.see())["total"] == money(900)
    assert (await first.complete()).json["discount_total"] == money(100)
    second = await shop.customer(variant, known=customer)
    assert (await second.see())["total"] == money(1000)


async def test_claims_are_idempotent_and_given_back_once(shop):
    promotion, reference = await shop.promotion(usage_limit=3), uuid.uuid4()
    for _ in range(3):
        await claim(reference, promotion)
    assert await shop.used(promotion) == (1, 1)

    async def give_back():
        async with db.transaction():
            await claims().release(reference)

    await asyncio.gather(*(give_back() for _ in range(5)))
    assert await shop.used(promotion) == (0, 0)
    async with db.transaction():
        assert await claims().renew(reference)
    assert await shop.used(promotion) == (1, 1)


async def test_what_was_given_back_and_used_by_others_is_not_renewed(shop):
    promotion, reference = await shop.promotion(usage_limit=1), uuid.uuid4()
    await claim(reference, promotion)
    async with db.transaction():
        await claims().release(reference)
    await claim(uuid.uuid4(), promotion)
    async with db.transaction():
        assert not await claims().renew(reference)
    assert await shop.used(promotion) == (1, 1)


async def test_a_limit_set_later_counts_what_was_used_before(shop):
    promotion = await shop.promotion()
    for _ in range(2):
        await claim(uuid.uuid4(), promotion)
    await shop.staff.patch(f"/api/admin/promotions/{promotion['id']}", {"usage_limit": 3})
    assert await shop.used(promotion) == (2, 2)
    lost = await asyncio.gather(*(refused(claim(uuid.uuid4(), promotion)) for _ in range(4)))
    assert lost.count(False) == 1


async def test_a_cancelled_order_gives_back_once(shop):
    promotion, variant = await shop.promotion(usage_limit=5), await shop.variant()
    buyer = await ready(shop, variant)
    number = (await buyer.complete()).json["number"]
    assert await shop.used(promotion) == (1, 1)
    order_id = await db.fetch_value("SELECT id FROM orders_order WHERE number = $1", number)
    for _ in range(2):
        async with db.transaction():
            await publish(OrderCancelled(order_id, number))
        await run_jobs(rounds=20)
    assert await shop.used(promotion) == (0, 0)


async def test_a_declined_payment_gives_the_code_back_once_and_a_paid_one_takes_it_again(shop, gateway, money):
    variant = await shop.variant(price=1000)
    promotion = await shop.promotion(codes=("ONCE",), usage_limit=1)
    buyer = await shop.guest(variant)
    await buyer.give("ONCE")
    await buyer.checkout()
    opened = await buyer.pay("stripe")
    assert opened.status == 201, opened.body
    assert await shop.used(promotion) == (1, 1)
    intent = opened.json["client_secret"].split("_secret_")[0]
    with suppress(CardDeclined):
        await gateway.pay(intent, payment_method="pm_card_chargeDeclined")
    assert (await buyer.complete()).status == 402
    # The provider sends the same event twice at once, and once more as another one.
    failed = f"evt_{uuid.uuid4().hex}"
    await asyncio.gather(*(_event(shop, gateway, intent, "payment_intent.payment_failed", failed) for _ in range(2)))
    await run_jobs(rounds=20)
    await _event(shop, gateway, intent, "payment_intent.payment_failed", f"evt_{uuid.uuid4().hex}")
    await run_jobs(rounds=20)
    assert await shop.used(promotion) == (0, 0)
    await gateway.pay(intent, payment_method="pm_card_visa")
    done = await buyer.complete()
    assert done.status == 201, done.body
    assert done.json["discount_total"] == money(100)
    assert await shop.used(promotion) == (1, 1)


async def test_a_checkout_that_expires_gives_back(shop):
    promotion, variant = await shop.promotion(usage_limit=1), await shop.variant()
    await ready(shop, variant)
    assert await shop.used(promotion) == (1, 1)
    await db.execute("UPDATE checkout_checkout SET expires_at = now() - interval '1 hour'")
    async with db.transaction():
        await enqueue("checkout.expire")
    await run_jobs(rounds=20)
    assert await shop.used(promotion) == (0, 0)


async def test_free_shipping_reaches_totals_tax_and_order(shop, money):
    variant = await shop.variant(price=1000)
    await shop.promotion(name="Free shipping", kind="free_shipping", value=None)
    buyer = await ready(shop, variant)
    seen = await buyer.paying.get(buyer.path)
    assert (seen.json["shipping_total"], seen.json["shipping_discount_total"]) == (money(0), money(500))
    assert (await buyer.complete()).json["grand_total"] == money(1000)


@pytest.mark.parametrize(("buyers", "cap"), [(24, 10), pytest.param(120, 50, marks=pytest.mark.soak)])
async def test_past_the_cap_of_a_flash_sale_the_price_is_the_normal_one(shop, money, buyers, cap):
    variant = await shop.variant(price=1000)
    now = datetime.now(UTC)
    body = {
        "name": "Friday", "starts_at": (now - timedelta(hours=1)).isoformat(),
        "ends_at": (now + timedelta(hours=1)).isoformat(),
        "items": [{"variant_id": variant, "price": money(500), "cap": cap}],
    }  # fmt: skip
    sale = await shop.staff.post("/api/admin/promotions/flash-sales", body)
    assert sale.status == 201, sale.body
    carts = [await shop.guest(variant) for _ in range(buyers)]
    for buyer in carts:
        await buyer.checkout()
    expected = await carts[0].total()
    assert expected == money(1000)  # 500 and the shipping

    async def buy(buyer):
        paid = await buyer.pay()
        return paid if paid.status != 201 else await buyer.complete(expected)

    answers = await in_parallel(carts, buy)
    assert [reply.status for reply in answers].count(201) == cap
    late = [reply for reply in answers if reply.status != 201]
    assert {(reply.status, reply.code) for reply in late} == {(409, "cart_changed")}
    assert {reply.json["grand_total"]["amount"] for reply in late} == {1500}
    shown = (await shop.staff.get(f"/api/admin/promotions/flash-sales/{sale.json['id']}")).json
    assert shown["items"][0]["sold"] == cap
    last = carts[answers.index(late[0])]
    await last.pay()
    assert (await last.complete()).json["grand_total"] == money(1500)


async def _event(shop, gateway, intent, kind, event_id):
    body = orjson.dumps({"id": event_id, "type": kind, "data": {"object": {"id": intent}}})
    reply = await shop.client.call(
        "POST", "/api/payments/stripe/webhook", data=body,
        headers={"Stripe-Signature": sign_stripe(body, gateway.webhook_secret)},
    )  # fmt: skip
    assert reply.status == 200, reply.body
