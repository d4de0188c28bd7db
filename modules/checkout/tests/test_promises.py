"""What the checkout promises, each as a whole: any order of events, lost answers, changes while completing, guesses."""

from __future__ import annotations

import asyncio
import itertools
import time
import uuid

import pytest

from feria_checkout.providers import find_provider
from feria_checkout.service import reconciling
from feria_checkout.settings import CheckoutSettings
from feria_core import db
from feria_core.runtime import settings
from feria_core.testing.gateway import Do, On, Rule
from feria_core.testing.work import run_jobs

EVENTS = ("payment_intent.created", "payment_intent.processing", "payment_intent.succeeded", "charge.refunded")


async def test_every_order_of_events_ends_in_the_same_state(shop, gateway):
    ends = set()
    for order in itertools.permutations(EVENTS):
        buyer = await shop.ready()
        intent = await buyer.pay_at_gateway(gateway)
        for kind in order:
            assert (await shop.send_event(intent, kind)).status == 200
            await run_jobs()
        row = await db.fetch_one(
            "SELECT p.state, p.captured, p.refunded, c.state AS checkout, o.payment_status, o.state AS order"
            " FROM checkout_payment p JOIN checkout_checkout c ON c.id = p.checkout_id"
            " JOIN orders_order o ON o.id = p.order_id WHERE c.id = $1",
            uuid.UUID(buyer.id),
        )
        ends.add(tuple(row.values()))
    assert ends == {("captured", 1500, 0, "completed", "paid", "open")}
    assert shop.money() == (24 * 1500, 0)


@pytest.mark.soak
async def test_fifty_captures_whose_answers_are_lost_are_all_ordered(shop, gateway, clock):
    await lose_answers(shop, gateway, clock, count=50)


async def test_captures_whose_answers_are_lost_are_all_ordered(shop, gateway, clock):
    await lose_answers(shop, gateway, clock, count=5)


async def lose_answers(shop, gateway, clock, *, count):
    """Let the gateway charge and drop the connection, again and again; reconcile within ten minutes."""
    for _ in range(count):
        buyer = await shop.ready()
        order = (await buyer.pay("paypal")).json["approve_url"].partition("token=")[2]
        await gateway.paypal.approve(order)
        gateway.behave(Rule(On.CAPTURE, Do.DROP_AFTER_EFFECT, times=3))
        silent = await buyer.complete()
        assert (silent.status, silent.code) in {(503, "payment_pending"), (201, None)}
        find_provider("paypal").breaker._succeed()
        gateway.behaviour.reset()
    clock.move(minutes=6)
    await reconciling.reconcile()
    await run_jobs()
    assert await shop.orders() == count
    assert shop.money() == (count * 1500, 0)


@pytest.mark.soak
async def test_a_gateway_that_is_silent_is_told_within_five_seconds_and_keeps_nothing(
    shop, gateway, clock, monkeypatch
):
    variant = await shop.variant(stock=1)
    buyer = await shop.ready(variant)
    breaker = find_provider("stripe").breaker
    gateway.behave(Rule(On.CREATE, Do.STALL, times=100, seconds=60))
    for _ in range(breaker.failures):
        began = time.perf_counter()
        assert (await buyer.pay("stripe")).status == 503
        assert time.perf_counter() - began < 5
    assert breaker.is_open
    assert await shop.available(variant) == 0
    clock.move(minutes=16)
    assert await reconciling.expire() == 1
    assert await shop.available(variant) == 1
    gateway.behaviour.reset()
    later = await shop.ready(variant)
    assert (await later.pay("stripe")).status == 503
    monkeypatch.setattr(breaker, "_now", lambda: time.monotonic() + breaker.open_s)
    await later.pay_at_gateway(gateway)
    assert not breaker.is_open
    assert (await later.complete()).status == 201
    await run_jobs()
    assert (await shop.orders(), shop.money()) == (1, (1500, 0))


@pytest.mark.parametrize("number", range(10))
async def test_a_change_while_completing_never_charges_another_price(shop, gateway, number):
    product = await shop.product(price=1000)
    buyer = await shop.ready(product["variants"][0]["id"])
    await buyer.pay()
    total = await buyer.total()
    reply, _ = await asyncio.gather(buyer.complete(expected=total), change(shop, buyer, product, number))
    assert (reply.status, reply.code) in {(201, None), (409, "cart_changed"), (409, "out_of_stock")}
    if reply.status == 201:
        assert reply.json["grand_total"] == total
        charged = await db.fetch_value("SELECT amount FROM checkout_payment WHERE state = 'authorized'")
        assert charged == total["amount"]
        assert sum(item["quantity"] for item in reply.json["items"]) == 1
    else:
        assert await shop.orders() == 0


@pytest.mark.parametrize("number", range(10))
async def test_a_change_while_completing_sells_what_a_card_has_paid_or_gives_it_back(shop, gateway, number):
    product = await shop.product(price=1000)
    buyer = await shop.ready(product["variants"][0]["id"])
    await buyer.pay_at_gateway(gateway)
    total = await buyer.total()
    reply, _ = await asyncio.gather(buyer.complete(expected=total), change(shop, buyer, product, number))
    await run_jobs()
    orders, (captured, refunded) = await shop.orders(), shop.money()
    assert (captured, captured - refunded) == (total["amount"], orders * total["amount"])
    if orders:
        assert (reply.status, reply.json["grand_total"]) == (201, total)
        assert [item["quantity"] for item in reply.json["items"]] == [1]
    else:
        assert (reply.status, reply.code) == (409, "out_of_stock")


async def change(shop, buyer, product, number):
    """Change the price, the cart or the stock under a buyer, by turns."""
    variant = product["variants"][0]["id"]
    if number % 3 == 0:
        await shop.staff.patch(f"/api/admin/products/{product['id']}", {"version": product["version"], "name": "Other"})
        await db.execute("UPDATE catalog_variant SET price_amount = 2000 WHERE id = $1", uuid.UUID(variant))
    elif number % 3 == 1:
        await buyer.cart.post("/api/cart/items", {"variant_id": variant, "quantity": 1})
    else:
        await shop.take_stock(variant, left=0)


async def test_guesses_of_checkouts_open_nothing_and_are_limited(shop):
    victim = await shop.ready()
    stranger = shop.client.with_headers(checkout_token="guessed")
    guesses = [victim.path] * 10 + [f"/api/checkouts/{uuid.uuid4()}" for _ in range(20)]
    answers = [(await stranger.get(path)).status for path in guesses]
    assert set(answers) == {404, 429}
    assert answers[29] == 429
    assert answers.index(429) <= 29
    assert (await victim.client.get(victim.path)).status == 200


async def test_a_foreign_and_a_missing_checkout_look_alike_everywhere(shop):
    victim = await shop.ready()
    stranger = shop.client.as_customer()
    for base in (victim.path, f"/api/checkouts/{uuid.uuid4()}"):
        replies = [
            await stranger.get(base),
            await stranger.patch(base, {"note": "mine"}),
            await stranger.get(f"{base}/shipping-methods"),
            await stranger.post(
                f"{base}/payments", {"provider": "manual"}, headers={"Idempotency-Key": str(uuid.uuid4())}
            ),
            await stranger.post(
                f"{base}/complete",
                {"expected_total": {"amount": 1500, "currency": "USD"}},
                headers={"Idempotency-Key": str(uuid.uuid4())},
            ),
        ]
        assert [(reply.status, reply.code) for reply in replies] == [(404, "not_found")] * 5


async def test_without_a_key_nothing_is_completed(shop):
    buyer = await shop.ready()
    await buyer.pay()
    reply = await buyer.client.post(f"{buyer.path}/complete", {"expected_total": await buyer.total()})
    assert (reply.status, reply.code) == (400, "idempotency_key_required")


async def test_a_step_of_another_module_is_asked_kept_and_told_of_the_order(shop, monkeypatch):
    from feria_core.contracts.checkout import CHECKOUT_STEPS
    from feria_core.errors import Invalid
    from feria_core.runtime import registry

    placed = []

    class GiftNote:
        name = "gift_note"

        async def check(self, value, checkout_id):
            if not isinstance(value, str) or len(value) > 100:
                raise Invalid.field("body", "steps", "gift_note", code="too_long", message="At most 100 letters.")
            return value.strip()

        async def missing(self, value, checkout):
            return () if value else ("gift_note",)

        async def placed(self, value, *, checkout_id, order_id):
            placed.append((value, str(checkout_id)))

    known = registry().all
    monkeypatch.setattr(registry(), "all", lambda port: [GiftNote()] if port is CHECKOUT_STEPS else known(port))
    buyer = await shop.ready()
    assert (await buyer.see())["missing"] == ["gift_note", "payment"]
    assert (await buyer.pay()).code == "checkout_incomplete"
    for wrong in ({"gift_note": 5}, {"other": "x"}):
        assert (await buyer.client.patch(buyer.path, {"steps": wrong})).status == 422
    seen = (await buyer.client.patch(buyer.path, {"steps": {"gift_note": " For you "}})).json
    assert (seen["steps"], seen["missing"]) == ({"gift_note": "For you"}, ["payment"])
    await buyer.pay()
    assert (await buyer.complete()).status == 201
    assert placed == [("For you", buyer.id)]


SHORT_CODE = {"name": "Ada", "line1": "1 Main St", "city": "LA", "region": "ca", "postal_code": "1", "country": "US"}


async def test_an_address_that_its_country_refuses_is_refused_by_field(shop, monkeypatch):
    monkeypatch.setitem(settings(CheckoutSettings).__dict__, "address_rules", "refuse")
    buyer = await shop.open(await shop.guest(await shop.variant()))
    reply = await buyer.fill(shipping_address=SHORT_CODE)
    assert (reply.status, reply.code) == (422, "validation_failed")
    assert reply.json["errors"][0]["loc"] == ["body", "shipping_address", "postal_code"]


async def test_unless_a_setting_says_otherwise_such_an_address_is_taken_and_written_as_its_country_does(shop):
    assert CheckoutSettings.model_fields["address_rules"].default == "normalise"
    buyer = await shop.open(await shop.guest(await shop.variant()))
    reply = await buyer.fill(shipping_address=SHORT_CODE)
    assert reply.status == 200, reply.body
    taken = reply.json["shipping_address"]
    assert (taken["region"], taken["postal_code"]) == ("CA", "1")
